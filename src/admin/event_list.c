#include <inttypes.h>
#include <stdio.h>

#include "admin/commands.h"
#include "admin/event_session.h"
#include "json/reader.h"
#include "operator/users.h"

enum { OPTION_USER = UA_ADMIN_EVENT_OPTIONS, OPTION_USER_ID, OPTION_BEFORE, OPTION_LIMIT };

enum { USUAL_LIMIT = 100 };

static const ua_cli_option options[] = {
    UA_ADMIN_SESSION_OPTION_ROWS,
    UA_ADMIN_EVENT_CHOICE_ROWS,
    [UA_ADMIN_EVENT_AFTER] = {"--after", "ID", "newer events than this one, oldest first"},
    [OPTION_USER] = {"--user", "EMAIL", "what happened to this user"},
    [OPTION_USER_ID] = {"--user-id", "N", "the same by id, also of a deleted user"},
    [OPTION_BEFORE] = {"--before", "ID", "only older events than this one"},
    [OPTION_LIMIT] = {"--limit", "N", "maximum number of events [100]"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Lists what happened, newest first: when, what, who did it, to whom, from where.\n"
    "The column who shows the signed-in user, or the system user who ran a command;\n"
    "- means a change by plain SQL. Names are those of that time.\n"
    "With --json, each event is the object that GET /api/events/ answers.\n";

enum {
  COLUMN_ID,
  COLUMN_TIME,
  COLUMN_KIND,
  COLUMN_WHO,
  COLUMN_WHOM,
  COLUMN_CUSTOMER,
  COLUMN_ADDRESS,
  COLUMN_DATA,
  COLUMNS
};

static const ua_cli_column columns[COLUMNS + 1] = {
    [COLUMN_ID] = {"id", UA_CLI_INTEGER, NULL},        [COLUMN_TIME] = {"time", UA_CLI_TEXT, NULL},
    [COLUMN_KIND] = {"kind", UA_CLI_TEXT, NULL},       [COLUMN_WHO] = {"who", UA_CLI_TEXT, NULL},
    [COLUMN_WHOM] = {"whom", UA_CLI_TEXT, NULL},       [COLUMN_CUSTOMER] = {"customer", UA_CLI_INTEGER, NULL},
    [COLUMN_ADDRESS] = {"address", UA_CLI_TEXT, NULL}, [COLUMN_DATA] = {"data", UA_CLI_TEXT, NULL},
};

/* A list that is being printed, as JSON or as a table. */
typedef struct printing {
  ua_arena *arena;   /* of one event */
  ua_cli_list *list; /* NULL for JSON */
  size_t printed;
} printing;

static ua_status print_object(void *context, const ua_event *event)
{
  printing *p = context;
  ua_text text;
  ua_arena_reset(p->arena);
  ua_status status = ua_admin_event_render(p->arena, event, false, &text);
  if (status == UA_OK) {
    (void)printf("%s%.*s", p->printed++ == 0 ? "" : ",", UA_TEXT_ARGS(text));
  }
  return status;
}

/* --- the table --- */

/* A user's name, or "user <id>" if it is not known; NULL for no user. */
static const char *name_of(int32_t id, ua_text name, char number[32])
{
  if (name.data != NULL || id == 0) {
    return name.data;
  }
  (void)snprintf(number, 32, "user %" PRId32, id);
  return number;
}

/* The user of the operating system, or NULL. */
static ua_status find_operating_user(ua_arena *arena, ua_text data, const char **name_r)
{
  ua_json_value value;
  ua_status status = ua_json_parse(arena, data, &value);
  if (status == UA_OK) {
    const ua_json_value *by = ua_json_member_of(&value, "by");
    *name_r = by == NULL ? NULL : by->string.data;
  }
  return status;
}

static ua_status print_row(void *context, const ua_event *event)
{
  printing *p = context;
  char id[24];
  char customer[16];
  char whom[32];
  char who[32];
  ua_arena_reset(p->arena);
  (void)snprintf(id, sizeof id, "%" PRId64, event->id);
  (void)snprintf(customer, sizeof customer, "%" PRId32, event->customer_id);
  const char *values[COLUMNS] = {[COLUMN_ID] = id,
                                 [COLUMN_TIME] = event->at.data,
                                 [COLUMN_KIND] = event->kind.data,
                                 [COLUMN_WHO] = name_of(event->actor_id, event->actor_name, who),
                                 [COLUMN_WHOM] = name_of(event->user_id, event->user_name, whom),
                                 [COLUMN_CUSTOMER] = event->has_customer ? customer : NULL,
                                 [COLUMN_ADDRESS] = event->address.data,
                                 [COLUMN_DATA] = event->data.data};
  if (values[COLUMN_WHO] == NULL) {
    ua_status status = find_operating_user(p->arena, event->data, &values[COLUMN_WHO]);
    if (status != UA_OK) {
      return UA_INTERNAL;
    }
  }
  return ua_cli_list_row(p->list, values);
}

static int print_for_people(ua_admin_session *session, const ua_event_search *search, int64_t most)
{
  printing p = {.arena = session->arena, .list = ua_cli_list_begin(false, "events", columns)};
  ua_status status =
      p.list == NULL ? UA_OK : ua_admin_event_each(&session->service, *search, most, print_row, &p);
  if (status != UA_OK) {
    ua_admin_event_explain(session, status);
  }
  return ua_cli_list_end(&p.list, status, &session->error);
}

/* --- which events --- */

static int print_for_programs(ua_admin_session *session, const ua_event_search *search, int64_t most)
{
  printing p = {.arena = session->arena};
  (void)fputs("{\"events\":[", stdout);
  ua_status status = ua_admin_event_each(&session->service, *search, most, print_object, &p);
  if (status != UA_OK) {
    ua_admin_event_explain(session, status);
    return ua_admin_session_fail(session, status);
  }
  (void)fputs("]}\n", stdout);
  return fflush(stdout) == 0 && ferror(stdout) == 0 ? UA_CLI_OK
                                                    : ua_cli_fail("cannot write to standard output");
}

static int choose_user(const ua_cli_arguments *arguments, ua_admin_session *session, ua_event_search *search)
{
  ua_operator_user_address address;
  const char *email = arguments->option[OPTION_USER];
  if (email == NULL) {
    return UA_CLI_OK;
  }
  ua_status status = ua_operator_users_find(session->connection, email, NULL, &address, &session->error);
  if (status != UA_OK) {
    return ua_admin_session_fail(session, status);
  }
  search->by_user = true;
  search->user_id = address.id;
  return UA_CLI_OK;
}

/* Reads the shared options and the command's own. */
static int read_options(const ua_cli_arguments *arguments, ua_event_search *search, int64_t *most_r)
{
  const char *const *option = arguments->option;
  uint64_t before = INT64_MAX;
  uint64_t user = 0;
  uint64_t most = USUAL_LIMIT;
  int code = ua_admin_event_search(arguments, search);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("--user", option[OPTION_USER], 1);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_read_number("--user-id", option[OPTION_USER_ID], 1, INT32_MAX, &user);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_read_number("--before", option[OPTION_BEFORE], 1, INT64_MAX, &before);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_read_number("--limit", option[OPTION_LIMIT], 0, INT32_MAX, &most);
  }
  search->before = (int64_t)before;
  search->by_after = option[UA_ADMIN_EVENT_AFTER] != NULL;
  search->by_user = user != 0;
  search->user_id = (int32_t)user;
  *most_r = (int64_t)most;
  return code;
}

static int list_events(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  ua_event_search search = {.by_after = false};
  int64_t most = 0;
  int code = read_options(arguments, &search, &most);
  if (code == UA_CLI_OK) {
    code = choose_user(arguments, session, &search);
  }
  if (code != UA_CLI_OK) {
    return code;
  }
  return session->json ? print_for_programs(session, &search, most)
                       : print_for_people(session, &search, most);
}

static int run_list(const ua_cli_arguments *arguments)
{
  ua_event_search search = {.by_after = false};
  int64_t most;
  const char *const *option = arguments->option;
  if (option[UA_ADMIN_EVENT_AFTER] != NULL && option[OPTION_BEFORE] != NULL) {
    return ua_cli_misused("event list: --after and --before exclude each other");
  }
  if (option[OPTION_USER] != NULL && option[OPTION_USER_ID] != NULL) {
    return ua_cli_misused("event list: --user and --user-id exclude each other");
  }
  int code = read_options(arguments, &search, &most);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE, list_events) : code;
}

const ua_cli_command ua_admin_event_list = {
    .name = "event list",
    .synopsis = "[OPTIONS]",
    .summary = "Lists what happened, newest first",
    .details = details,
    .example = "--user ann@example.org --limit 20",
    .options = options,
    .run = run_list,
};
