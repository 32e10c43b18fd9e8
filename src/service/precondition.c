#include "service/precondition.h"

#include <string.h>

#include "base/crypto.h"

/* Goes on from the digest so far. */
static bool add(ua_text text, unsigned char digest[UA_SHA256_BYTES])
{
  return text.data != NULL && ua_crypto_sha256(text, digest);
}

/* Texts come with their lengths, so that no two users are written alike. */
ua_status ua_service_precondition_tag(ua_arena *arena, const ua_user *user, char tag_r[UA_USER_TAG_BYTES])
{
  enum { DIGEST_BYTES = (UA_USER_TAG_BYTES - 3) / 2 };
  unsigned char digest[UA_SHA256_BYTES];
  char so_far[2 * UA_SHA256_BYTES + 1];
  bool well = add(ua_arena_printf(arena, "%d %d %d %zu:%.*s %zu:%.*s", (int)user->id, (int)user->customer_id,
                                  user->active, user->email.length, UA_TEXT_ARGS(user->email),
                                  user->name.length, UA_TEXT_ARGS(user->name)),
                  digest);
  for (size_t i = 0; well && i < user->role_count; i++) {
    const ua_role *role = &user->roles[i];
    ua_text_hex(digest, sizeof digest, so_far);
    well = add(ua_arena_printf(arena, "%s %d %zu:%.*s %zu:%.*s", so_far, (int)role->id, role->code.length,
                               UA_TEXT_ARGS(role->code), role->name.length, UA_TEXT_ARGS(role->name)),
               digest);
  }
  if (!well) {
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
