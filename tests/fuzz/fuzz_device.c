/* A signed entry counts, whatever bytes follow it. Valid entries can be written and read back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/device.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const list[] = {"a secret of more than thirty-two bytes",
                                   "the first secret of thirty-two bytes"};
static const ua_token_secrets secrets = {list, 2};

static ua_text value_of(ua_arena *arena, const ua_devices *devices)
{
  ua_text line = ua_auth_devices_cookie(&secrets, arena, devices, 0, false);
  ua_text value;
  if (line.data == NULL || !ua_text_split(&line, ';', &value)) {
    abort();
  }
  size_t name = strlen(UA_DEVICE_COOKIE "=");
  return (ua_text){value.data + name, value.length - name};
}

static void check_again(ua_arena *arena, const ua_devices *devices)
{
  ua_devices again;
  ua_auth_devices_read(&secrets, value_of(arena, devices), &again);
  size_t written = devices->count < UA_MAX_DEVICES ? devices->count : UA_MAX_DEVICES;
  if (devices->count > UA_MAX_DEVICES_READ || again.count != written) {
    abort();
  }
  for (size_t i = 0; i < again.count; i++) {
    const ua_device *device = &devices->list[i];
    if (device->user_id < 1 || ua_auth_devices_find(devices, device->user_id) != device ||
        again.list[i].user_id != device->user_id ||
        memcmp(again.list[i].nonce, device->nonce, UA_DEVICE_NONCE_BYTES) != 0) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const ua_devices known = {.list = {{.user_id = INT32_MAX, .nonce = "fifteen letters"}}, .count = 1};
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  ua_text input = {(const char *)data, size};
  ua_devices devices;
  if (arena == NULL || size > UA_ARENA_BLOCK) {
    ua_arena_destroy(&arena);
    return 0;
  }
  ua_auth_devices_read(&secrets, input, &devices);
  check_again(arena, &devices);
  ua_text value = value_of(arena, &known);
  char *joined = ua_arena_alloc(arena, value.length + 1 + size);
  if (joined != NULL) {
    memcpy(joined, value.data, value.length);
    joined[value.length] = '.';
    memcpy(joined + value.length + 1, data, size);
    ua_auth_devices_read(&secrets, (ua_text){joined, value.length + 1 + size}, &devices);
    if (devices.count < 1 || devices.list[0].user_id != INT32_MAX) {
      abort();
    }
    check_again(arena, &devices);
  }
  ua_arena_destroy(&arena);
  return 0;
}
