/* A payload names a user or a token only in the form in which the triggers write it. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/watch_notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char written[2 * UA_TOKEN_DIGEST_BYTES + 3] = "";
  ua_text payload = {(const char *)data, size};
  ua_watch_notice notice = ua_store_watch_notice_read(payload);
  if (notice.kind == UA_WATCH_NOTICE_USER) {
    (void)snprintf(written, sizeof written, "u %" PRId32, notice.user_id);
  } else if (notice.kind == UA_WATCH_NOTICE_TOKEN) {
    memcpy(written, "t ", 2);
    ua_text_hex(notice.digest, sizeof notice.digest, written + 2);
  }
  if (notice.kind != UA_WATCH_NOTICE_ALL && !ua_text_equal_nocase(payload, ua_text_of(written))) {
    abort();
  }
  return 0;
}
