/* Migrations as files in dbmate's format. The parser is pure; only ua_operator_migration_set_load reads
 * files.
 *
 * A file is named <digits><anything>.sql; the digits are its version. Its text has the directives
 * `-- migrate:up` and `-- migrate:down`, once each, in this order, alone on their lines. Only comments may
 * come before the first. */
#ifndef UA_OPERATOR_MIGRATION_FILE_H
#define UA_OPERATOR_MIGRATION_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

enum {
  UA_MAX_MIGRATIONS = 1000,
  UA_MAX_MIGRATION_BYTES = 1024 * 1024,
  UA_MAX_MIGRATION_NAME_BYTES = 255,
  UA_MAX_MIGRATION_VERSION_BYTES = 32
};

/* Views into the file's name and content. */
typedef struct ua_operator_migration {
  ua_text name;
  ua_text version;
  ua_text up;
  ua_text down;
} ua_operator_migration;

typedef struct ua_operator_migration_set {
  ua_operator_migration *migrations; /* ordered by name */
  size_t count;
  char **owned; /* memory behind migrations[i]; NULL for those built into the program */
} ua_operator_migration_set;

/* The migrations that are built into the program; scripts/embed-migrations makes them from migrations/. */
typedef struct ua_operator_migration_source {
  const char *name;
  const unsigned char *content;
  size_t length;
} ua_operator_migration_source;

extern const ua_operator_migration_source ua_embedded_migrations[];
extern const size_t ua_embedded_migration_count;

/* The version that a file name begins with; absent when it is not the name of a migration. */
ua_text ua_operator_migration_version(ua_text name);

/* Reads one file. UA_BAD_REQUEST with a line that names the file. */
UA_CHECK ua_status ua_operator_migration_parse(ua_text name, ua_text content,
                                               ua_operator_migration *migration_r, ua_error_line *error);

/* All migrations of the program. The caller clears the set. */
UA_CHECK ua_status ua_operator_migration_set_embedded(ua_operator_migration_set *set_r, ua_error_line *error);

/* All migrations of a folder; ignores files with other names. A folder without migrations is an error. */
UA_CHECK ua_status ua_operator_migration_set_load(const char *folder, ua_operator_migration_set *set_r,
                                                  ua_error_line *error);

/* Frees everything and leaves the set empty. */
void ua_operator_migration_set_clear(ua_operator_migration_set *set);

#endif
