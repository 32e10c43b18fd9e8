/* Entity tags, the end of sessions, queries: see changes.h. */
#include "changes.h"

/* --- lost updates --- */

static const char *answer_to(const person *who, int32_t user_id)
{
  char method[] = "REQUEST_METHOD=GET";
  char *uri = (char *)(uintptr_t)user_api_format(memory, "REQUEST_URI=/api/users/%d", (int)user_id);
  char *bearer =
      (char *)(uintptr_t)user_api_format(memory, "HTTP_AUTHORIZATION=Bearer %s", who->session.token);
  char *const parameters[] = {method, uri, bearer, NULL};
  user_api_answer answer = {NULL, 0};
  CHECK(user_api_handle(api, memory, parameters, NULL, 0, &answer) == USER_API_OK);
  return user_api_format(memory, "%.*s", (int)answer.length, answer.bytes);
}

static void tags_are_those_of_the_api(void)
{
  person alice;
  const int32_t roles[] = {READER, AUDITOR};
  sign_in(&alice, "alice@example.org");
  user_api_user user = make("t\xC3\xA4g@example.org", true, roles, 2);
  for (int i = 0; i < 2; i++) {
    const char *line = user_api_format(memory, "\r\nETag: %s\r\n", user_api_user_tag(memory, &user));
    CHECK(strstr(answer_to(&alice, user.id), line) != NULL);
    CHECK(set_roles(NULL, &user, reader, 1) == USER_API_OK);
    CHECK(strstr(answer_to(&alice, user.id), line) == NULL);
    CHECK(user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
    user.name = "not saved";
    CHECK(set_roles(NULL, &user, admin, 1) == USER_API_OK);
    CHECK(user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
  }
}

/* Returns whether the change is made under this condition. Otherwise it must be refused with
 * PRECONDITION_FAILED. */
static bool holds(const user_api_user *user, const char *if_match)
{
  const user_api_terms terms = {.size = sizeof terms, .by_program = true, .if_match = if_match};
  const user_api_user_change change = {.active = true, .keep_roles = true};
  user_api_status status = edit(&terms, a, user, change);
  CHECK(status == USER_API_OK || status == USER_API_PRECONDITION_FAILED);
  CHECK(status == USER_API_OK ||
        problem_has("{\"error_code\":\"PRECONDITION_FAILED\",\"message\":\"The user has been changed in the "
                    "meantime.\"}"));
  return status == USER_API_OK;
}

static void lost_updates_are_noticed(void)
{
  const user_api_user user = make("tagged@example.org", true, reader, 1);
  const char *tag = user_api_user_tag(memory, &user);
  CHECK(holds(&user, tag) && holds(&user, "*") && holds(&user, NULL));
  CHECK(holds(&user, user_api_format(memory, "\"another\", %s", tag)));
  CHECK(!holds(&user, user_api_format(memory, "W/%s", tag)));
  CHECK(!holds(&user, "") && !holds(&user, "unreadable") && !holds(&user, "\"") &&
        !holds(&user, "\"another\""));
  CHECK(!holds(&user, user_api_format(memory, "%s unreadable", tag)));
  CHECK(set_roles(NULL, &user, NULL, 0) == USER_API_OK && !holds(&user, tag) && holds(&user, "*"));
  const user_api_terms stale = {.size = sizeof stale, .by_program = true, .if_match = tag};
  CHECK(user_api_delete(api, &stale, a, user.id) == USER_API_PRECONDITION_FAILED);
  CHECK(user_api_delete(api, &stale, b, user.id) == USER_API_NOT_FOUND);
  CHECK(user_api_delete(api, &stale, a, user_of("alice@example.org").id) == USER_API_PRECONDITION_FAILED);
  const user_api_user now = user_of(user.email);
  const user_api_terms fresh = {
      .size = sizeof fresh, .by_program = true, .if_match = user_api_user_tag(memory, &now)};
  CHECK(user_api_delete(api, &fresh, a, user.id) == USER_API_OK);
  CHECK(user_api_delete(api, &fresh, a, user.id) == USER_API_NOT_FOUND);
}

static void conditions_hold_for_callers_too(void)
{
  person alice;
  sign_in(&alice, "alice@example.org");
  const user_api_user audrey = user_of("audrey@example.org"), bob = user_of("bob@example.org"),
                      user = make("tagged@example.org", true, reader, 1);
  const user_api_user_change change = {.active = false, .keep_roles = true};
  alice.terms.if_match = "\"another\"";
  CHECK(edit(&alice.terms, a, &user, change) == USER_API_PRECONDITION_FAILED);
  CHECK(edit(&alice.terms, a, &audrey, change) == USER_API_FORBIDDEN && problem_has(not_managed));
  CHECK(edit(&alice.terms, a, &bob, change) == USER_API_NOT_FOUND && problem_has(no_user));
  alice.terms.if_match = user_api_user_tag(memory, &user);
  CHECK(edit(&alice.terms, a, &user, change) == USER_API_OK);
  CHECK(user_api_delete(api, &alice.terms, a, user.id) == USER_API_PRECONDITION_FAILED);
}

/* --- the end of sessions --- */

static void sessions_end(void)
{
  person one, other, again;
  user_api_session session;
  const user_api_user user = make("one@example.org", true, admin, 1);
  sign_in(&one, user.email);
  sign_in(&again, user.email);
  sign_in(&other, "alice@example.org");
  CHECK(user_api_is_token_valid(api, one.session.token) && user_api_is_token_valid(api, again.session.token));
  CHECK(user_api_end_sessions(api, NULL, b, user.id) == USER_API_NOT_FOUND && problem_has(no_user));
  CHECK(user_api_is_token_valid(api, one.session.token));
  CHECK(user_api_end_sessions(api, NULL, a, user.id) == USER_API_OK && user_api_problem(api) == NULL);
  CHECK(!user_api_is_token_valid(api, one.session.token) &&
        !user_api_is_token_valid(api, again.session.token));
  CHECK(user_api_is_token_valid(api, other.session.token));
  sign_in(&again, user.email);
  CHECK(user_api_is_token_valid(api, again.session.token));
  CHECK(user_api_delete(api, NULL, b, user.id) == USER_API_NOT_FOUND && problem_has(no_user));
  CHECK(user_api_is_token_valid(api, again.session.token));
  CHECK(user_api_delete(api, &other.terms, a, user.id) == USER_API_OK && user_api_problem(api) == NULL);
  CHECK(!user_api_is_token_valid(api, again.session.token));
  CHECK(user_api_delete(api, &other.terms, a, user.id) == USER_API_NOT_FOUND && problem_has(no_user));
  CHECK(user_api_end_sessions(api, NULL, a, user.id) == USER_API_NOT_FOUND && problem_has(no_user));
  CHECK(user_api_authenticate(api, memory, user.email, PASSWORD, &session) == USER_API_WRONG_LOGIN);
  const user_api_user same = make("one@example.org", true, NULL, 0);
  CHECK(same.id != user.id && !user_api_is_token_valid(api, again.session.token));
}

static void data_that_refers_to_a_user_keeps_it(void)
{
  const user_api_user albert = user_of("albert@example.org");
  CHECK(user_api_delete(api, NULL, a, albert.id) == USER_API_CONFLICT);
  CHECK(problem_has("Other data refers to the user."));
  CHECK(user_of(albert.email).id == albert.id);
}

/* --- queries --- */

static user_api_user_page find(int32_t customer_id, user_api_user_query query)
{
  user_api_user_page page = {.count = 4711};
  query.size = sizeof query;
  CHECK(user_api_find_users(api, memory, customer_id, &query, &page) == USER_API_OK);
  for (size_t i = 0; i < page.count; i++) {
    CHECK(page.users[i].customer_id == customer_id && page.users[i].role_count == 0);
    CHECK(i == 0 || page.users[i].id > page.users[i - 1].id);
  }
  return page;
}

static void wrong_queries_are_refused(void)
{
  user_api_user_page page = {.count = 4711};
  const user_api_user_query wrong[] = {
      {.size = sizeof wrong[0], .limit = 1, .offset = 1, .after = 1},
      {.size = sizeof wrong[0], .limit = 1001},
      {.size = sizeof wrong[0], .limit = -1},
      {.size = sizeof wrong[0], .offset = -1},
      {.size = sizeof wrong[0], .after = -1},
      {.size = sizeof wrong[0], .after = (int64_t)INT32_MAX + 1},
      {.size = sizeof wrong[0], .role = "\xFF"},
      {.size = sizeof wrong[0], .email = "\xFF"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK(user_api_find_users(api, memory, a, &wrong[i], &page) == USER_API_WRONG_ARGS);
    CHECK(i > 0 || problem_has("{\"after\":[\"'offset' must not be present with 'after'\"]}"));
  }
  CHECK(page.count == 4711);
}

static void users_are_found(void)
{
  const int32_t two[] = {READER, AUDITOR};
  const user_api_user one = make("r1@example.org", true, reader, 1),
                      asleep = make("r2@example.org", false, two, 2),
                      three = make("r3@example.org", true, reader, 1);
  user_api_user_page page = find(a, (user_api_user_query){.role = "reader", .limit = 2, .count = true});
  CHECK(page.count == 2 && page.has_next && page.total == 3);
  CHECK(page.users[0].id == one.id && page.users[1].id == asleep.id);
  page = find(a, (user_api_user_query){.role = "reader", .limit = 2, .after = asleep.id, .count = true});
  CHECK(page.count == 1 && !page.has_next && page.total == 3 && page.users[0].id == three.id);
  page = find(a, (user_api_user_query){.role = "reader", .limit = 9, .activity = USER_API_ACTIVE});
  CHECK(page.count == 2 && page.users[1].id == three.id && page.total == 0);
  page = find(a, (user_api_user_query){.role = "reader", .limit = 9, .activity = USER_API_INACTIVE});
  CHECK(page.count == 1 && page.users[0].id == asleep.id && !page.users[0].active);
  page = find(a, (user_api_user_query){.role = "reader", .limit = 9, .email = "R3"});
  CHECK(page.count == 1 && page.users[0].id == three.id);
  page = find(a, (user_api_user_query){.role = "reader", .limit = 9, .offset = 2});
  CHECK(page.count == 1 && page.users[0].id == three.id);
  page = find(a, (user_api_user_query){.count = true});
  CHECK(page.count == 0 && page.has_next && page.total == 6);
  CHECK(find(a, (user_api_user_query){.role = "no such role", .limit = 9}).count == 0);
  CHECK(find(b, (user_api_user_query){.role = "reader", .limit = 9}).count == 0);
  CHECK(find(b, (user_api_user_query){.limit = 9}).count == 3);
  CHECK(find(0, (user_api_user_query){.limit = 9}).count == 0);
  CHECK(find(-1, (user_api_user_query){.limit = 9}).count == 0);
  wrong_queries_are_refused();
}

static void prepare(void)
{
  CHECK(user_api_mount_users(api, NULL) == USER_API_OK);
}

int main(int argc, char **argv)
{
  static const scenario scenarios[] = {{"tags-are-those-of-the-api", tags_are_those_of_the_api},
                                       {"lost-updates-are-noticed", lost_updates_are_noticed},
                                       {"conditions-hold-for-callers", conditions_hold_for_callers_too},
                                       {"sessions-end", sessions_end},
                                       {"data-that-refers-keeps", data_that_refers_to_a_user_keeps_it},
                                       {"users-are-found", users_are_found}};
  const user_api_settings settings = {.size = sizeof settings, .operator_role = "operator"};
  return argc == 6 ? run_scenario(argv, settings, prepare, scenarios, sizeof scenarios / sizeof scenarios[0])
                   : EXIT_FAILURE;
}
