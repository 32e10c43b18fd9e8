#include "store/schema.h"

#include <stdio.h>

/* The columns of readiness.sql. */
enum { READINESS_VERSION, READINESS_PROBLEMS };

static ua_status read_state(void *context, const ua_db_row *row)
{
  ua_schema_state *state = context;
  uint64_t version;
  ua_text problems = ua_store_db_text(row, READINESS_PROBLEMS);
  state->version =
      ua_text_to_uint(ua_store_db_text(row, READINESS_VERSION), INT32_MAX, &version) ? version : 0;
  if (problems.data != NULL) {
    (void)snprintf(state->problems, sizeof state->problems, "%.*s", UA_TEXT_ARGS(problems));
  }
  return UA_OK;
}

ua_status ua_store_schema_read(ua_db *db, ua_schema_state *state_r)
{
  ua_schema_state state = {.version = 0};
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_READINESS, NULL, read_state, &state, NULL);
  if (status == UA_OK) {
    *state_r = state;
  }
  return status;
}
