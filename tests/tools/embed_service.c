/* Users and sessions, without a request: see scenario.h. */
#include "scenario.h"

static const char *const admin_role[] = {"admin", NULL};
static const char *const both_roles[] = {"admin", "reader", NULL};

/* --- users --- */

static void registers(void)
{
  const int32_t roles[] = {READER, ADMIN, READER};
  const int32_t unknown[] = {ADMIN, 4711};
  user_api_user user = make("new@example.org", true, roles, 3), other = {.id = -1};
  CHECK(user.id > 0 && user.customer_id == a && user.active && strcmp(user.email, "new@example.org") == 0);
  CHECK(user.role_count == 2 && strcmp(user.roles[0].code, "admin") == 0 && user.roles[1].id == READER);
  CHECK(user_api_problem(api) == NULL);
  user_api_user_change change = {.email = "NEW@example.org", .name = "n", .password = PASSWORD};
  CHECK(user_api_register(api, memory, b, &change, &other) == USER_API_CONFLICT);
  CHECK(problem_has("User already exists."));
  change.email = "newer@example.org";
  change.role_ids = unknown;
  change.role_count = 2;
  CHECK(user_api_register(api, memory, b, &change, &other) == USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"roles\":[{\"1\":[\"unknown role\"]}]}"));
  change = (user_api_user_change){.email = "x", .password = "short"};
  CHECK(user_api_register(api, memory, b, &change, &other) == USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"name\":[\"required field\"],\"password\":[\"min length is 8\"]}"));
  change = (user_api_user_change){.email = "x\n", .name = " n", .password = PASSWORD};
  CHECK(user_api_register(api, memory, b, &change, &other) == USER_API_WRONG_DOCUMENT);
  CHECK(
      problem_has("{\"email\":[\"control character not allowed\"],"
                  "\"name\":[\"must not begin or end with a blank\"]}"));
  change = (user_api_user_change){.email = "nowhere@example.org", .name = "n", .password = PASSWORD};
  CHECK(user_api_register(api, memory, INT32_MAX, &change, &other) == USER_API_NOT_FOUND);
  CHECK(problem_has("Customer '2147483647' doesn't exist."));
  CHECK(user_api_register(api, memory, -1, &change, &other) == USER_API_NOT_FOUND);
  CHECK(other.id == -1);
}

static void updates(void)
{
  const int32_t roles[] = {ADMIN};
  user_api_user user = make("change@example.org", true, roles, 1), changed = {.id = -1};
  user_api_user_change change = {
      .email = "changed@example.org", .name = "N", .active = true, .keep_roles = true};
  CHECK(user_api_update(api, memory, b, user.id, &change, &changed) == USER_API_NOT_FOUND);
  CHECK(problem_has("User not found.") && changed.id == -1);
  CHECK(user_api_update(api, memory, a, user.id, &change, &changed) == USER_API_OK);
  CHECK(changed.id == user.id && changed.role_count == 1 &&
        strcmp(changed.email, "changed@example.org") == 0);
  change.keep_roles = false;
  CHECK(user_api_update(api, memory, a, user.id, &change, &changed) == USER_API_OK);
  CHECK(changed.role_count == 0);
  change.email = "bella@example.org";
  change.name = "not kept";
  CHECK(user_api_update(api, memory, a, user.id, &change, &changed) == USER_API_CONFLICT);
  change.email = "changed@example.org";
  change.name = "";
  CHECK(user_api_update(api, memory, a, user.id, &change, &changed) == USER_API_WRONG_DOCUMENT);
  CHECK(problem_has("{\"name\":[\"empty values not allowed\"]}"));
  CHECK(user_api_get(api, memory, a, user.id, &changed) == USER_API_OK && strcmp(changed.name, "N") == 0);
  CHECK(user_api_get(api, memory, b, user.id, &changed) == USER_API_NOT_FOUND);
  CHECK(problem_has("doesn't exist."));
}

static void lists(void)
{
  const user_api_user *users = NULL;
  const user_api_role *roles = NULL;
  size_t count = 0;
  bool more = false;
  user_api_search search = {.limit = 1};
  CHECK(user_api_list_users(api, memory, a, &search, &users, &count, &more) == USER_API_OK);
  CHECK(count == 1 && more && strcmp(users[0].email, "alice@example.org") == 0 && users[0].role_count == 0);
  search = (user_api_search){.limit = 1000, .email = "BELLA"};
  CHECK(user_api_list_users(api, memory, a, &search, &users, &count, &more) == USER_API_OK);
  CHECK(count == 0 && !more);
  CHECK(user_api_list_users(api, memory, b, &search, &users, &count, &more) == USER_API_OK && count == 1);
  search.limit = 1001;
  CHECK(user_api_list_users(api, memory, b, &search, &users, &count, &more) == USER_API_WRONG_ARGS);
  CHECK(problem_has("{\"limit\":[\"max value is 1000\"]}") && count == 1);
  CHECK(user_api_list_roles(api, memory, 2, 1, &roles, &count, &more) == USER_API_OK);
  CHECK(count == 2 && !more && strcmp(roles[0].code, "reader") == 0);
  CHECK(user_api_list_roles(api, memory, -1, 0, &roles, &count, &more) == USER_API_WRONG_ARGS);
}

