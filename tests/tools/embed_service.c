/* The public functions against a real database, one scenario a run: embed_service SCENARIO URL SECRET A B,
 * where A and B are customers whose admins are alice@example.org and bella@example.org. Says which check
 * failed. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <user_api.h>

#define PASSWORD "correct horse battery"
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      const char *problem = user_api_problem(api);                             \
      (void)fprintf(stderr, "%s:%d: %s\n%s\n", __FILE__, __LINE__, #condition, \
                    problem == NULL ? "(no problem)" : problem);               \
      exit(EXIT_FAILURE);                                                      \
    }                                                                          \
  } while (0)

enum { ADMIN = 1, READER = 2, SLOW_TIMEOUT_MS = 500 };

static user_api *api;
static user_api_memory *memory;
static int32_t a, b;

typedef struct witness {
  int created, updated;
  bool changes; /* calls back into the library */
  int delay_ms;
  user_api_status result;
  char email[64];
} witness;

static witness seen = {.result = USER_API_OK};

static const char *const admin_role[] = {"admin", NULL};
static const char *const both_roles[] = {"admin", "reader", NULL};

static bool problem_has(const char *part)
{
  return user_api_problem(api) != NULL && strstr(user_api_problem(api), part) != NULL;
}

static user_api_user make(const char *email, bool active, const int32_t *roles, size_t count)
{
  user_api_user user = {.id = 0};
  const user_api_user_change change = {.email = email,
                                       .name = "Someone",
                                       .password = PASSWORD,
                                       .active = active,
                                       .role_ids = roles,
                                       .role_count = count};
  CHECK(user_api_register(api, memory, a, &change, &user) == USER_API_OK);
  return user;
}

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
  CHECK(other.id == -1);
}

