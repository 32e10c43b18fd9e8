#include "admin/changes.h"

#include <stdio.h>

#include "cli/output.h"
#include "cli/report.h"

/* `before` and `after` go around the name in the text output; `what` and `change` are for JSON. */
static const struct {
  const char *what;
  const char *change;
  const char *before;
  const char *after;
} rows[] = {
    [UA_ADMIN_DATABASE_DROPPED] = {"database", "dropped", "database ", " dropped"},
    [UA_ADMIN_DATABASE_CREATED] = {"database", "created", "database ", " created"},
    [UA_ADMIN_SETTINGS_WRITTEN] = {"settings", "written", "settings written to ", ""},
    [UA_ADMIN_ROLE_CREATED] = {"role", "created", "role ", " created"},
    [UA_ADMIN_ROLE_PASSWORD_SET] = {"role", "password set", "password of role ", " set"},
    [UA_ADMIN_ROLE_MAY_LOG_IN] = {"role", "may log in", "role ", " may log in"},
    [UA_ADMIN_MIGRATION_APPLIED] = {"migration", "applied", "applied ", ""},
    [UA_ADMIN_MIGRATION_REVERTED] = {"migration", "reverted", "reverted ", ""},
    [UA_ADMIN_CUSTOMER_CREATED] = {"customer", "created", "customer ", " created"},
    [UA_ADMIN_USER_CREATED] = {"user", "created", "user ", " created"},
    [UA_ADMIN_USER_PASSWORD_SET] = {"user", "password set", "password of user ", " set"},
};

void ua_admin_changes_begin(ua_admin_changes *changes, bool json)
{
  *changes = (ua_admin_changes){.json = json};
  if (json) {
    changes->writer = ua_json_writer_create();
    ua_json_begin_object(changes->writer, NULL);
    ua_json_begin_array(changes->writer, "changes");
  }
}

void ua_admin_changes_note(ua_admin_changes *changes, ua_admin_change change, ua_text name)
{
  changes->count++;
  if (!changes->json) {
    (void)printf("%s%.*s%s\n", rows[change].before, UA_TEXT_ARGS(name), rows[change].after);
    return;
  }
  ua_json_begin_object(changes->writer, NULL);
  ua_json_add_text(changes->writer, "change", ua_text_of(rows[change].change));
  ua_json_add_text(changes->writer, "name", name);
  ua_json_add_text(changes->writer, "what", ua_text_of(rows[change].what));
  ua_json_end(changes->writer);
}

void ua_admin_changes_say(const ua_admin_changes *changes, const char *line)
{
  if (!changes->json) {
    (void)printf("%s\n", line);
  }
}

void ua_admin_changes_note_migration(void *context, const ua_operator_migration *migration,
                                     ua_operator_migration_state state)
{
  ua_admin_changes_note(
      context, state == UA_MIGRATION_APPLIED ? UA_ADMIN_MIGRATION_APPLIED : UA_ADMIN_MIGRATION_REVERTED,
      migration->name);
}

void ua_admin_changes_note_trial(ua_admin_changes *changes, bool tried)
{
  changes->is_trial = true;
  changes->tried = tried;
}

int ua_admin_changes_end(ua_admin_changes *changes, const char *url, int code)
{
  if (!changes->json) {
    return code;
  }
  if (code != UA_CLI_OK && changes->count == 0) {
    ua_json_discard(&changes->writer);
    return code;
  }
  ua_json_end(changes->writer);
  if (url != NULL) {
    ua_json_add_text(changes->writer, "database_url", ua_text_of(url));
  }
  ua_json_add_boolean(changes->writer, "done", code == UA_CLI_OK);
  if (changes->is_trial) {
    ua_json_add_boolean(changes->writer, "tried", changes->tried);
  }
  ua_json_end(changes->writer);
  int printed = ua_cli_print_json(&changes->writer);
  return code == UA_CLI_OK ? printed : code;
}
