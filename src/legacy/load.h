/* The first half of `import-mysql`: copies the source's rows, unchanged, into a schema of the target. */
#ifndef UA_LEGACY_LOAD_H
#define UA_LEGACY_LOAD_H

#include <signal.h>

#include "cli/secret.h"
#include "legacy/pgloader.h"
#include "legacy/staging.h"

typedef struct ua_legacy_load {
  const ua_cli_secret *target_url; /* to drop the schema when the connection is lost meanwhile */
  const char *target_database;     /* instead of the URL's, or NULL */
  int64_t stall_seconds;           /* how long pgloader may load nothing before it is stopped */
  ua_operator_connection *connection;
  char schema[UA_MAX_STAGING_NAME_BYTES]; /* "" when there is none */
  ua_legacy_pgloader_summary summary;
  int64_t took_ms;
  sigset_t usual; /* the signals that were blocked before */
} ua_legacy_load;

/* Blocks signals that end the program until ua_legacy_load_end. */
void ua_legacy_load_begin(ua_legacy_load *load);

/* Whether one of them is pending. */
bool ua_legacy_load_interrupted(void);

/* Loads; shows its progress on a terminal. */
UA_CHECK ua_status ua_legacy_load_run(ua_legacy_load *load, const ua_legacy_mysql_url *source,
                                      ua_error_line *error);

/* Drops the schema, with a new connection if the old one is lost, and unblocks the signals. */
void ua_legacy_load_end(ua_legacy_load *load);

#endif
