#include "admin/settings.h"

#include <stdlib.h>

#include "base/limits.h"
#include "cli/report.h"
#include "operator/connection.h"

enum { LONGEST_WAIT_SECONDS = 3600 };

int ua_admin_await(const char *option, const ua_cli_secret *url)
{
  uint64_t seconds = 0;
  if (option != NULL && !ua_text_to_uint(ua_text_of(option), LONGEST_WAIT_SECONDS, &seconds)) {
    return ua_cli_misused("--wait has to be a number from 0 to %d", LONGEST_WAIT_SECONDS);
  }
  if (seconds > 0) {
    ua_operator_connection_await(url->value, (int64_t)seconds);
  }
  return UA_CLI_OK;
}

int ua_admin_name(const char *what, const char *given, const char *preset, const char **name_r)
{
  ua_text name = ua_text_of(given != NULL ? given : preset);
  if (name.length == 0 || name.length > UA_MAX_IDENTIFIER_BYTES || !ua_text_is_utf8(name)) {
    return ua_cli_misused("%s has to be 1 to %d bytes of UTF-8", what, UA_MAX_IDENTIFIER_BYTES);
  }
  *name_r = name.data;
  return UA_CLI_OK;
}

int ua_admin_bcrypt_cost(const char *option, int *cost_r)
{
  uint64_t cost = 12;
  const char *given = option != NULL ? option : getenv("USER_API_BCRYPT_COST");
  if (given != NULL && (!ua_text_to_uint(ua_text_of(given), UA_MAX_BCRYPT_COST, &cost) || cost < 4)) {
    return ua_cli_misused("the bcrypt cost has to be 4 to %d", UA_MAX_BCRYPT_COST);
  }
  *cost_r = (int)cost;
  return UA_CLI_OK;
}

int ua_admin_migrations(const char *folder, ua_operator_migration_set *set_r)
{
  ua_error_line error = {""};
  ua_status status = folder == NULL ? ua_operator_migration_set_embedded(set_r, &error)
                                    : ua_operator_migration_set_load(folder, set_r, &error);
  return status == UA_OK ? UA_CLI_OK : ua_cli_fail("%s", error.text);
}
