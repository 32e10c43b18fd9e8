/* A message that a worker or the hasher accepts is written as the same bytes, and its fields keep their
 * bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "process/hash_messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size, bool is_workers)
{
  unsigned char bytes[UA_HASH_MESSAGE_BYTES];
  ua_hash_message message;
  if (!ua_process_hash_messages_read(data, size, is_workers, &message)) {
    return;
  }
  if (ua_process_hash_messages_write(&message, bytes) != size || memcmp(bytes, data, size) != 0 ||
      (message.kind <= UA_HASH_DROP) != is_workers) {
    abort();
  }
  if (message.kind == UA_HASH_GO &&
      (message.job.cost > UA_MAX_BCRYPT_COST || message.job.limit > UA_MAX_BCRYPT_COST ||
       message.job.password.length > UA_MAX_TRIED_PASSWORD_BYTES + 1)) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  check(data, size, true);
  check(data, size, false);
  return 0;
}
