/* Where a request comes from: what hashing and the counting of failed logins need to know. */
#ifndef UA_SERVICE_ASKER_H
#define UA_SERVICE_ASKER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/device.h"
#include "base/address.h"

/* A zeroed asker is a program that embeds the library: it cannot wait and has no address. */
typedef struct ua_asker {
  uint64_t request; /* ua_input.id; 0: it cannot wait, and hashing blocks */
  bool last_try;    /* it has no place to wait */
  ua_address address;
  ua_devices devices; /* of a login: what the browser's cookie says */
} ua_asker;

#endif
