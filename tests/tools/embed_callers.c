/* Changes on behalf of users, and what may not be removed: see changes.h. */
#include "changes.h"

static const int32_t operators[] = {OPERATOR}, both[] = {OPERATOR, AUDITOR}, auditor[] = {AUDITOR};

static const char not_admin[] = "You don't have the admin role(s).";

static user_api_status set_password(const user_api_terms *terms, int32_t customer_id, const char *email)
{
  user_api_user user;
  return user_api_reset_password_as(api, memory, terms, customer_id, email, "another password", &user);
}

/* --- callers --- */

static void an_admin_grants(void)
{
  person alice;
  sign_in(&alice, "alice@example.org");
  const user_api_user self = alice.session.identity.user;
  CHECK(add(&alice.terms, a, "read@example.org", reader, 1) == USER_API_OK);
  CHECK(add(&alice.terms, a, "oper@example.org", operators, 1) == USER_API_FORBIDDEN);
  CHECK(problem_has(
      "{\"error_code\":\"FORBIDDEN\",\"message\":\"You may not grant or remove the operator role(s).\"}"));
  CHECK(add(&alice.terms, a, "oper@example.org", both, 2) == USER_API_FORBIDDEN);
  CHECK(problem_has("You may not grant or remove the operator, auditor role(s)."));
  CHECK(add(NULL, a, "oper@example.org", both, 2) == USER_API_OK);
  const int32_t more[] = {ADMIN, OPERATOR};
  CHECK(set_roles(&alice.terms, &self, more, 2) == USER_API_FORBIDDEN);
  CHECK(problem_has("You may not grant or remove the operator role(s)."));
  CHECK(user_of(self.email).role_count == 1 && user_of("oper@example.org").role_count == 2);
}

static void an_admin_manages(void)
{
  person alice;
  sign_in(&alice, "alice@example.org");
  const user_api_user audrey = user_of("audrey@example.org");
  const user_api_user_change refused[] = {
      {.active = true, .keep_roles = true, .password = PASSWORD},
      {.active = true, .keep_roles = true, .email = "else@example.org"},
      {.active = false, .keep_roles = true},
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    CHECK(edit(&alice.terms, a, &audrey, refused[i]) == USER_API_FORBIDDEN && problem_has(not_managed));
  }
  CHECK(set_password(&alice.terms, a, audrey.email) == USER_API_FORBIDDEN && problem_has(not_managed));
  CHECK(user_api_end_sessions(api, &alice.terms, a, audrey.id) == USER_API_FORBIDDEN);
  CHECK(problem_has(not_managed));
  CHECK(user_api_delete(api, &alice.terms, a, audrey.id) == USER_API_FORBIDDEN && problem_has(not_managed));
  CHECK(set_roles(&alice.terms, &audrey, NULL, 0) == USER_API_FORBIDDEN);
  CHECK(problem_has("You may not grant or remove the auditor role(s)."));
  const user_api_user_change name = {.name = "Renamed", .active = true, .role_ids = auditor, .role_count = 1};
  CHECK(edit(&alice.terms, a, &audrey, name) == USER_API_OK && user_api_problem(api) == NULL);
  CHECK(strcmp(user_of(audrey.email).name, "Renamed") == 0);
  CHECK(user_api_delete(api, &alice.terms, a, alice.session.identity.user.id) == USER_API_CONFLICT);
  CHECK(problem_has("You can't delete yourself."));
  CHECK(user_api_end_sessions(api, &alice.terms, a, alice.session.identity.user.id) == USER_API_OK);
  CHECK(!user_api_is_token_valid(api, alice.session.token));
}

/* Calls the functions that take terms, for an existing user. */
static void check_customer(const user_api_terms *terms, int32_t customer_id, user_api_status expected,
                           const char *sentence)
{
  const user_api_user bob = user_of("bob@example.org");
  const user_api_user_change change = {.active = true, .keep_roles = true};
  CHECK(add(terms, customer_id, "added@example.org", NULL, 0) == expected && problem_has(sentence));
  CHECK(edit(terms, customer_id, &bob, change) == expected && problem_has(sentence));
  CHECK(set_password(terms, customer_id, bob.email) == expected && problem_has(sentence));
  CHECK(user_api_end_sessions(api, terms, customer_id, bob.id) == expected && problem_has(sentence));
  CHECK(user_api_delete(api, terms, customer_id, bob.id) == expected && problem_has(sentence));
}

