#include "admin/database.h"

#include <stdlib.h>

#include "cli/report.h"

#define URL_VARIABLE "USER_API_DATABASE_URL"

static const char *const naming[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE",
                                     "PGUSER", "PGSERVICE",  NULL};
static const char *const other[] = {"PGPASSFILE", "PGPASSWORD", "PGSERVICEFILE", NULL};

static bool is_set(const char *variable)
{
  const char *value = getenv(variable);
  return value != NULL && value[0] != '\0';
}

static bool is_any_set(const char *const *variables)
{
  while (*variables != NULL && !is_set(*variables)) {
    variables++;
  }
  return *variables != NULL;
}

static bool is_in_environment(void)
{
  return is_set(URL_VARIABLE) || is_set(URL_VARIABLE "_FILE");
}

const char *ua_admin_database_choose(const char *given, const ua_config *config,
                                     const ua_admin_settings_file *file)
{
  const char *found = given != NULL ? given : config->database_url;
  bool is_named = given != NULL || is_in_environment() || !file->is_usual;
  if (!is_named && is_any_set(naming)) {
    return "";
  }
  if (found != NULL && found[0] != '\0') {
    return found;
  }
  return given == NULL && (is_any_set(naming) || is_any_set(other)) ? "" : NULL;
}

int ua_admin_database_missing(const ua_admin_settings_file *file)
{
  return file->skipped.text[0] != '\0'
             ? ua_cli_misused("no database given, and %s: use sudo, or pass --database-url",
                              file->skipped.text)
             : ua_cli_misused("no database given: pass --database-url, or set " URL_VARIABLE " or PGHOST");
}

int ua_admin_database_url(const char *argument, const char *option, const char *config, ua_cli_secret *url_r)
{
  static const char *const variables[] = {URL_VARIABLE, NULL};
  ua_config settings = {0};
  ua_admin_settings_file file = {.path = NULL};
  ua_error_line error = {""};
  const char *given = argument != NULL ? argument : option;
  int code = UA_CLI_OK;
  if (argument != NULL && option != NULL) {
    return ua_cli_misused("the database's URL is given twice");
  }
  if (given == NULL && ua_admin_service_settings(is_in_environment() ? "" : config, variables, &settings,
                                                 &file, &error) != UA_OK) {
    return ua_cli_fail("%s", error.text);
  }
  const char *url = ua_admin_database_choose(given, &settings, &file);
  if (url == NULL) {
    code = ua_admin_database_missing(&file);
  } else if (ua_cli_secret_set(URL_VARIABLE, ua_text_of(url), url_r, &error) != UA_OK) {
    code = ua_cli_fail("%s", error.text);
  }
  ua_config_clear(&settings);
  return code;
}
