/* The settings of the service, for commands that work on the service's database. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/settings.h"
#include "base/log.h"

enum { MOST_VARIABLES = 32, MOST_PATH_BYTES = 4096 };

/* Whether `variable`, "KEY=value", is one of those asked for, or the file of one. */
static bool is_asked_for(const char *variable, const char *const *variables)
{
  for (; *variables != NULL; variables++) {
    size_t length = strlen(*variables);
    if (strncmp(variable, *variables, length) == 0 &&
        (variable[length] == '=' || strncmp(variable + length, "_FILE=", 6) == 0)) {
      return true;
    }
  }
  return false;
}

static bool is_there(const char *path)
{
  return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* The file that was named, or the usual one if it exists. */
static ua_admin_settings_file choose(const char *file)
{
  const char *named = file != NULL ? file : getenv("USER_API_CONFIG");
  if (named != NULL) {
    return (ua_admin_settings_file){.path = named[0] == '\0' ? NULL : named};
  }
  bool there = is_there(UA_ADMIN_USUAL_SETTINGS);
  return (ua_admin_settings_file){.path = there ? UA_ADMIN_USUAL_SETTINGS : NULL, .is_usual = there};
}

static ua_status load(const char *file, char *const environment[], ua_config *config_r, ua_error_line *error)
{
  char program[] = "user-api";
  char flag[] = "--config";
  char path[MOST_PATH_BYTES];
  char *arguments[] = {program, flag, path, NULL};
  char reason[256] = "";
  ua_config_options options;
  if (file != NULL && snprintf(path, sizeof path, "%s", file) >= (int)sizeof path) {
    ua_error_line_set(error, "the path of the settings is too long");
    return UA_BAD_REQUEST;
  }
  ua_status status =
      ua_config_load(file == NULL ? 1 : 3, arguments, environment, config_r, &options, reason, sizeof reason);
  if (status != UA_OK) {
    ua_error_line_set(error, "%s", reason);
  }
  return status;
}

ua_status ua_admin_service_settings(const char *file, const char *const *variables, ua_config *config_r,
                                    ua_admin_settings_file *file_r, ua_error_line *error)
{
  char *environment[MOST_VARIABLES + 1] = {NULL};
  size_t count = 0;
  for (char **variable = environ; *variable != NULL && count < MOST_VARIABLES; variable++) {
    if (is_asked_for(*variable, variables)) {
      environment[count++] = *variable;
    }
  }
  ua_log_set_level(UA_LOG_SILENT);
  *file_r = choose(file);
  ua_status status = load(file_r->path, environment, config_r, error);
  if (status != UA_UNAVAILABLE || !file_r->is_usual) {
    return status;
  }
  *file_r = (ua_admin_settings_file){.skipped = *error};
  *error = (ua_error_line){""};
  return load(NULL, environment, config_r, error);
}