/* The quota of A is the number of its users and one more. */
static void keeps_to_the_quota(void)
{
  user_api_user user = make("last@example.org", false, NULL, 0), other = {.id = -1};
  const user_api_user_change change = {.email = "one too many", .name = "n", .password = PASSWORD};
  CHECK(user_api_register(api, memory, a, &change, &other) == USER_API_QUOTA_EXCEEDED);
  CHECK(problem_has("{\"error_code\":\"CONFLICT\",\"message\":\"User quota exceeded.\"}") && other.id == -1);
  CHECK(seen.created == 1 && user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
  CHECK(user_api_register(api, memory, b, &change, &other) == USER_API_OK && other.customer_id == b);
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
  CHECK(user_api_reset_password(api, memory, a, user.email, "another password", &same) == USER_API_OK);
  CHECK(same.id == user.id && !user_api_is_token_valid(api, session.token));
  CHECK(user_api_authenticate(api, memory, user.email, PASSWORD, &session) == USER_API_WRONG_LOGIN);
  CHECK(user_api_authenticate(api, memory, user.email, "another password", &session) == USER_API_OK);
}

/* --- callbacks --- */

static user_api_status see_created(void *context, user_api *instance, const user_api_user *user)
{
  witness *self = context;
  self->created++;
  (void)snprintf(self->email, sizeof self->email, "%s", user->email);
  (void)poll(NULL, 0, self->delay_ms);
  if (self->changes) {
    user_api_memory *own = user_api_memory_create();
    user_api_user changed;
    user_api_session session;
    const user_api_user_change change = {
        .email = user->email, .name = "Renamed", .active = true, .keep_roles = true};
    CHECK(user_api_update(instance, own, user->customer_id, user->id, &change, &changed) == USER_API_OK);
    CHECK(strcmp(changed.name, "Renamed") == 0);
    CHECK(user_api_authenticate(instance, own, user->email, PASSWORD, &session) == USER_API_OK);
    CHECK(user_api_serve(instance) == 2);
    user_api_memory_destroy(&own);
  }
  return self->result;
}

static user_api_status see_updated(void *context, user_api *instance, const user_api_user *user)
{
  witness *self = context;
  (void)instance;
  (void)user;
  self->updated++;
  return self->result;
}

static void calls_back(void)
{
  user_api_user user = make("one@example.org", true, NULL, 0), changed;
  CHECK(seen.created == 1 && seen.updated == 0 && strcmp(seen.email, "one@example.org") == 0);
  user_api_user_change change = {.email = "one@example.org", .name = "x", .active = true};
  CHECK(user_api_update(api, memory, a, user.id, &change, &changed) == USER_API_OK && seen.updated == 1);
  CHECK(user_api_update(api, memory, b, user.id, &change, &changed) == USER_API_NOT_FOUND);
  change.password = PASSWORD;
  CHECK(user_api_register(api, memory, a, &change, &changed) == USER_API_CONFLICT);
  CHECK(user_api_reset_password(api, memory, a, "one@example.org", PASSWORD, &changed) == USER_API_OK);
  CHECK(seen.created == 1 && seen.updated == 1);
}

static void callbacks_may_fail(void)
{
  seen.result = USER_API_UNAVAILABLE;
  user_api_user user = make("fails@example.org", true, NULL, 0);
  CHECK(seen.created == 1 && user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
}

static void callbacks_may_call(void)
{
  seen.changes = true;
  user_api_user user = make("calls@example.org", true, NULL, 0);
  CHECK(seen.created == 1 && seen.updated == 0);
  CHECK(user_api_get(api, memory, a, user.id, &user) == USER_API_OK && strcmp(user.name, "Renamed") == 0);
}

/* For longer than the server lets a transaction idle (twice the statement's timeout). */
static void callbacks_may_be_slow(void)
{
  seen.delay_ms = 3 * SLOW_TIMEOUT_MS;
  user_api_user user = make("slow@example.org", true, NULL, 0);
  CHECK(seen.created == 1 && user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
}

/* --- requests of a loop of one's own --- */

static user_api_status hand_out_session(void *context, const user_api_request *request,
                                        user_api_response *response)
{
  user_api_session session;
  user_api_memory *own = user_api_request_memory(request);
  const user_api_identity *caller = user_api_request_identity(request);
  (void)context;
  if (caller == NULL) {
    user_api_status status =
        user_api_authenticate_no_password(api, own, user_api_request_text(request, "email", NULL), &session);
    if (status != USER_API_OK) {
      return status;
    }
    status = user_api_respond_session(response, &session);
    return status == USER_API_OK ? user_api_respond_json(response, 200, "{}\n") : status;
  }
  CHECK(strcmp(user_api_request_roles(request)[0], "admin") == 0);
  CHECK(user_api_logout(api, user_api_request_token(request)) == USER_API_OK);
  CHECK(user_api_respond_session(response, NULL) == USER_API_OK);
  return user_api_respond_json(response, 200, user_api_identity_json(own, caller));
}

static const char *answer_to(const char *uri, const char *token)
{
  char method[] = "REQUEST_METHOD=GET";
  char *uri_text = (char *)(uintptr_t)user_api_format(memory, "REQUEST_URI=%s", uri);
  char *bearer = (char *)(uintptr_t)user_api_format(memory, "HTTP_AUTHORIZATION=Bearer %s", token);
  char *const parameters[] = {method, uri_text, token[0] == '\0' ? NULL : bearer, NULL};
  user_api_answer answer = {NULL, 0};
  CHECK(user_api_handle(api, memory, parameters, NULL, 0, &answer) == USER_API_OK);
  return user_api_format(memory, "%.*s", (int)answer.length, answer.bytes);
}

static bool starts(const char *text, const char *start)
{
  return strncmp(text, start, strlen(start)) == 0;
}

static void handles(void)
{
  user_api_session alice, albert;
  CHECK(user_api_authenticate(api, memory, "alice@example.org", PASSWORD, &alice) == USER_API_OK);
  CHECK(user_api_authenticate(api, memory, "albert@example.org", PASSWORD, &albert) == USER_API_OK);
  const char *said = answer_to("/sign-in/alice@example.org", "");
  CHECK(starts(said, "Status: 200 ") && strstr(said, "\r\nSet-Cookie: user-api-credentials=") != NULL);
  CHECK(starts(answer_to("/sign-in/nobody@example.org", ""), "Status: 401 "));
  CHECK(starts(answer_to("/sign-out", ""), "Status: 401 "));
  said = answer_to("/sign-out", albert.token);
  CHECK(starts(said, "Status: 403 ") && strstr(said, "You don't have the admin role(s).") != NULL);
  said = answer_to("/sign-out", alice.token);
  CHECK(starts(said, "Status: 200 ") && strstr(said, "\"email\":\"alice@example.org\",\"exp\":") != NULL);
  CHECK(starts(answer_to("/sign-out", alice.token), "Status: 401 "));
}

static void guards(void)
{
  user_api_session albert;
  user_api_identity identity = {.expires_at = -1};
  char method[] = "REQUEST_METHOD=GET", uri[] = "REQUEST_URI=/anything";
  CHECK(user_api_authenticate(api, memory, "albert@example.org", PASSWORD, &albert) == USER_API_OK);
  char *bearer = (char *)(uintptr_t)user_api_format(memory, "HTTP_AUTHORIZATION=Bearer %s", albert.token);
  char *const parameters[] = {method, uri, bearer, NULL};
  CHECK(user_api_guard(api, memory, parameters, user_api_has_roles(admin_role), &identity) ==
        USER_API_FORBIDDEN);
  CHECK(problem_has("You don't have the admin role(s).") && identity.expires_at == -1);
  CHECK(user_api_guard(api, memory, parameters, user_api_connected(), &identity) == USER_API_OK);
  CHECK(strcmp(identity.user.email, "albert@example.org") == 0);
  CHECK(user_api_logout(api, albert.token) == USER_API_OK);
  CHECK(user_api_guard(api, memory, parameters, user_api_connected(), NULL) == USER_API_INVALID_TOKEN);
}

/* The child must neither use nor end the parent's session at the database. */
static void survives_fork(void)
{
  user_api_user user = make("parent@example.org", true, NULL, 0);
  for (int i = 0; i < 2; i++) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
      bool well = i == 0 || user_api_get(api, memory, a, user.id, &user) == USER_API_OK;
      user_api_destroy(&api);
      user_api_memory_destroy(&memory);
      _exit(well && api == NULL ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    CHECK(user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
  }
}

static const struct {
  const char *name;
  void (*run)(void);
} scenarios[] = {{"registers", registers},
                 {"keeps-to-the-quota", keeps_to_the_quota},
                 {"updates", updates},
                 {"lists", lists},
                 {"authenticates", authenticates},
                 {"trusts", trusts},
                 {"resets", resets},
                 {"calls-back", calls_back},
                 {"callbacks-may-fail", callbacks_may_fail},
                 {"callbacks-may-call", callbacks_may_call},
                 {"callbacks-may-be-slow", callbacks_may_be_slow},
                 {"handles", handles},
                 {"guards", guards},
                 {"survives-fork", survives_fork}};

int main(int argc, char **argv)
{
  int code = EXIT_FAILURE;
  if (argc != 6) {
    return code;
  }
  const char *const secrets[] = {argv[3], NULL};
  user_api_settings settings = {
      .size = sizeof settings, .database_url = argv[2], .jwt_secrets = secrets, .bcrypt_cost = 4};
  settings.enforce_quota = strcmp(argv[1], "keeps-to-the-quota") == 0;
  settings.database_timeout_ms = strcmp(argv[1], "callbacks-may-be-slow") == 0 ? SLOW_TIMEOUT_MS : 0;
  CHECK(user_api_create(&settings, &api, NULL, 0) == USER_API_OK);
  a = (int32_t)strtol(argv[4], NULL, 10);
  b = (int32_t)strtol(argv[5], NULL, 10);
  memory = user_api_memory_create();
  CHECK(user_api_route(api, "GET", "/sign-in/<string:email>", user_api_anybody(), hand_out_session, NULL) ==
        USER_API_OK);
  CHECK(user_api_route(api, "GET", "/sign-out", user_api_has_roles(admin_role), hand_out_session, NULL) ==
        USER_API_OK);
  CHECK(user_api_on_user_created(api, see_created, &seen) == USER_API_OK);
  CHECK(user_api_on_user_updated(api, see_updated, &seen) == USER_API_OK);
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
    if (strcmp(scenarios[i].name, argv[1]) == 0) {
      scenarios[i].run();
      code = EXIT_SUCCESS;
    }
  }
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
  return code;
}
