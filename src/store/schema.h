/* Whether the database has the schema that this program needs, and shows its rows as they are. */
#ifndef UA_STORE_SCHEMA_H
#define UA_STORE_SCHEMA_H

#include <stdint.h>

#include "base/error.h"
#include "store/db.h"

/* schema_spec.version after the newest migration: a worker needs at least this. A migration that raises it
 * adds a row, which its `down` takes away. */
enum { UA_SCHEMA_VERSION = 9 };

/* What every program says of a database that is not ours. */
#define UA_NO_SCHEMA "there is no User API schema in this database: run init, or name another"

/* The same of one that does not end the sessions of a user who is changed. */
#define UA_NO_TRIGGERS "the triggers that end sessions are missing or disabled: run user-api-admin doctor"

/* What readiness is about. */
typedef struct ua_schema_state {
  uint64_t version;   /* 0 when schema_spec is empty, or its version is no number */
  char problems[256]; /* what makes answers wrong, for the log, cut to what fits; "" for nothing */
} ua_schema_state;

/* One statement, of a row by its primary key and of catalogs. */
UA_CHECK ua_status ua_store_schema_read(ua_db *db, ua_schema_state *state_r);

#endif
