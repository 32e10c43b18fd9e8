/* The cookie of a browser that has logged in. Failed logins of that browser are counted separately, so that
 * failures of other clients cannot lock its users out. It lists who logged in there, and never replaces a
 * login. Pure, except for new nonces. */
#ifndef UA_AUTH_DEVICE_H
#define UA_AUTH_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

#define UA_DEVICE_COOKIE "user-api-device"

enum {
  UA_MAX_DEVICES = 4, /* that a cookie holds */
  UA_MAX_DEVICES_READ = 16,
  UA_DEVICE_NONCE_BYTES = 16,
  UA_DEVICE_SEPARATOR = '.'
};

/* That a user has logged in with this browser. The nonce distinguishes the user's browsers. */
typedef struct ua_device {
  int32_t user_id;
  unsigned char nonce[UA_DEVICE_NONCE_BYTES];
} ua_device;

/* One entry a user, the latest login first. */
typedef struct ua_devices {
  ua_device list[UA_MAX_DEVICES_READ];
  size_t count;
} ua_devices;

/* Reads the entries of a cookie's value, or of several values joined by UA_DEVICE_SEPARATOR; the value may be
 * absent. An entry counts if one of the secrets signed it, and if it is the first of its user. All else is
 * ignored, and cannot hide our entries: more is read than a cookie holds. */
void ua_auth_devices_read(const ua_token_secrets *secrets, ua_text cookie, ua_devices *devices_r);

/* The user's entry; NULL if there is none. */
const ua_device *ua_auth_devices_find(const ua_devices *devices, int32_t user_id);

/* Puts the user's entry first, with the nonce it has or a new one, and keeps at most UA_MAX_DEVICES. False,
 * and nothing is changed, when there are no random bytes. */
UA_CHECK bool ua_auth_devices_remember(ua_devices *devices, int32_t user_id);

/* The Set-Cookie value that carries the entries, signed with the first secret, for a year from `now`
 * (seconds, UTC). Absent when memory is exhausted or OpenSSL fails. */
ua_text ua_auth_devices_cookie(const ua_token_secrets *secrets, ua_arena *arena, const ua_devices *devices,
                               int64_t now, bool secure);

#endif
