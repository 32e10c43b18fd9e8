/* Events that a program reads and writes, and the causes of its own changes: see changes.h. */
#include "changes.h"

/* The newest event that the query matches. */
static user_api_event newest(user_api_event_query query)
{
  user_api_event_page page = {.count = 0};
  query.size = sizeof query;
  query.limit = 1;
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 1);
  return page.events[0];
}

static user_api_event newest_of(int32_t customer_id)
{
  return newest((user_api_event_query){.customer_id = customer_id});
}

static bool same(const char *text, const char *expected)
{
  return expected == NULL ? text == NULL : text != NULL && strcmp(text, expected) == 0;
}

/* Whether the newest event has this cause. */
static bool says(int32_t actor_id, const char *address, const char *request_id)
{
  const user_api_event event = newest((user_api_event_query){.limit = 1});
  return event.actor_id == actor_id && same(event.address, address) && same(event.request_id, request_id) &&
         (event.actor_name != NULL) == (actor_id != 0);
}

static user_api_status record(const user_api_terms *terms, int32_t customer_id, int32_t user_id,
                              const char *data)
{
  return user_api_write_event(api, terms, customer_id, user_id, "app.book_lent", data);
}

/* --- reading --- */

static void pages(void)
{
  user_api_event_query query = {.size = sizeof query, .customer_id = a, .kind = "app.book_lent", .limit = 2};
  user_api_event_page page = {.count = 0};
  int64_t ids[4] = {0};
  for (int i = 0; i < 4; i++) {
    CHECK(record(NULL, a, 0, user_api_format(memory, "{\"n\":%d}", i)) == USER_API_OK);
    ids[i] = newest_of(a).id;
    CHECK(record(NULL, b, 0, "{}") == USER_API_OK);
  }
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 2 && page.has_next);
  CHECK(page.events[0].id == ids[3] && page.events[1].id == ids[2] && same(page.events[1].data, "{\"n\":2}"));
  query.before = ids[2];
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 2 && !page.has_next);
  CHECK(page.events[0].id == ids[1] && page.events[1].id == ids[0]);
  query.before = 0;
  query.from_oldest = true;
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 2 && page.has_next);
  CHECK(page.events[0].id == ids[0] && page.events[1].id == ids[1]);
  query.after = ids[2];
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 1 && !page.has_next);
  CHECK(page.events[0].id == ids[3]);
  query.after = INT64_MAX;
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 0 && !page.has_next);
}

static void customers_are_kept_apart(void)
{
  const user_api_user bob = user_of("bob@example.org");
  user_api_event_query query = {.size = sizeof query, .limit = 1000};
  user_api_event_page page = {.count = 0};
  const user_api_event of_nobody = newest((user_api_event_query){.kind = "role.created"});
  CHECK(of_nobody.customer_id == 0 && of_nobody.user_id == 0 && of_nobody.user_name == NULL);
  const int32_t customers[] = {a, b};
  for (size_t i = 0; i < 2; i++) {
    query.customer_id = customers[i];
    CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count > 0);
    for (size_t k = 0; k < page.count; k++) {
      CHECK(page.events[k].customer_id == customers[i]);
    }
  }
  query.user_id = bob.id;
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count > 0);
  CHECK(page.events[0].user_id == bob.id && same(page.events[0].user_name, "bob"));
  query.customer_id = a;
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 0);
  query.customer_id = -1;
  query.user_id = 0;
  CHECK(user_api_list_events(api, memory, &query, &page) == USER_API_OK && page.count == 0);
}

/* --- writing --- */

