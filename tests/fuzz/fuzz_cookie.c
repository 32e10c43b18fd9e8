/* A cookie's value is inside the header that contains it. */
#include <stdint.h>
#include <stdlib.h>

#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const ua_text cookie = {(const char *)data, size};
  ua_param param = {UA_TEXT("HTTP_COOKIE"), cookie};
  const ua_input input = {.params = &param, .param_count = 1};
  const ua_request request = {.input = &input};
  ua_text value = ua_http_request_cookie(&request, "user-api-credentials");
  if (value.data == NULL) {
    return 0;
  }
  const char *header = cookie.data;
  if (value.data < header || value.data + value.length > header + size) {
    abort();
  }
  return 0;
}
