#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "admin/commands.h"
#include "admin/event_session.h"
#include "base/limits.h"

/* The pause between two queries. NOTIFY would avoid the queries, but transactions that notify wait for each
 * other at commit: every writer would pay for it, even if no one listens. */
enum { PAUSE_MS = 500 };

static const ua_cli_option options[] = {
    [UA_ADMIN_SESSION_DATABASE_URL] = {"--database-url", "URL", "the database [USER_API_DATABASE_URL]"},
    [UA_ADMIN_SESSION_CONFIG] = UA_ADMIN_CONFIG_OPTION_ROW,
    [UA_ADMIN_SESSION_JSON] = {"--json", NULL, "no effect: each event is a JSON object anyway"},
    UA_ADMIN_EVENT_CHOICE_ROWS,
    [UA_ADMIN_EVENT_AFTER] = {"--after", "ID", "begin after this event, instead of now"},
    {NULL, NULL, NULL},
};

static const char details[] =
    "Prints each event as it comes, as a JSON line: the object that GET /api/events/\n"
    "answers. Every event comes once, in the order of ids. It asks the database twice\n"
    "a second. It ends with exit code 0 at SIGINT or SIGTERM, or when the reader\n"
    "closes standard output. If the database does not answer, it prints a warning,\n"
    "and continues after the last event when the database is back.\n";

typedef struct following {
  ua_admin_session *session;
  ua_arena *page;
  ua_arena *line;
  ua_event_search search;
  ua_event_list list;
  sigset_t signals; /* while it waits */
  bool is_away;     /* the database is not available, and a warning said so */
} following;

/* How a step ended. */
typedef enum outcome { GO_ON, END, FAILED } outcome;

static volatile sig_atomic_t stopped;

static void stop(int number)
{
  (void)number;
  stopped = 1;
}

/* A second signal ends the program at once, even while it waits for the database or writes a long line. A
 * signal that was ignored when the program started stays ignored. */
static void watch_signals(sigset_t *before)
{
  static const int ending[] = {SIGINT, SIGTERM};
  struct sigaction action = {.sa_handler = stop, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
  struct sigaction usual;
  (void)sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
    if (sigaction(ending[i], NULL, &usual) == 0 && usual.sa_handler != SIG_IGN) {
      (void)sigaction(ending[i], &action, NULL);
    }
  }
  (void)signal(SIGPIPE, SIG_IGN);
  (void)sigprocmask(SIG_SETMASK, NULL, before);
}

/* Waits until standard output takes a line; if `events` is 0, until the pause ends. */
static outcome await(const following *f, short events, int milliseconds)
{
  const struct timespec pause = {.tv_sec = milliseconds / 1000, .tv_nsec = (milliseconds % 1000) * 1000000L};
  struct pollfd output = {.fd = STDOUT_FILENO, .events = events};
  sigset_t ending;
  int ready = 0;
  (void)sigemptyset(&ending);
  (void)sigaddset(&ending, SIGINT);
  (void)sigaddset(&ending, SIGTERM);
  /* Signals are blocked here, so one arrives before `stopped` is read or within ppoll, never in between. */
  (void)sigprocmask(SIG_BLOCK, &ending, NULL);
  if (stopped == 0) {
    ready = ppoll(&output, 1, events == 0 ? &pause : NULL, &f->signals);
  }
  (void)sigprocmask(SIG_SETMASK, &f->signals, NULL);
  if (stopped != 0) {
    return END;
  }
  return ready > 0 && (output.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? END : GO_ON;
}

/* Writes the whole line, even if a signal interrupts it. */
static outcome write_line(ua_text line)
{
  while (line.length > 0) {
    ssize_t wrote = write(STDOUT_FILENO, line.data, line.length);
    if (wrote < 0 && errno == EPIPE) {
      return END;
    }
    if (wrote < 0 && errno != EINTR) {
      (void)ua_cli_fail("cannot write to standard output");
      return FAILED;
    }
    line = wrote < 0 ? line : (ua_text){line.data + wrote, line.length - (size_t)wrote};
  }
  return GO_ON;
}

static outcome print_events(following *f)
{
  outcome reached = GO_ON;
  for (size_t i = 0; reached == GO_ON && i < f->list.count; i++) {
    ua_text line;
    ua_arena_reset(f->line);
    if (ua_admin_event_render(f->line, &f->list.events[i], true, &line) != UA_OK) {
      (void)ua_cli_fail("out of memory");
      return FAILED;
    }
    reached = await(f, POLLOUT, 0);
    if (reached == GO_ON) {
      reached = write_line(line);
      f->search.after = f->list.events[i].id;
    }
  }
  return reached;
}

static ua_status ask(void *context)
{
  following *f = context;
  ua_arena_reset(f->page);
  f->list = (ua_event_list){.has_next = false};
  return ua_service_events_page(&f->session->service, f->page, &f->search, &f->list);
}

/* Connects again if necessary, as the same user of the operating system. */
static outcome follow(following *f)
{
  ua_status status = ua_operator_connection_as_its_user(f->session->connection, ask, f);
  if (status == UA_OK) {
    f->is_away = false;
    return print_events(f);
  }
  if (status != UA_UNAVAILABLE) {
    ua_admin_event_explain(f->session, status);
    (void)ua_admin_session_fail(f->session, status);
    return FAILED;
  }
  if (!f->is_away) {
    ua_cli_warn("the database does not answer: continuing after event %" PRId64 " when it does",
                f->search.after);
  }
  f->is_away = true;
  return GO_ON;
}

static int follow_for_ever(following *f)
{
  outcome reached = GO_ON;
  while (reached == GO_ON) {
    reached = follow(f);
    if (reached == GO_ON) {
      reached = await(f, 0, f->list.has_next ? 0 : PAUSE_MS);
    }
  }
  return reached == END ? UA_CLI_OK : UA_CLI_FAILED;
}

static int tail(const ua_cli_arguments *arguments, ua_admin_session *session)
{
  following f = {.session = session,
                 .page = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT),
                 .line = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT)};
  ua_status status = UA_OK;
  int code = ua_admin_event_search(arguments, &f.search);
  f.search.by_after = true;
  f.search.limit = UA_ADMIN_EVENT_PAGE;
  if (f.page == NULL || f.line == NULL) {
    code = ua_cli_fail("out of memory");
  }
  if (code == UA_CLI_OK && arguments->option[UA_ADMIN_EVENT_AFTER] == NULL) {
    status = ua_service_events_final(&session->service, &f.search.after);
  }
  if (status != UA_OK) {
    ua_admin_event_explain(session, status);
    code = ua_admin_session_fail(session, status);
  }
  if (code == UA_CLI_OK) {
    watch_signals(&f.signals);
    code = follow_for_ever(&f);
  }
  ua_arena_destroy(&f.page);
  ua_arena_destroy(&f.line);
  return code;
}

static int run_tail(const ua_cli_arguments *arguments)
{
  ua_event_search search;
  int code = ua_admin_event_search(arguments, &search);
  return code == UA_CLI_OK ? ua_admin_session_run(arguments, UA_ADMIN_NEEDS_SERVICE, tail) : code;
}

const ua_cli_command ua_admin_event_tail = {
    .name = "event tail",
    .synopsis = "[OPTIONS]",
    .summary = "Prints events as they come, until you stop it",
    .details = details,
    .example = "--kind login.blocked",
    .options = options,
    .run = run_tail,
};