static void writes(void)
{
  person alice, olga;
  sign_in(&alice, "alice@example.org");
  sign_in(&olga, "olga@example.org");
  const user_api_user albert = user_of("albert@example.org"), bob = user_of("bob@example.org");
  CHECK(record(&alice.terms, a, albert.id, "{\"title\":\"Möbius\",\"copies\":-3}") == USER_API_OK);
  const user_api_event event = newest_of(a);
  CHECK(event.customer_id == a && event.user_id == albert.id && same(event.user_name, "albert"));
  CHECK(same(event.kind, "app.book_lent") && same(event.data, "{\"copies\":-3,\"title\":\"Möbius\"}"));
  CHECK(event.actor_id == alice.session.identity.user.id && same(event.actor_name, "alice"));
  const char *json = user_api_event_json(memory, &event);
  CHECK(json != NULL && strstr(json, "\"data\":{\"copies\":-3,\"title\":\"Möbius\"},\"id\":") != NULL);
  /* Any user of the customer may be the actor, and an operator of any customer. */
  person small;
  sign_in(&small, "albert@example.org");
  CHECK(record(&small.terms, a, 0, "{}") == USER_API_OK && says(albert.id, NULL, NULL));
  CHECK(record(&olga.terms, a, 0, "{}") == USER_API_OK);
  CHECK(says(olga.session.identity.user.id, NULL, NULL));
  const int64_t last = newest_of(0).id;
  CHECK(record(&alice.terms, b, 0, "{}") == USER_API_NOT_FOUND && problem_has("Customer '"));
  CHECK(record(&alice.terms, b, bob.id, "{}") == USER_API_NOT_FOUND);
  CHECK(record(&alice.terms, a, bob.id, "{}") == USER_API_NOT_FOUND && problem_has("User '"));
  CHECK(record(NULL, a, bob.id, "{}") == USER_API_NOT_FOUND);
  CHECK(record(NULL, 4711, 0, "{}") == USER_API_NOT_FOUND && problem_has("Customer '4711' doesn't exist."));
  CHECK(record(NULL, 0, 0, "{}") == USER_API_NOT_FOUND);
  CHECK(record(NULL, a, -1, "{}") == USER_API_NOT_FOUND);
  CHECK(user_api_write_event(api, NULL, a, 0, "user.deleted", "{}") == USER_API_WRONG_DOCUMENT);
  CHECK(newest_of(0).id == last);
}

/* --- causes --- */

static void terms_say_who_and_from_where(void)
{
  person alice;
  sign_in(&alice, "alice@example.org");
  const int32_t self = alice.session.identity.user.id;
  const user_api_user albert = user_of("albert@example.org");
  user_api_terms program = {.size = sizeof program, .by_program = true};
  alice.terms.address = "203.0.113.9";
  alice.terms.request_id = "request 1";
  CHECK(user_api_end_sessions(api, &alice.terms, a, albert.id) == USER_API_OK);
  CHECK(says(self, "203.0.113.9", "request 1") && newest_of(a).user_id == albert.id);
  CHECK(user_api_end_sessions(api, NULL, a, albert.id) == USER_API_OK && says(0, NULL, NULL));
  CHECK(user_api_end_sessions(api, &alice.terms, b, albert.id) == USER_API_NOT_FOUND);
  CHECK(user_api_end_sessions(api, &program, a, albert.id) == USER_API_OK && says(0, NULL, NULL));
  program.address = "2001:db8::1";
  CHECK(user_api_end_sessions(api, &program, a, albert.id) == USER_API_OK && says(0, "2001:db8::1", NULL));
  CHECK(add(&alice.terms, a, "added@example.org", NULL, 0) == USER_API_OK);
  CHECK(says(self, "203.0.113.9", "request 1"));
  /* An invalid address or request id is left out, and the call succeeds. */
  program.address = "' OR true; --";
  program.request_id = "\xff";
  CHECK(record(&program, a, 0, "{}") == USER_API_OK && says(0, NULL, NULL));
  program.request_id = user_api_format(memory, "%0255d", 0);
  CHECK(record(&program, a, 0, "{}") == USER_API_OK && says(0, NULL, program.request_id));
  program.request_id = user_api_format(memory, "%0256d", 0);
  CHECK(record(&program, a, 0, "{}") == USER_API_OK && says(0, NULL, NULL));
  user_api_session session;
  CHECK(user_api_authenticate_from(api, memory, "203.0.113.7", "albert@example.org", PASSWORD, &session) ==
        USER_API_OK);
  CHECK(says(albert.id, "203.0.113.7", NULL) && same(newest_of(a).kind, "session.opened"));
  CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(0, NULL, NULL));
}

/* A program that was built before `address` existed: the library may not read what follows the structure. */
static void older_terms_say_who(void)
{
  person alice;
  sign_in(&alice, "alice@example.org");
  alice.terms.size = offsetof(user_api_terms, address);
  alice.terms.address = alice.terms.request_id = (const char *)(uintptr_t)1;
  CHECK(record(&alice.terms, a, 0, "{}") == USER_API_OK);
  CHECK(says(alice.session.identity.user.id, NULL, NULL));
}

static user_api_user lender;

