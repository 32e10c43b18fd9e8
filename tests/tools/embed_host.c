/* Callbacks, requests, guard decisions and processes of a host: see scenario.h. */
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario.h"

enum { SLOW_TIMEOUT_MS = 500 };

static const char *const admin_role[] = {"admin", NULL};

/* --- callbacks --- */

typedef struct witness {
  int created, updated;
  bool changes; /* calls back into the library */
  bool tidies;  /* clears the memory of the call that it interrupts */
  int delay_ms;
  user_api_status result;
  char email[64];
} witness;

static witness seen = {.result = USER_API_OK};

static user_api_status see_created(void *context, user_api *instance, const user_api_user *user)
{
  witness *self = context;
  self->created++;
  (void)snprintf(self->email, sizeof self->email, "%s", user->email);
  (void)poll(NULL, 0, self->delay_ms);
  if (self->tidies) {
    user_api_memory *same = memory;
    user_api_memory_clear(memory);
    user_api_memory_destroy(&same);
    CHECK(same == memory);
  }
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
    CHECK(user_api_get(instance, own, user->customer_id, 4711, &changed) == USER_API_NOT_FOUND);
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
  CHECK(seen.created == 1 && seen.updated == 0 && user_api_problem(api) == NULL);
  CHECK(user_api_get(api, memory, a, user.id, &user) == USER_API_OK && strcmp(user.name, "Renamed") == 0);
}

static void callbacks_may_not_tidy_up(void)
{
  seen.tidies = true;
  user_api_user user = make("kept@example.org", true, NULL, 0);
  CHECK(seen.created == 1 && strcmp(user.email, "kept@example.org") == 0);
  user_api_memory_clear(memory);
}

/* Takes longer than the server allows a transaction to be idle, which is twice the statement's timeout. */
static void callbacks_may_be_slow(void)
{
  seen.delay_ms = 3 * SLOW_TIMEOUT_MS;
  user_api_user user = make("slow@example.org", true, NULL, 0);
  CHECK(seen.created == 1 && user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
}

/* --- the quota --- */

/* The quota of A allows one more user than it has. */
static void keeps_to_the_quota(void)
{
  user_api_user user = make("last@example.org", false, NULL, 0), other = {.id = -1};
  const user_api_user_change change = {.email = "one too many", .name = "n", .password = PASSWORD};
  CHECK(user_api_register(api, memory, a, &change, &other) == USER_API_QUOTA_EXCEEDED);
  CHECK(problem_has("{\"error_code\":\"CONFLICT\",\"message\":\"User quota exceeded.\"}") && other.id == -1);
  CHECK(seen.created == 1 && user_api_get(api, memory, a, user.id, &user) == USER_API_OK);
  CHECK(user_api_register(api, memory, b, &change, &other) == USER_API_OK && other.customer_id == b);
}

static void refuses_common_passwords(void)
{
  user_api_user user = make("first@example.org", true, NULL, 0), other = {.id = -1};
  const user_api_user_change common = {.email = "other@example.org", .name = "n", .password = "password1"};
  const user_api_user_change own = {.email = "first@example.org",
                                    .name = "Anyone at all",
                                    .password = "ANYONE at all",
                                    .active = true,
                                    .keep_roles = true};
  CHECK(user_api_register(api, memory, a, &common, &other) == USER_API_WRONG_DOCUMENT && other.id == -1);
  CHECK(problem_has("\"payload\":{\"password\":[\"password is too common\"]}"));
  CHECK(user_api_update(api, memory, a, user.id, &own, &user) == USER_API_WRONG_DOCUMENT);
  CHECK(user_api_reset_password(api, memory, a, user.email, "first@example.ORG", &user) ==
        USER_API_WRONG_DOCUMENT);
  CHECK(user_api_reset_password(api, memory, a, user.email, "lo\xCC\x88sch das bald", &user) == USER_API_OK);
  user_api_session session;
  CHECK(user_api_authenticate(api, memory, user.email, "l\xC3\xB6sch das bald", &session) == USER_API_OK);
}

/* --- requests from the host's own loop --- */

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

/* The child must not use or end the parent's session at the database. */
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

static void prepare(void)
{
  CHECK(user_api_route(api, "GET", "/sign-in/<string:email>", user_api_anybody(), hand_out_session, NULL) ==
        USER_API_OK);
  CHECK(user_api_route(api, "GET", "/sign-out", user_api_has_roles(admin_role), hand_out_session, NULL) ==
        USER_API_OK);
  CHECK(user_api_on_user_created(api, see_created, &seen) == USER_API_OK);
  CHECK(user_api_on_user_updated(api, see_updated, &seen) == USER_API_OK);
}

int main(int argc, char **argv)
{
  static const scenario scenarios[] = {{"calls-back", calls_back},
                                       {"callbacks-may-fail", callbacks_may_fail},
                                       {"callbacks-may-call", callbacks_may_call},
                                       {"callbacks-may-be-slow", callbacks_may_be_slow},
                                       {"callbacks-may-not-tidy-up", callbacks_may_not_tidy_up},
                                       {"keeps-to-the-quota", keeps_to_the_quota},
                                       {"refuses-common-passwords", refuses_common_passwords},
                                       {"handles", handles},
                                       {"guards", guards},
                                       {"survives-fork", survives_fork}};
  user_api_settings settings = {.size = sizeof settings};
  if (argc != 6) {
    return EXIT_FAILURE;
  }
  settings.enforce_quota = strcmp(argv[1], "keeps-to-the-quota") == 0;
  settings.refuse_common_passwords = strcmp(argv[1], "refuses-common-passwords") == 0;
  settings.database_timeout_ms = strcmp(argv[1], "callbacks-may-be-slow") == 0 ? SLOW_TIMEOUT_MS : 0;
  return run_scenario(argv, settings, prepare, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
