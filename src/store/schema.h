/* Whether the database has the schema that this program needs. */
#ifndef UA_STORE_SCHEMA_H
#define UA_STORE_SCHEMA_H

#include <stdint.h>

#include "base/error.h"
#include "store/db.h"

/* schema_spec.version after the newest migration: a worker needs at least this. A migration that raises it
 * updates the row, and its `down` puts the old value back. */
enum { UA_SCHEMA_VERSION = 2 };

/* The database's version, 0 when schema_spec is empty or its version no number. One row by its primary key.
 */
UA_CHECK ua_status ua_store_schema_version(ua_db *db, uint64_t *version_r);

#endif
