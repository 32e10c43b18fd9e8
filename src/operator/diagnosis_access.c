/* Who may do what: administrators of customers, operators, and the roles that they grant. */
#include "operator/diagnosis.h"
#include "operator/sql.h"

static const ua_operator_diagnosis_check checks[] = {
    {UA_SEVERITY_WARNING, "operator-none",
     "the role that USER_API_OPERATOR_ROLE names does not exist: nobody is an operator",
     ua_operator_sql_diagnosis_operator_none},
    {UA_SEVERITY_WARNING, "admin-none",
     "customers with users, none of whom is active and has the role admin: no user of theirs can manage them",
     ua_operator_sql_diagnosis_admin_none},
    {UA_SEVERITY_NOTE, "role-protected", "users with a role that administrators of customers may not grant",
     ua_operator_sql_diagnosis_role_protected},
    {UA_SEVERITY_NOTE, "role-shared",
     "roles that administrators of several customers grant: a guard that lets such a role in should also "
     "require a customer",
     ua_operator_sql_diagnosis_role_shared},
};

ua_status ua_operator_diagnosis_access(ua_operator_connection *connection, const char *operator_role,
                                       ua_operator_finding_sink sink, ua_error_line *error)
{
  static const char name_role[] = "SELECT set_config('user_api.operator_role', $1, false)";
  const char *const parameters[] = {operator_role};
  bool readable;
  ua_status status = ua_operator_connection_exists(connection, ua_operator_sql_diagnosis_access_columns, NULL,
                                                   0, &readable, error);
  if (status != UA_OK || !readable) {
    return status;
  }
  status = ua_operator_connection_query(connection, name_role, parameters, 1, NULL, NULL, error);
  for (size_t i = 0; status == UA_OK && i < sizeof checks / sizeof checks[0]; i++) {
    bool found;
    status = ua_operator_diagnosis_ask(connection, &checks[i], sink, &found, error);
  }
  return status;
}
