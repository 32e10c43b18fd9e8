/* The stream of name-value pairs (FastCGI specification section 3.4), decoded as it arrives. Pure. */
#ifndef UA_FASTCGI_PARAMS_H
#define UA_FASTCGI_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "fastcgi/buffer.h"
#include "http/input.h"

/* Decoded so far. Zeroed is empty. */
typedef struct ua_params {
  ua_buffer text;        /* "NAME=value", each with a NUL behind it */
  size_t count;          /* pairs that have begun */
  size_t bytes;          /* of them all, as limits.h counts */
  unsigned char head[8]; /* the lengths of the next pair, as far as they have arrived */
  size_t head_length;
  size_t name_left; /* bytes of the current pair that are still to come */
  size_t value_left;
  bool in_name;
  bool in_value;
  bool damaged; /* a NUL, or "=" in a name: readers would disagree about it */
} ua_params;

typedef enum ua_params_outcome {
  UA_PARAMS_OK = 1,
  UA_PARAMS_TOO_LARGE, /* beyond UA_MAX_PARAMS or UA_MAX_PARAM_BYTES by the announced lengths: no memory
                          was taken for it */
  UA_PARAMS_NO_MEMORY
} ua_params_outcome;

/* Takes the next bytes of the stream, in whatever pieces they come. */
UA_CHECK ua_params_outcome ua_fastcgi_params_add(ua_params *params, const unsigned char *bytes,
                                                 size_t length);

/* Whether the stream may end here: no pair is incomplete. */
bool ua_fastcgi_params_is_complete(const ua_params *params);

/* The value of the first pair of that name, as GET_VALUES of section 4.1 asks for them. */
bool ua_fastcgi_params_has(const ua_params *params, const char *name);

/* Adds views of all pairs to `input`, whose array has room for `count` of them, or marks it as damaged. They
 * live until the reset. */
void ua_fastcgi_params_collect(const ua_params *params, ua_input *input);

/* Wipes it and makes it empty. */
void ua_fastcgi_params_reset(ua_params *params);

#endif
