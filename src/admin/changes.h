/* Reports what `init` and `migrate` did: lines as it happens, or one JSON object at the end. */
#ifndef UA_ADMIN_CHANGES_H
#define UA_ADMIN_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "json/writer.h"
#include "operator/migrations.h"

typedef enum ua_admin_change {
  UA_ADMIN_DATABASE_DROPPED,
  UA_ADMIN_DATABASE_CREATED,
  UA_ADMIN_SETTINGS_WRITTEN,
  UA_ADMIN_ROLE_CREATED,
  UA_ADMIN_ROLE_PASSWORD_SET,
  UA_ADMIN_ROLE_MAY_LOG_IN,
  UA_ADMIN_MIGRATION_APPLIED,
  UA_ADMIN_MIGRATION_REVERTED,
  UA_ADMIN_CUSTOMER_CREATED,
  UA_ADMIN_USER_CREATED,
  UA_ADMIN_USER_PASSWORD_SET
} ua_admin_change;

typedef struct ua_admin_changes {
  size_t count;
  bool json;
  bool is_trial; /* the object also has `tried` */
  bool tried;
  ua_json_writer *writer; /* NULL: lines on standard output */
} ua_admin_changes;

void ua_admin_changes_begin(ua_admin_changes *changes, bool json);
void ua_admin_changes_note(ua_admin_changes *changes, ua_admin_change change, ua_text name);

/* Prints a line about something that did not change; not in the JSON object. */
void ua_admin_changes_say(const ua_admin_changes *changes, const char *line);

/* A migration that was applied or reverted; a ua_operator_migration_report whose context is a
 * ua_admin_changes. */
void ua_admin_changes_note_migration(void *changes, const ua_operator_migration *migration,
                                     ua_operator_migration_state state);

/* Whether `init` tried to log in as the service; only the object says it. */
void ua_admin_changes_note_trial(ua_admin_changes *changes, bool tried);

/* Prints the object, {"changes":[{"what":…,"name":…,"change":…}],"done":…,"tried":…}. After a failure (`code`
 * is not UA_CLI_OK) prints it only if there was a change before. `url`, unless it is NULL, is a URL that was
 * made here and is written nowhere else. Returns `code`, or another exit code when the object cannot be
 * printed. */
UA_CHECK int ua_admin_changes_end(ua_admin_changes *changes, const char *url, int code);

#endif
