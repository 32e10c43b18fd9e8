#include "store/throttle.h"

/* The parameters of the statements. */
enum { PEEK_PARAMETERS = 6, RESERVE_PARAMETERS = 11, SETTLE_PARAMETERS = 7, RECORD_PARAMETERS = 6 };

/* Kind and digest. */
static void add_key(ua_db_args *args, ua_arena *arena, const ua_counter *counter)
{
  static const char *const kinds[] = {
      [UA_COUNTER_ADDRESS] = "address",
      [UA_COUNTER_ACCOUNT] = "account",
      [UA_COUNTER_DEVICE] = "device",
  };
  ua_store_db_add_text(args, arena, ua_text_of(kinds[counter->kind]));
  ua_store_db_add_bytes(args, arena, counter->digest, sizeof counter->digest);
}

/* The parameters of a counter that does not exist: NULLs. */
static void fill(ua_db_args *args, size_t parameters)
{
  while (args->count < parameters) {
    ua_store_db_add_null(args);
  }
}

static ua_status read_peek(void *context, const ua_db_row *row)
{
  ua_throttle_state *state = context;
  state->blocked_seconds = ua_store_db_int(row, 0);
  state->unrecorded = ua_store_db_bool(row, 1);
  return UA_OK;
}

ua_status ua_store_throttle_peek(ua_db *db, ua_arena *arena, const ua_counters *counters,
                                 ua_throttle_state *state_r)
{
  ua_db_args args = {0};
  ua_throttle_state state = {0};
  ua_status status = UA_OK;
  for (size_t i = 0; i < counters->count; i++) {
    add_key(&args, arena, &counters->list[i]);
    ua_store_db_add_int(&args, counters->list[i].limit);
  }
  fill(&args, PEEK_PARAMETERS);
  if (counters->count > 0) {
    status = ua_store_db_execute(db, UA_STATEMENT_THROTTLE_PEEK, &args, read_peek, &state, NULL);
  }
  if (status == UA_OK) {
    *state_r = state;
  }
  return status;
}

/* The columns of throttle_reserve.sql: the last two for each counter. */
enum { RESERVE_BLOCKED, RESERVE_REACHED, RESERVE_WINDOW };
enum { RESERVE_OF_A_COUNTER = 2 };

typedef struct reservation {
  ua_counters *counters;
  ua_throttle_state state;
} reservation;

static ua_status read_reservation(void *context, const ua_db_row *row)
{
  reservation *read = context;
  read->state.blocked_seconds = ua_store_db_int(row, RESERVE_BLOCKED);
  for (size_t i = 0; i < read->counters->count; i++) {
    int offset = (int)i * RESERVE_OF_A_COUNTER;
    read->state.reached[i] = ua_store_db_bool(row, RESERVE_REACHED + offset);
    read->counters->list[i].window = ua_store_db_int(row, RESERVE_WINDOW + offset);
  }
  return UA_OK;
}

ua_status ua_store_throttle_reserve(ua_db *db, ua_arena *arena, ua_counters *counters,
                                    ua_throttle_state *state_r)
{
  ua_db_args args = {0};
  reservation read = {.counters = counters};
  ua_status status = UA_OK;
  ua_store_db_add_int(&args, counters->window_seconds);
  for (size_t i = 0; i < counters->count; i++) {
    const ua_counter *counter = &counters->list[i];
    add_key(&args, arena, counter);
    if (counter->user_id == 0) {
      ua_store_db_add_null(&args);
    } else {
      ua_store_db_add_int(&args, counter->user_id);
    }
    ua_store_db_add_text(&args, arena,
                         counter->address == NULL ? UA_TEXT_ABSENT : ua_text_of(counter->address));
    ua_store_db_add_int(&args, counter->limit);
  }
  fill(&args, RESERVE_PARAMETERS);
  if (counters->count > 0) {
    status = ua_store_db_execute(db, UA_STATEMENT_THROTTLE_RESERVE, &args, read_reservation, &read, NULL);
  }
  if (status == UA_OK) {
    *state_r = read.state;
  }
  return status;
}

static ua_status settle(ua_db *db, ua_arena *arena, const ua_counters *counters, bool login)
{
  ua_db_args args = {0};
  if (counters->count == 0) {
    return UA_OK;
  }
  ua_store_db_add_bool(&args, login);
  for (size_t i = 0; i < counters->count; i++) {
    add_key(&args, arena, &counters->list[i]);
    ua_store_db_add_int(&args, counters->list[i].window);
  }
  fill(&args, SETTLE_PARAMETERS);
  return ua_store_db_execute(db, UA_STATEMENT_THROTTLE_SETTLE, &args, NULL, NULL, NULL);
}

ua_status ua_store_throttle_release(ua_db *db, ua_arena *arena, const ua_counters *counters)
{
  return settle(db, arena, counters, false);
}

ua_status ua_store_throttle_succeed(ua_db *db, ua_arena *arena, const ua_counters *counters)
{
  return settle(db, arena, counters, true);
}

ua_status ua_store_throttle_record(ua_db *db, ua_arena *arena, const ua_counters *counters)
{
  ua_db_args args = {0};
  for (size_t i = 0; i < counters->count; i++) {
    add_key(&args, arena, &counters->list[i]);
    ua_store_db_add_int(&args, counters->list[i].limit);
  }
  fill(&args, RECORD_PARAMETERS);
  return ua_store_db_execute(db, UA_STATEMENT_THROTTLE_RECORD, &args, NULL, NULL, NULL);
}
