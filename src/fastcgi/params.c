#include "fastcgi/params.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"

enum { LONG_LENGTH = 0x80, LONG_BYTES = 4 };

static size_t bytes_of_length(unsigned char first)
{
  return (first & LONG_LENGTH) != 0 ? LONG_BYTES : 1;
}

static size_t read_length(const unsigned char *at)
{
  if (bytes_of_length(at[0]) == 1) {
    return at[0];
  }
  return (size_t)(at[0] & ~LONG_LENGTH) << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* Both lengths have arrived. */
static bool head_is_whole(const ua_params *params)
{
  if (params->head_length < 2) {
    return false;
  }
  size_t first = bytes_of_length(params->head[0]);
  return params->head_length > first && params->head_length == first + bytes_of_length(params->head[first]);
}

/* Each length is below 2 GiB, so the sum does not wrap, also if size_t has 32 bits. */
static ua_params_outcome begin_pair(ua_params *params)
{
  size_t name = read_length(params->head);
  size_t value = read_length(params->head + bytes_of_length(params->head[0]));
  params->head_length = 0;
  if (params->count == UA_MAX_PARAMS || name + 1 + value > UA_MAX_PARAM_BYTES - params->bytes) {
    return UA_PARAMS_TOO_LARGE;
  }
  params->count++;
  params->bytes += name + 1 + value;
  params->name_left = name;
  params->value_left = value;
  params->in_name = true;
  return UA_PARAMS_OK;
}

/* Takes up to *left bytes, of which none may be `forbidden` or NUL. */
static bool take(ua_params *params, const unsigned char **bytes, size_t *length, size_t *left, char forbidden)
{
  size_t taken = *length < *left ? *length : *left;
  if (taken > 0 && (memchr(*bytes, '\0', taken) != NULL || memchr(*bytes, forbidden, taken) != NULL)) {
    params->damaged = true;
  }
  bool kept = ua_fastcgi_buffer_append(&params->text, *bytes, taken);
  *bytes += taken;
  *length -= taken;
  *left -= taken;
  return kept;
}

/* Takes name and value as far as they have arrived. */
static bool take_pair(ua_params *params, const unsigned char **bytes, size_t *length)
{
  bool kept = true;
  if (params->in_name) {
    kept = take(params, bytes, length, &params->name_left, '=');
    if (kept && params->name_left == 0) {
      params->in_name = false;
      params->in_value = true;
      kept = ua_fastcgi_buffer_append(&params->text, "=", 1);
    }
  }
  if (kept && params->in_value) {
    kept = take(params, bytes, length, &params->value_left, '\0');
    if (kept && params->value_left == 0) {
      params->in_value = false;
      kept = ua_fastcgi_buffer_append(&params->text, "", 1);
    }
  }
  return kept;
}

ua_params_outcome ua_fastcgi_params_add(ua_params *params, const unsigned char *bytes, size_t length)
{
  while (length > 0) {
    if (!params->in_name && !params->in_value) {
      params->head[params->head_length++] = *bytes++;
      length--;
      if (!head_is_whole(params)) {
        continue;
      }
      ua_params_outcome outcome = begin_pair(params);
      if (outcome != UA_PARAMS_OK) {
        return outcome;
      }
    }
    /* Also if no byte follows: both may be empty. */
    if (!take_pair(params, &bytes, &length)) {
      return UA_PARAMS_NO_MEMORY;
    }
  }
  return UA_PARAMS_OK;
}

bool ua_fastcgi_params_is_complete(const ua_params *params)
{
  return params->head_length == 0 && !params->in_name && !params->in_value;
}

/* Takes the next "NAME=value" off the text, from *at on; false at its end. */
static bool next_pair(const ua_params *params, size_t *at, ua_text *pair_r)
{
  if (*at >= params->text.length) {
    return false;
  }
  const char *from = params->text.data + *at;
  const char *end = memchr(from, '\0', params->text.length - *at);
  if (end == NULL) {
    return false;
  }
  *pair_r = (ua_text){from, (size_t)(end - from)};
  *at += pair_r->length + 1;
  return true;
}

bool ua_fastcgi_params_has(const ua_params *params, const char *name)
{
  ua_text pair;
  for (size_t at = 0; next_pair(params, &at, &pair);) {
    ua_text key;
    if (ua_text_split(&pair, '=', &key) && ua_text_equal(key, ua_text_of(name))) {
      return true;
    }
  }
  return false;
}

void ua_fastcgi_params_collect(const ua_params *params, ua_input *input)
{
  ua_text pair;
  input->params_damaged = params->damaged;
  for (size_t at = 0; !params->damaged && next_pair(params, &at, &pair) && ua_http_input_add(input, pair);) {
  }
}

void ua_fastcgi_params_reset(ua_params *params)
{
  ua_buffer text = params->text;
  ua_fastcgi_buffer_reset(&text);
  *params = (ua_params){.text = text};
}
