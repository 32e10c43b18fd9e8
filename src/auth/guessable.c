#include "auth/guessable.h"

#include <string.h>

#include "auth/common_password.h"
#include "base/limits.h"
#include "base/normal_form.h"

/* A longer text is too long for a password in every form: NFC and lower case shorten no text to less than a
 * quarter. */
enum { MOST_OWN_BYTES = 4 * UA_MAX_PASSWORD_BYTES };

/* False for an absent `own`. */
static ua_status is_same(ua_text folded, ua_text own, bool *same)
{
  ua_normal_form form;
  if (own.data == NULL || own.length > MOST_OWN_BYTES) {
    return UA_OK;
  }
  ua_status status = ua_normal_form_folded(own, &form);
  if (status != UA_OK) {
    return status == UA_BAD_REQUEST ? UA_OK : status; /* what is not UTF-8 equals nothing */
  }
  *same = *same || ua_text_equal(folded, ua_normal_form_text(&form));
  ua_normal_form_clear(&form);
  return UA_OK;
}

static ua_text local_part(ua_text email)
{
  const char *at = email.data == NULL ? NULL : memrchr(email.data, '@', email.length);
  return at == NULL ? UA_TEXT_ABSENT : (ua_text){email.data, (size_t)(at - email.data)};
}

static ua_status is_owners(ua_text folded, const ua_password_owner *owner, bool *is_r)
{
  const ua_text own[] = {owner->email, local_part(owner->email), owner->name};
  ua_status status = UA_OK;
  for (size_t i = 0; status == UA_OK && i < sizeof own / sizeof own[0]; i++) {
    status = is_same(folded, own[i], is_r);
  }
  return status;
}

static ua_status judge(const ua_password_policy *policy, ua_text password, const ua_password_owner *owner,
                       bool asks_lists, bool *is_r)
{
  ua_normal_form form;
  bool is = false;
  if (!policy->refuses) {
    *is_r = false;
    return UA_OK;
  }
  ua_status status = ua_normal_form_folded(password, &form);
  if (status != UA_OK) {
    return status;
  }
  ua_text folded = ua_normal_form_text(&form);
  status = is_owners(folded, owner, &is);
  if (status == UA_OK && asks_lists && !is) {
    is = policy->denied != NULL ? ua_word_list_has(policy->denied, folded)
                                : ua_auth_common_password_is(password);
  }
  ua_normal_form_clear(&form);
  if (status == UA_OK) {
    *is_r = is;
  }
  return status;
}

ua_status ua_auth_guessable_is_owners(const ua_password_policy *policy, ua_text password,
                                      const ua_password_owner *owner, bool *is_r)
{
  return judge(policy, password, owner, false, is_r);
}

ua_status ua_auth_guessable_is(const ua_password_policy *policy, ua_text password,
                               const ua_password_owner *owner, bool *is_r)
{
  return judge(policy, password, owner, true, is_r);
}
