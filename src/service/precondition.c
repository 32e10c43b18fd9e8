#include "service/precondition.h"

#include <string.h>

#include "base/crypto.h"

/* The text to digest while it is written, or while only its length is measured. */
typedef struct digested {
  char *out; /* NULL: nothing is written */
  size_t length;
} digested;

static void add(digested *to, ua_text text)
{
  if (to->out != NULL && text.length > 0) {
    memcpy(to->out + to->length, text.data, text.length);
  }
  to->length += text.length;
}

static void add_integer(digested *to, int64_t value)
{
  char digits[UA_DECIMAL_BYTES];
  add(to, ua_text_of_integer(value, digits));
  add(to, UA_TEXT(" "));
}

/* With its length, so that two different users are never written alike. */
static void add_text(digested *to, ua_text text)
{
  add_integer(to, (int64_t)text.length);
  add(to, text);
}

static void add_user(digested *to, const ua_user *user)
{
  add_integer(to, user->id);
  add_integer(to, user->customer_id);
  add_integer(to, user->active);
  add_text(to, user->email);
  add_text(to, user->name);
  for (size_t i = 0; i < user->role_count; i++) {
    add_integer(to, user->roles[i].id);
    add_text(to, user->roles[i].code);
    add_text(to, user->roles[i].name);
  }
}

ua_status ua_service_precondition_tag(ua_arena *arena, const ua_user *user, char tag_r[UA_USER_TAG_BYTES])
{
  enum { DIGEST_BYTES = (UA_USER_TAG_BYTES - 3) / 2 };
  unsigned char digest[UA_SHA256_BYTES];
  digested whole = {.out = NULL};
  add_user(&whole, user);
  whole.out = ua_arena_alloc(arena, whole.length);
  whole.length = 0;
  if (whole.out == NULL) {
    return UA_INTERNAL;
  }
  add_user(&whole, user);
  if (!ua_crypto_sha256((ua_text){whole.out, whole.length}, digest)) {
    return UA_INTERNAL;
  }
  tag_r[0] = '"';
  ua_text_hex(digest, DIGEST_BYTES, tag_r + 1);
  memcpy(tag_r + 1 + 2 * DIGEST_BYTES, "\"", 2);
  return UA_OK;
}

ua_status ua_service_precondition_check(ua_arena *arena, const ua_precondition *precondition,
                                        const ua_user *user)
{
  char tag[UA_USER_TAG_BYTES];
  if (precondition == NULL || precondition->names == NULL) {
    return UA_OK;
  }
  ua_status status = ua_service_precondition_tag(arena, user, tag);
  if (status != UA_OK) {
    return status;
  }
  return precondition->names(precondition->context, ua_text_of(tag)) ? UA_OK : UA_PRECONDITION_FAILED;
}
