#include "http/input.h"

#include "base/limits.h"

#define SINGLE(name) [UA_SINGLE_##name] = {#name, sizeof #name - 1}

static const ua_text single_names[UA_SINGLE_COUNT] = {
    SINGLE(REQUEST_METHOD),
    SINGLE(REQUEST_URI),
    SINGLE(SCRIPT_NAME),
    SINGLE(PATH_INFO),
    SINGLE(CONTENT_LENGTH),
    SINGLE(HTTPS),
    SINGLE(REQUEST_SCHEME),
    SINGLE(QUERY_STRING),
    SINGLE(CONTENT_TYPE),
    SINGLE(HTTP_AUTHORIZATION),
    SINGLE(REMOTE_ADDR),
    SINGLE(USER_API_REQUIRE_ROLES),
    SINGLE(USER_API_REQUIRE_CUSTOMER),
};

static void note_single(ua_input *input, const ua_param *param)
{
  size_t which = 0;
  while (which < UA_SINGLE_COUNT && !ua_text_equal(single_names[which], param->name)) {
    which++;
  }
  if (which == UA_SINGLE_COUNT) {
    return;
  }
  input->repeated = input->repeated || input->seen[which];
  input->single[which] = input->seen[which] ? UA_TEXT_ABSENT : param->value;
  input->seen[which] = true;
}

bool ua_http_input_add(ua_input *input, ua_text pair)
{
  if (input->param_count == UA_MAX_PARAMS || pair.length > UA_MAX_PARAM_BYTES - input->param_bytes) {
    input->params_too_large = true;
    return false;
  }
  input->param_bytes += pair.length;
  ua_param *param = &input->params[input->param_count++];
  *param = (ua_param){.name = UA_TEXT("")};
  (void)ua_text_split(&pair, '=', &param->name);
  param->value = pair.data == NULL ? UA_TEXT("") : pair;
  note_single(input, param);
  return true;
}

bool ua_http_input_length(const ua_input *input, bool *known_r, uint64_t *length_r)
{
  ua_text announced = input->single[UA_SINGLE_CONTENT_LENGTH];
  *known_r = announced.length > 0;
  *length_r = 0;
  return !*known_r || ua_text_to_uint(announced, INT64_MAX, length_r);
}