static void customers_are_kept_apart(void)
{
  person alice, olga;
  sign_in(&alice, "alice@example.org");
  sign_in(&olga, "olga@example.org");
  const int32_t none[] = {-1, 0, 4711, INT32_MIN, INT32_MAX};
  CHECK(alice.session.identity.user.customer_id == a && olga.session.identity.user.customer_id == b);
  check_customer(&alice.terms, b, USER_API_NOT_FOUND,
                 user_api_format(memory, "Customer '%ld' doesn't exist.", (long)b));
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
    const char *sentence = user_api_format(memory, "Customer '%ld' doesn't exist.", (long)none[i]);
    check_customer(&alice.terms, none[i], USER_API_NOT_FOUND, sentence);
    check_customer(&olga.terms, none[i], USER_API_NOT_FOUND, sentence);
    CHECK(user_api_delete(api, NULL, none[i], user_of("bob@example.org").id) == USER_API_NOT_FOUND);
    CHECK(problem_has(no_user));
  }
  CHECK(user_api_delete(api, &alice.terms, a, user_of("bob@example.org").id) == USER_API_NOT_FOUND);
  CHECK(problem_has(no_user));
  CHECK(user_api_end_sessions(api, &olga.terms, a, user_of("bob@example.org").id) == USER_API_NOT_FOUND);
  CHECK(problem_has(no_user));
  CHECK(set_password(&olga.terms, a, "bob@example.org") == USER_API_UNPROCESSABLE);
  CHECK(problem_has("User 'bob@example.org' doesn't exist."));
}

static void an_operator_manages(void)
{
  person olga;
  user_api_user user;
  sign_in(&olga, "olga@example.org");
  const user_api_user audrey = user_of("audrey@example.org");
  CHECK(add(&olga.terms, a, "oper@example.org", both, 2) == USER_API_OK);
  user = user_of("oper@example.org");
  CHECK(user.customer_id == a && user.role_count == 2);
  CHECK(set_roles(&olga.terms, &audrey, reader, 1) == USER_API_OK);
  CHECK(set_password(&olga.terms, a, user.email) == USER_API_OK);
  CHECK(user_api_end_sessions(api, &olga.terms, a, user.id) == USER_API_OK);
  CHECK(user_api_delete(api, &olga.terms, a, user.id) == USER_API_OK);
  CHECK(user_api_get(api, memory, a, user.id, &user) == USER_API_NOT_FOUND);
  CHECK(user_api_delete(api, &olga.terms, b, olga.session.identity.user.id) == USER_API_CONFLICT);
  CHECK(problem_has("You can't delete yourself."));
}

static void others_change_nothing(void)
{
  person albert;
  user_api_identity identity = {.expires_at = 0};
  user_api_terms terms = {.size = sizeof terms, .caller = &identity};
  sign_in(&albert, "albert@example.org");
  const user_api_user alice = user_of("alice@example.org");
  const user_api_user_change change = {.active = true, .keep_roles = true};
  CHECK(edit(&albert.terms, a, &albert.session.identity.user, change) == USER_API_FORBIDDEN);
  CHECK(problem_has(not_admin));
  CHECK(add(&albert.terms, a, "added@example.org", NULL, 0) == USER_API_FORBIDDEN && problem_has(not_admin));
  CHECK(user_api_end_sessions(api, &albert.terms, a, alice.id) == USER_API_FORBIDDEN);
  CHECK(user_api_delete(api, &albert.terms, a, alice.id) == USER_API_FORBIDDEN && problem_has(not_admin));
  CHECK(set_password(&albert.terms, a, alice.email) == USER_API_FORBIDDEN && problem_has(not_admin));
  CHECK(set_password(&albert.terms, a, "nobody@example.org") == USER_API_FORBIDDEN);
  CHECK(set_password(&albert.terms, a, albert.session.identity.user.email) == USER_API_OK);
  CHECK(!user_api_is_token_valid(api, albert.session.token));
  /* An empty identity, and an administrator without a customer. */
  CHECK(add(&terms, a, "added@example.org", NULL, 0) == USER_API_FORBIDDEN);
  CHECK(add(&terms, 0, "added@example.org", NULL, 0) == USER_API_FORBIDDEN);
  CHECK(user_api_delete(api, &terms, a, alice.id) == USER_API_FORBIDDEN);
  CHECK(set_password(&terms, 0, alice.email) == USER_API_USER_INACTIVE);
  identity.user = alice;
  identity.user.customer_id = 0;
  check_customer(&terms, b, USER_API_NOT_FOUND, "doesn't exist.");
  CHECK(add(&terms, 0, "added@example.org", NULL, 0) == USER_API_NOT_FOUND);
  CHECK(user_api_delete(api, &terms, 0, alice.id) == USER_API_NOT_FOUND);
  CHECK(set_password(&terms, 0, alice.email) == USER_API_UNPROCESSABLE);
}

