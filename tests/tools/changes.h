/* What the scenarios about changes share. In addition to what scenario.h describes, the database has:
 * - the role operator, whose holders are operators, and the role auditor, which is not assignable;
 * - 20 roles whose names are together too long;
 * - olga, an operator of customer B, and audrey, an auditor of A;
 * - a row of another table that refers to albert of A. */
#ifndef UA_TESTS_TOOLS_CHANGES_H
#define UA_TESTS_TOOLS_CHANGES_H

#include "scenario.h"

enum { OPERATOR = 4, AUDITOR = 5, LONG = 11, LONG_ROLES = 20 };

static const int32_t admin[] = {ADMIN}, reader[] = {READER};

static const char not_managed[] = "You may not manage this user.";
static const char no_user[] = "User not found.";

/* A user with a session, and the terms of their changes. */
typedef struct person {
  user_api_session session;
  user_api_terms terms;
} person;

static inline void sign_in(person *who, const char *email)
{
  CHECK(user_api_authenticate_no_password(api, memory, email, &who->session) == USER_API_OK);
  who->terms = (user_api_terms){.size = sizeof who->terms, .caller = &who->session.identity};
}

static inline user_api_user user_of(const char *email)
{
  person who;
  user_api_user user = {.id = -1};
  sign_in(&who, email);
  CHECK(user_api_get(api, memory, who.session.identity.user.customer_id, who.session.identity.user.id,
                     &user) == USER_API_OK);
  return user;
}

static inline user_api_status add(const user_api_terms *terms, int32_t customer_id, const char *email,
                                  const int32_t *roles, size_t count)
{
  user_api_user user = {.id = -1};
  const user_api_user_change change = {.email = email,
                                       .name = "Added",
                                       .password = PASSWORD,
                                       .active = true,
                                       .role_ids = roles,
                                       .role_count = count};
  user_api_status status = user_api_register_as(api, memory, terms, customer_id, &change, &user);
  CHECK((status == USER_API_OK) == (user.id > 0));
  return status;
}

/* Changes a user, and keeps the email and the name unless `change` has others. */
static inline user_api_status edit(const user_api_terms *terms, int32_t customer_id,
                                   const user_api_user *user, user_api_user_change change)
{
  user_api_user changed = {.id = -1};
  change.email = change.email == NULL ? user->email : change.email;
  change.name = change.name == NULL ? user->name : change.name;
  user_api_status status = user_api_update_as(api, memory, terms, customer_id, user->id, &change, &changed);
  CHECK((status == USER_API_OK) == (changed.id == user->id));
  return status;
}

static inline user_api_status set_roles(const user_api_terms *terms, const user_api_user *user,
                                        const int32_t *roles, size_t count)
{
  const user_api_user_change change = {.active = true, .role_ids = roles, .role_count = count};
  return edit(terms, user->customer_id, user, change);
}

#endif
