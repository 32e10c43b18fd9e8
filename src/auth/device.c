#include "auth/device.h"

#include <string.h>

#include "auth/cookie.h"
#include "auth/digest.h"
#include "base/crypto.h"

/* An entry is base64url of its signed bytes and the first half of their HMAC. The signed bytes are the user's
 * id in network order and the nonce. Entries are joined by dots. */
enum {
  ID_BYTES = 4,
  SIGNED_BYTES = ID_BYTES + UA_DEVICE_NONCE_BYTES,
  MAC_BYTES = UA_SHA256_BYTES / 2,
  ENTRY_BYTES = SIGNED_BYTES + MAC_BYTES,
  ENTRY_CHARACTERS = UA_BASE64URL_LENGTH(ENTRY_BYTES),
  MOST_PARTS = 64, /* that are read */
  YEAR_SECONDS = 365 * 24 * 60 * 60
};

typedef struct entry {
  unsigned char bytes[ENTRY_BYTES];
  bool holds;
} entry;

static ua_text text_of(const unsigned char *bytes, size_t length)
{
  return (ua_text){(const char *)bytes, length};
}

static bool derive(const char *secret, unsigned char key_r[UA_SHA256_BYTES])
{
  return ua_auth_digest_key(secret, UA_TEXT(UA_DEVICE_COOKIE), key_r);
}

static bool sign(const unsigned char key[UA_SHA256_BYTES], const unsigned char *bytes,
                 unsigned char mac_r[UA_SHA256_BYTES])
{
  return ua_crypto_hmac_sha256(text_of(key, UA_SHA256_BYTES), text_of(bytes, SIGNED_BYTES), mac_r);
}

/* --- reading --- */

/* Decodes whatever has the form of an entry, and returns how many those are. */
static size_t decode(ua_text cookie, entry entries[MOST_PARTS])
{
  size_t count = 0;
  ua_text part;
  while (count < MOST_PARTS && ua_text_split(&cookie, UA_DEVICE_SEPARATOR, &part)) {
    entries[count].holds = false;
    count += ua_crypto_base64url_decode(part, entries[count].bytes, ENTRY_BYTES);
  }
  return count;
}

/* Marks the entries that this secret signed. Returns how many are still without a signature. */
static size_t check(const char *secret, entry *entries, size_t count)
{
  unsigned char key[UA_SHA256_BYTES];
  unsigned char mac[UA_SHA256_BYTES];
  size_t left = 0;
  bool derived = derive(secret, key);
  for (size_t i = 0; i < count; i++) {
    entry *one = &entries[i];
    one->holds = one->holds ||
                 (derived && sign(key, one->bytes, mac) &&
                  ua_crypto_equal(text_of(mac, MAC_BYTES), text_of(one->bytes + SIGNED_BYTES, MAC_BYTES)));
    left += !one->holds;
  }
  explicit_bzero(key, sizeof key);
  explicit_bzero(mac, sizeof mac);
  return left;
}

static void take(ua_devices *devices, const unsigned char *bytes)
{
  uint32_t id = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  if (id == 0 || id > INT32_MAX || devices->count == UA_MAX_DEVICES_READ ||
      ua_auth_devices_find(devices, (int32_t)id) != NULL) {
    return;
  }
  ua_device *device = &devices->list[devices->count++];
  device->user_id = (int32_t)id;
  memcpy(device->nonce, bytes + ID_BYTES, UA_DEVICE_NONCE_BYTES);
}

void ua_auth_devices_read(const ua_token_secrets *secrets, ua_text cookie, ua_devices *devices_r)
{
  entry entries[MOST_PARTS];
  size_t count = decode(cookie, entries);
  size_t left = count;
  for (size_t i = 0; i < secrets->count && left > 0; i++) {
    left = check(secrets->secret[i], entries, count);
  }
  *devices_r = (ua_devices){.count = 0};
  for (size_t i = 0; i < count; i++) {
    if (entries[i].holds) {
      take(devices_r, entries[i].bytes);
    }
  }
}

const ua_device *ua_auth_devices_find(const ua_devices *devices, int32_t user_id)
{
  for (size_t i = 0; i < devices->count; i++) {
    if (devices->list[i].user_id == user_id) {
      return &devices->list[i];
    }
  }
  return NULL;
}

/* --- writing --- */

bool ua_auth_devices_remember(ua_devices *devices, int32_t user_id)
{
  ua_device device = {.user_id = user_id};
  const ua_device *known = ua_auth_devices_find(devices, user_id);
  size_t newer; /* entries before it, which move back */
  if (known != NULL) {
    device = *known;
    newer = (size_t)(known - devices->list);
  } else if (ua_crypto_random(device.nonce, sizeof device.nonce)) {
    devices->count += devices->count < UA_MAX_DEVICES_READ;
    newer = devices->count - 1;
  } else {
    return false;
  }
  memmove(&devices->list[1], &devices->list[0], newer * sizeof device);
  devices->list[0] = device;
  devices->count = devices->count < UA_MAX_DEVICES ? devices->count : UA_MAX_DEVICES;
  return true;
}

static bool encode(const unsigned char key[UA_SHA256_BYTES], const ua_device *device, char *out)
{
  unsigned char bytes[SIGNED_BYTES + UA_SHA256_BYTES]; /* an entry takes the first ENTRY_BYTES */
  uint32_t id = (uint32_t)device->user_id;
  for (size_t i = 0; i < ID_BYTES; i++) {
    bytes[i] = (unsigned char)(id >> (24 - 8 * i) & 255);
  }
  memcpy(bytes + ID_BYTES, device->nonce, UA_DEVICE_NONCE_BYTES);
  if (!sign(key, bytes, bytes + SIGNED_BYTES)) {
    return false;
  }
  ua_crypto_base64url_encode(bytes, ENTRY_BYTES, out);
  return true;
}

ua_text ua_auth_devices_cookie(const ua_token_secrets *secrets, ua_arena *arena, const ua_devices *devices,
                               int64_t now, bool secure)
{
  char value[UA_MAX_DEVICES * (ENTRY_CHARACTERS + 1)];
  unsigned char key[UA_SHA256_BYTES];
  size_t length = 0;
  if (secrets->count == 0 || !derive(secrets->secret[0], key)) {
    return UA_TEXT_ABSENT;
  }
  bool made = true;
  for (size_t i = 0; i < devices->count && i < UA_MAX_DEVICES && made; i++) {
    made = encode(key, &devices->list[i], value + length);
    length += ENTRY_CHARACTERS;
    value[length++] = UA_DEVICE_SEPARATOR;
  }
  explicit_bzero(key, sizeof key);
  if (!made) {
    return UA_TEXT_ABSENT;
  }
  ua_text entries = {value, length > 0 ? length - 1 : 0};
  return ua_auth_cookie(arena, UA_DEVICE_COOKIE, entries, now + YEAR_SECONDS, secure);
}
