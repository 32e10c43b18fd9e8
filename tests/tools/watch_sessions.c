/* Runs the session watcher on a table of its own, for the tests that inspect the table:
 * watch_sessions DB_URL STALENESS_MS GENERATION
 *
 * Reads lines, and answers each with one line: `pid` (the watcher's), `proof` (how many milliseconds ago the
 * latest proof was sent, -1 if there is none), `alive` (the same for the sign of life), `origin`,
 * `generation`. For a user and the digest of a token: `fill ID HEX`, and `find ID HEX` (yes or no). The
 * watcher ends with this program. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/watcher.h"

static long long milliseconds_since(int64_t then, int64_t now)
{
  return then == 0 ? -1 : now - then;
}

static bool read_key(const char *words, ua_token_key *key_r)
{
  ua_text rest = ua_text_of(words);
  ua_text id;
  uint64_t number;
  *key_r = (ua_token_key){.user_id = 0};
  if (!ua_text_split(&rest, ' ', &id) || !ua_text_to_uint(id, INT32_MAX, &number)) {
    return false;
  }
  key_r->user_id = (int32_t)number;
  return ua_text_unhex(rest, key_r->digest, sizeof key_r->digest);
}

static void answer(ua_session_table *table, uint64_t generation, pid_t watcher, const char *line)
{
  ua_session_board *board = ua_auth_session_table_board(table);
  int64_t now = ua_clock_boot_ms();
  int64_t asked_ms;
  ua_token_key key;
  if (strcmp(line, "pid") == 0) {
    printf("%d\n", watcher);
  } else if (strcmp(line, "proof") == 0) {
    printf("%lld\n", milliseconds_since(atomic_load(&board->proved_ms), now));
  } else if (strcmp(line, "alive") == 0) {
    printf("%lld\n", milliseconds_since(atomic_load(&board->alive_ms), ua_clock_monotonic_ms()));
  } else if (strcmp(line, "origin") == 0) {
    printf("%" PRId64 "\n", (int64_t)atomic_load(&board->origin));
  } else if (strcmp(line, "generation") == 0) {
    printf("%" PRIu64 "\n", atomic_load(&board->generation));
  } else if (strncmp(line, "fill ", 5) == 0 && read_key(line + 5, &key)) {
    ua_auth_session_table_fill(table, generation, &key, ua_auth_session_table_now(table, &key), now);
    puts("filled");
  } else if (strncmp(line, "find ", 5) == 0 && read_key(line + 5, &key)) {
    puts(ua_auth_session_table_find(table, generation, &key, &asked_ms) ? "yes" : "no");
  } else {
    puts("?");
  }
}

int main(int argc, char *argv[])
{
  char line[256];
  if (argc != 4) {
    return 2;
  }
  ua_config config = {.database_url = argv[1],
                      .database_connect_timeout_ms = 2000,
                      .session_staleness_ms = strtoll(argv[2], NULL, 10)};
  ua_watcher_setup setup = {.config = &config,
                            .sessions = ua_auth_session_table_create(1),
                            .generation = strtoull(argv[3], NULL, 10)};
  if (setup.sessions == NULL) {
    return 1;
  }
  pid_t watcher = fork();
  if (watcher == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(ua_process_watcher_run(&setup) == UA_OK ? 0 : 1);
  }
  while (watcher > 0 && fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    answer(setup.sessions, setup.generation, watcher, line);
    (void)fflush(stdout);
  }
  return 0;
}
