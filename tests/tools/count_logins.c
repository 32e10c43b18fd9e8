/* Counts failed logins through store/throttle.h, for a test that counts in many sessions at once:
 * count_logins DB_URL
 *
 * Reads lines `peek|reserve|release|succeed [SECONDS COUNTER [COUNTER]]` with counters
 * `kind:name:limit[:user]`. A line without counters uses those of the line before, as they were reserved.
 * Answers each line with a line `status blocked_seconds reached reached`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/throttle.h"

enum { PARTS = 4, MEMORY = 1 << 20 };

/* Splits `text` in place at the separators, and returns the number of parts. */
static size_t split(char *text, const char *separator, char *parts_r[PARTS])
{
  size_t count = 0;
  for (char *part = text; count < PARTS && part != NULL; count++) {
    parts_r[count] = part;
    part = strpbrk(part, separator);
    if (part != NULL) {
      *part++ = '\0';
    }
  }
  return count;
}

static bool read_counter(char *text, ua_counter *counter_r)
{
  static const char *const kinds[] = {"address", "account", "device"};
  char *parts[PARTS];
  size_t count = split(text, ":", parts);
  *counter_r = (ua_counter){.kind = UA_COUNTER_ADDRESS};
  while (count >= 3 && strcmp(parts[0], kinds[counter_r->kind]) != 0) {
    if (counter_r->kind == UA_COUNTER_DEVICE) {
      return false;
    }
    counter_r->kind++;
  }
  if (count < 3 || !ua_crypto_sha256(ua_text_of(parts[1]), counter_r->digest)) {
    return false;
  }
  counter_r->address = counter_r->kind == UA_COUNTER_ADDRESS ? parts[1] : NULL;
  counter_r->limit = strtoll(parts[2], NULL, 10);
  counter_r->user_id = count > 3 ? (int32_t)strtol(parts[3], NULL, 10) : 0;
  return true;
}

/* A line without counters leaves `counters` unchanged. */
static bool run(ua_db *db, ua_arena *arena, char *line, ua_counters *counters)
{
  char *words[PARTS];
  ua_throttle_state state = {0};
  ua_status status = UA_OK;
  size_t count = split(line, " ", words);
  if (count > 2) {
    *counters = (ua_counters){.count = count - 2, .window_seconds = strtoll(words[1], NULL, 10)};
    for (size_t i = 0; i < counters->count; i++) {
      if (!read_counter(words[i + 2], &counters->list[i])) {
        return false;
      }
    }
  }
  if (strcmp(line, "peek") == 0) {
    status = ua_store_throttle_peek(db, arena, counters, &state);
  } else if (strcmp(line, "reserve") == 0) {
    status = ua_store_throttle_reserve(db, arena, counters, &state);
  } else if (strcmp(line, "release") == 0) {
    status = ua_store_throttle_release(db, arena, counters);
  } else if (strcmp(line, "succeed") == 0) {
    status = ua_store_throttle_succeed(db, arena, counters);
  } else {
    return false;
  }
  (void)printf("%d %lld %d %d\n", status == UA_OK ? 0 : (int)status, (long long)state.blocked_seconds,
               state.reached[0], state.reached[1]);
  return fflush(stdout) == 0;
}

int main(int count, char **arguments)
{
  static char lines[2][1024]; /* the addresses of the counters point into the latest line that had counters */
  size_t at = 0;
  ua_counters counters = {.count = 0};
  if (count != 2) {
    return 2;
  }
  ua_db *db = ua_store_db_create(&(ua_db_settings){.url = arguments[1],
                                                   .application_name = "count_logins",
                                                   .connect_timeout_ms = 20000,
                                                   .statement_timeout_ms = 60000,
                                                   .prepared = true});
  bool done = db != NULL;
  while (done && fgets(lines[at], sizeof lines[at], stdin) != NULL) {
    ua_arena *arena = ua_arena_create(MEMORY / 16, MEMORY);
    lines[at][strcspn(lines[at], "\n")] = '\0';
    bool names_counters = strchr(lines[at], ' ') != NULL;
    done = arena != NULL && run(db, arena, lines[at], &counters);
    at = names_counters ? 1 - at : at;
    ua_arena_destroy(&arena);
  }
  ua_store_db_destroy(&db);
  return done ? 0 : 1;
}