static void who_was_an_admin_is_none(void)
{
  person was;
  user_api_identity identity;
  const user_api_user user = make("was@example.org", true, admin, 1);
  sign_in(&was, user.email);
  const user_api_user_change change = {.active = false, .keep_roles = true};
  CHECK(add(&was.terms, a, "one@example.org", NULL, 0) == USER_API_OK);
  CHECK(edit(NULL, a, &user, change) == USER_API_OK);
  CHECK(user_api_get_token_data(api, memory, was.session.token, &identity) == USER_API_INVALID_TOKEN);
  CHECK(user_api_get(api, memory, a, user.id, &was.session.identity.user) == USER_API_OK);
  check_customer(&was.terms, a, USER_API_USER_INACTIVE, "User is not active.");
}

/* --- what may not be removed --- */

static void an_admin_stays(void)
{
  static const char last[] = "The last admin can't be removed.";
  person olga;
  sign_in(&olga, "olga@example.org");
  const user_api_user alice = user_of("alice@example.org");
  const user_api_terms *const each[] = {NULL, &olga.terms};
  const user_api_user_change asleep = {.active = false, .keep_roles = true};
  for (size_t i = 0; i < 2; i++) {
    CHECK(set_roles(each[i], &alice, reader, 1) == USER_API_CONFLICT && problem_has(last));
    CHECK(edit(each[i], a, &alice, asleep) == USER_API_CONFLICT && problem_has(last));
    CHECK(user_api_delete(api, each[i], a, alice.id) == USER_API_CONFLICT && problem_has(last));
  }
  (void)make("asleep@example.org", false, admin, 1);
  CHECK(user_api_delete(api, NULL, a, alice.id) == USER_API_CONFLICT && problem_has(last));
  (void)make("second@example.org", true, admin, 1);
  CHECK(set_roles(NULL, &alice, reader, 1) == USER_API_OK);
  CHECK(user_api_delete(api, NULL, a, alice.id) == USER_API_OK);
}

static void tokens_stay_short(void)
{
  static const char too_long[] = "This would make the user's token too long.";
  int32_t roles[LONG_ROLES];
  const user_api_user albert = user_of("albert@example.org");
  for (int32_t i = 0; i < LONG_ROLES; i++) {
    roles[i] = LONG + i;
  }
  CHECK(set_roles(NULL, &albert, roles, 1) == USER_API_OK);
  CHECK(set_roles(NULL, &albert, roles, LONG_ROLES) == USER_API_CONFLICT && problem_has(too_long));
  CHECK(add(NULL, a, "long@example.org", roles, LONG_ROLES) == USER_API_CONFLICT && problem_has(too_long));
  CHECK(user_of(albert.email).role_count == 1);
  CHECK(add(NULL, a, "long@example.org", roles, 1) == USER_API_OK);
}

int main(int argc, char **argv)
{
  static const scenario scenarios[] = {{"an-admin-grants", an_admin_grants},
                                       {"an-admin-manages", an_admin_manages},
                                       {"an-operator-manages", an_operator_manages},
                                       {"others-change-nothing", others_change_nothing},
                                       {"who-was-an-admin-is-none", who_was_an_admin_is_none},
                                       {"customers-are-kept-apart", customers_are_kept_apart},
                                       {"an-admin-stays", an_admin_stays},
                                       {"tokens-stay-short", tokens_stay_short}};
  const user_api_settings settings = {.size = sizeof settings, .operator_role = "operator"};
  return argc == 6 ? run_scenario(argv, settings, NULL, scenarios, sizeof scenarios / sizeof scenarios[0])
                   : EXIT_FAILURE;
}
