/* The input is NAME=VALUE lines. The path of an accepted request begins with a slash. */
#include <stdint.h>
#include <stdlib.h>

#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static ua_param params[UA_MAX_PARAMS];
  ua_input input = {.role = UA_ROLE_RESPONDER, .params = params, .body = UA_TEXT("")};
  ua_text rest = {(const char *)data, size};
  ua_text pair;
  while (ua_text_split(&rest, '\n', &pair) && ua_http_input_add(&input, pair)) {
    if (input.param_count > UA_MAX_PARAMS || input.param_bytes > UA_MAX_PARAM_BYTES) {
      abort();
    }
  }
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return 0;
  }
  ua_request request;
  ua_status status = ua_http_request_parse(arena, &input, &request);
  if (request.request_id.length == 0 || request.request_id.length > UA_MAX_REQUEST_ID_BYTES) {
    abort();
  }
  if (status == UA_OK && request.raw_path.data[0] != '/') {
    abort();
  }
  if (status == UA_OK && ua_http_request_is_json(&request)) {
    (void)ua_http_request_cookie(&request, "a");
  }
  ua_arena_destroy(&arena);
  return 0;
}