static user_api_status lend(void *context, const user_api_request *request, user_api_response *response)
{
  const user_api_identity *caller = user_api_request_identity(request);
  const char *id = user_api_request_id(request);
  const user_api_terms program = {.size = sizeof program, .by_program = true, .request_id = "of its own"};
  person albert;
  (void)context;
  sign_in(&albert, "albert@example.org");
  albert.terms.address = "203.0.113.77";
  CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(caller->user.id, "198.51.100.4", id));
  CHECK(record(&albert.terms, a, 0, "{}") == USER_API_OK && says(lender.id, "203.0.113.77", id));
  CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(caller->user.id, "198.51.100.4", id));
  CHECK(record(&program, a, 0, "{}") == USER_API_OK && says(caller->user.id, "198.51.100.4", "of its own"));
  CHECK(record(&albert.terms, b, 0, "{}") == USER_API_NOT_FOUND);
  CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(caller->user.id, "198.51.100.4", id));
  return user_api_request_argument(request, "fail", NULL) != NULL
             ? USER_API_NOT_FOUND
             : user_api_respond_json(response, 200, "{}\n");
}

static void handlers_say_who_asked(void)
{
  person alice;
  user_api_answer answer = {NULL, 0};
  lender = user_of("albert@example.org");
  sign_in(&alice, "alice@example.org");
  char method[] = "REQUEST_METHOD=GET", good[] = "REQUEST_URI=/lend", bad[] = "REQUEST_URI=/lend?fail=1";
  char address[] = "REMOTE_ADDR=198.51.100.4";
  char *bearer =
      (char *)(uintptr_t)user_api_format(memory, "HTTP_AUTHORIZATION=Bearer %s", alice.session.token);
  char *const uris[] = {good, bad};
  for (size_t i = 0; i < 2; i++) {
    char *const parameters[] = {method, uris[i], address, bearer, NULL};
    CHECK(user_api_handle(api, memory, parameters, NULL, 0, &answer) == USER_API_OK);
    CHECK(strncmp(answer.bytes, i == 0 ? "Status: 200 " : "Status: 404 ", 12) == 0);
    CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(0, NULL, NULL));
  }
}

/* The cause of what a callback does is the change that called it, unless the terms name another cause. */
static user_api_status see_created(void *context, user_api *instance, const user_api_user *user)
{
  person alice;
  (void)context;
  (void)instance;
  if (lender.id == 0) {
    return USER_API_OK;
  }
  CHECK(record(NULL, a, user->id, "{}") == USER_API_OK && says(lender.id, "203.0.113.9", NULL));
  sign_in(&alice, "alice@example.org");
  CHECK(record(&alice.terms, a, 0, "{}") == USER_API_OK);
  CHECK(says(alice.session.identity.user.id, "203.0.113.9", NULL));
  CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(lender.id, "203.0.113.9", NULL));
  return USER_API_OK;
}

static void callbacks_say_what_called_them(void)
{
  person alice;
  sign_in(&alice, "alice@example.org");
  lender = alice.session.identity.user;
  alice.terms.address = "203.0.113.9";
  CHECK(add(&alice.terms, a, "called@example.org", NULL, 0) == USER_API_OK);
  CHECK(record(NULL, a, 0, "{}") == USER_API_OK && says(0, NULL, NULL));
}

static void prepare(void)
{
  CHECK(user_api_on_user_created(api, see_created, NULL) == USER_API_OK);
  CHECK(user_api_mount_events(api, "/what-happened") == USER_API_OK);
  CHECK(user_api_route(api, "GET", "/lend", user_api_connected(), lend, NULL) == USER_API_OK);
}

int main(int argc, char **argv)
{
  static const scenario scenarios[] = {{"pages", pages},
                                       {"customers-are-kept-apart", customers_are_kept_apart},
                                       {"writes", writes},
                                       {"terms-say-who-and-from-where", terms_say_who_and_from_where},
                                       {"older-terms-say-who", older_terms_say_who},
                                       {"handlers-say-who-asked", handlers_say_who_asked},
                                       {"callbacks-say-what-called-them", callbacks_say_what_called_them}};
  const user_api_settings settings = {.size = sizeof settings, .operator_role = "operator"};
  return argc == 6 ? run_scenario(argv, settings, prepare, scenarios, sizeof scenarios / sizeof scenarios[0])
                   : EXIT_FAILURE;
}
