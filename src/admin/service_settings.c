/* The settings of the service, for commands that work on what it works on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/settings.h"
#include "base/log.h"

enum { MOST_VARIABLES = 32, MOST_PATH_BYTES = 4096 };

extern char **environ;

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

ua_status ua_admin_service_settings(const char *file, const char *const *variables, ua_config *config_r,
                                    ua_error_line *error)
{
  char program[] = "user-api";
  char flag[] = "--config";
  char path[MOST_PATH_BYTES];
  char *arguments[] = {program, flag, path, NULL};
  char *environment[MOST_VARIABLES + 1] = {NULL};
  size_t count = 0;
  char reason[256] = "";
  ua_config_options options;
  const char *settings = file != NULL ? file : getenv("USER_API_CONFIG");
  if (settings != NULL && snprintf(path, sizeof path, "%s", settings) >= (int)sizeof path) {
    ua_error_line_set(error, "the path of the settings is too long");
    return UA_BAD_REQUEST;
  }
  for (char **variable = environ; *variable != NULL && count < MOST_VARIABLES; variable++) {
    if (is_asked_for(*variable, variables)) {
      environment[count++] = *variable;
    }
  }
  ua_log_set_level(UA_LOG_SILENT);
  ua_status status = ua_config_load(settings == NULL ? 1 : 3, arguments, environment, config_r, &options,
                                    reason, sizeof reason);
  if (status != UA_OK) {
    ua_error_line_set(error, "%s", reason);
  }
  return status;
}
