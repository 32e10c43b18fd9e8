#include "api/new_password.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/normal_form.h"
#include "service/password_rules.h"

static void complain(ua_arena *arena, ua_violations *violations, ua_text name, ua_text sentence)
{
  ua_service_violations_add(arena, violations,
                            (ua_violation){.field = name, .item = -1, .sentence = sentence});
}

static ua_status compose(ua_arena *arena, ua_text typed, ua_text *password_r)
{
  ua_normal_form form;
  if (typed.length > UA_MAX_TRIED_PASSWORD_BYTES) {
    *password_r = typed;
    return UA_OK;
  }
  if (ua_normal_form_nfc(typed, &form) != UA_OK) {
    return UA_INTERNAL; /* the caller has checked that it is UTF-8 */
  }
  *password_r = ua_arena_copy(arena, ua_normal_form_text(&form));
  ua_normal_form_clear(&form);
  return password_r->data == NULL ? UA_INTERNAL : UA_OK;
}

ua_status ua_api_new_password_read(ua_arena *arena, const ua_document_rules *rules, ua_text name,
                                   ua_text typed, ua_violations *violations, ua_text *password_r)
{
  ua_text password;
  ua_status status = compose(arena, typed, &password);
  if (status != UA_OK) {
    return status;
  }
  if (ua_text_has_nul(password)) {
    complain(arena, violations, name, UA_TEXT("null character not allowed"));
  }
  if (password.length < (size_t)rules->password_min_bytes) {
    complain(arena, violations, name,
             ua_arena_printf(arena, "min length is %" PRId64, rules->password_min_bytes));
  }
  if (password.length > UA_MAX_PASSWORD_BYTES) {
    complain(arena, violations, name, ua_arena_printf(arena, "max length is %d", UA_MAX_PASSWORD_BYTES));
  }
  *password_r = password;
  return UA_OK;
}

static bool is_complained_of(const ua_violations *violations, ua_text name)
{
  for (size_t i = 0; i < violations->count; i++) {
    if (ua_text_equal(violations->list[i].field, name)) {
      return true;
    }
  }
  return false;
}

ua_status ua_api_new_password_guess(ua_arena *arena, const ua_document_rules *rules, ua_text name,
                                    const ua_user_change *user, ua_violations *violations)
{
  const ua_password_owner owner = {.email = user->email, .name = user->name};
  bool guessable = false;
  if (rules->password_policy == NULL || violations->found == 0 || user->password.data == NULL ||
      user->password.length > UA_MAX_PASSWORD_BYTES || is_complained_of(violations, name)) {
    return UA_OK;
  }
  ua_status status = ua_auth_guessable_is(rules->password_policy, user->password, &owner, &guessable);
  if (status == UA_OK && guessable) {
    complain(arena, violations, name, UA_TEXT(UA_PASSWORD_TOO_COMMON));
  }
  return status;
}
