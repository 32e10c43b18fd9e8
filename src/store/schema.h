/* Whether the database has the schema that this program needs, and returns its rows correctly. */
#ifndef UA_STORE_SCHEMA_H
#define UA_STORE_SCHEMA_H

#include <stdint.h>

#include "base/error.h"
#include "store/db.h"

/* schema_spec.version after the newest migration: a worker needs at least this. A migration that raises it
 * adds a row, which its `down` takes away. */
enum { UA_SCHEMA_VERSION = 9 };

/* The message of all programs for a database that is not ours. */
#define UA_NO_SCHEMA "there is no User API schema in this database: run init, or name another"

/* The same for a database that does not end the sessions of a changed user. */
#define UA_NO_TRIGGERS "the triggers that end sessions are missing or disabled: run user-api-admin doctor"

/* The result of the readiness check. */
typedef struct ua_schema_state {
  uint64_t version;   /* 0 when schema_spec is empty, or its version is not a number */
  char problems[256]; /* what makes answers wrong, for the log, cut to fit; "" for no problem */
} ua_schema_state;

/* One statement, which reads one row by its primary key and catalogs. */
UA_CHECK ua_status ua_store_schema_read(ua_db *db, ua_schema_state *state_r);

#endif