/* --- sessions --- */

static void authenticates(void)
{
  user_api_session session, again;
  user_api_identity identity;
  (void)make("asleep@example.org", false, NULL, 0);
  CHECK(user_api_authenticate(api, memory, "alice@example.org", PASSWORD, &session) == USER_API_OK);
  CHECK(session.identity.user.customer_id == a && session.identity.expires_at > 0);
  CHECK(user_api_authenticate(api, memory, "ALICE@example.org", PASSWORD, &again) == USER_API_OK);
  CHECK(user_api_authenticate(api, memory, "alice@example.org", "wrong", &again) == USER_API_WRONG_LOGIN);
  CHECK(user_api_authenticate(api, memory, "no@example.org", PASSWORD, &again) == USER_API_WRONG_LOGIN);
  CHECK(user_api_authenticate(api, memory, "\xFF", PASSWORD, &again) == USER_API_WRONG_LOGIN);
  CHECK(user_api_authenticate(api, memory, "asleep@example.org", PASSWORD, &again) == USER_API_USER_INACTIVE);
  CHECK(user_api_authenticate(api, memory, "asleep@example.org", "wrong", &again) == USER_API_WRONG_LOGIN);
  CHECK(user_api_get_token_data(api, memory, session.token, &identity) == USER_API_OK);
  CHECK(identity.user.id == session.identity.user.id && identity.expires_at == session.identity.expires_at);
  CHECK(user_api_token_has_roles(api, session.token, admin_role) == USER_API_OK);
  CHECK(user_api_token_has_roles(api, session.token, both_roles) == USER_API_FORBIDDEN);
  CHECK(problem_has("You don't have the reader role(s)."));
  CHECK(user_api_is_token_valid(api, session.token) && user_api_is_token_valid(api, again.token));
  CHECK(user_api_logout(api, session.token) == USER_API_OK);
  CHECK(!user_api_is_token_valid(api, session.token) && user_api_is_token_valid(api, again.token));
  CHECK(user_api_logout(api, session.token) == USER_API_INVALID_TOKEN);
}

static void trusts(void)
{
  user_api_session session;
  CHECK(user_api_authenticate_no_password(api, memory, "Alice@example.org", &session) == USER_API_OK);
  CHECK(user_api_token_has_roles(api, session.token, admin_role) == USER_API_OK);
  CHECK(user_api_authenticate_no_password(api, memory, "no@example.org", &session) == USER_API_WRONG_LOGIN);
  (void)make("dormant@example.org", false, NULL, 0);
  CHECK(user_api_authenticate_no_password(api, memory, "dormant@example.org", &session) ==
        USER_API_USER_INACTIVE);
}

static void resets(void)
{
  user_api_user user = make("forgot@example.org", true, NULL, 0), same = {.id = -1};
  user_api_session session;
  CHECK(user_api_authenticate(api, memory, user.email, PASSWORD, &session) == USER_API_OK);
  CHECK(user_api_reset_password(api, memory, b, user.email, "another password", &same) ==
        USER_API_UNPROCESSABLE);
  CHECK(problem_has("User 'forgot@example.org' doesn't exist."));
  CHECK(user_api_reset_password(api, memory, a, user.email, "short", &same) == USER_API_WRONG_DOCUMENT);
  CHECK(user_api_is_token_valid(api, session.token) && same.id == -1);
  CHECK(user_api_reset_password(api, memory, a, "Forgot@example.org ", "another password", &same) ==
        USER_API_OK);
  CHECK(same.id == user.id && !user_api_is_token_valid(api, session.token));
  CHECK(user_api_authenticate(api, memory, user.email, PASSWORD, &session) == USER_API_WRONG_LOGIN);
  CHECK(user_api_authenticate(api, memory, user.email, "another password", &session) == USER_API_OK);
}

int main(int argc, char **argv)
{
  static const scenario scenarios[] = {{"registers", registers}, {"updates", updates},
                                       {"lists", lists},         {"authenticates", authenticates},
                                       {"trusts", trusts},       {"resets", resets}};
  const user_api_settings defaults = {.size = sizeof defaults};
  return argc == 6 ? run_scenario(argv, defaults, NULL, scenarios, sizeof scenarios / sizeof scenarios[0])
                   : EXIT_FAILURE;
}
