/* Runs Debian's pgloader, which copies rows from MySQL or MariaDB. */
#ifndef UA_LEGACY_PGLOADER_H
#define UA_LEGACY_PGLOADER_H

#include "legacy/mysql_url.h"
#include "operator/connection_peer.h"

enum { UA_PGLOADER_MAX_TABLES = 8 };

/* What pgloader reports about one table. */
typedef struct ua_legacy_pgloader_table {
  char name[32];
  uint64_t read;
  uint64_t errors;
} ua_legacy_pgloader_table;

typedef struct ua_legacy_pgloader_summary {
  ua_legacy_pgloader_table table[UA_PGLOADER_MAX_TABLES];
  size_t count;
} ua_legacy_pgloader_summary;

typedef struct ua_legacy_pgloader_job {
  const ua_legacy_mysql_url *source;
  const ua_operator_peer *target;
  const char *schema; /* of the target, empty: receives the tables, without keys and indexes */
  /* Called several times a second meanwhile; false ends pgloader. */
  bool (*wait)(void *context);
  void *context;
} ua_legacy_pgloader_job;

/* Loads the original's tables that exist, of either layout. Integers arrive as bigint, tinyint as smallint,
 * text as text, all of them nullable. Passwords go through pgloader's environment, and its files through a
 * private folder that is removed. UA_NOT_FOUND when pgloader is not installed, UA_BAD_REQUEST for names that
 * its command cannot contain, UA_UNPROCESSABLE when it failed: the line says why. */
UA_CHECK ua_status ua_legacy_pgloader_run(const ua_legacy_pgloader_job *job,
                                          ua_legacy_pgloader_summary *summary_r, ua_error_line *error);

#endif
