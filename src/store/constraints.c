#include "store/constraints.h"

#include <stddef.h>
#include <string.h>

#include "store/sqlstate.h"

#define SEE_DOCTOR      "run user-api-admin doctor, which says how to fix it"
#define ID_TAKEN(table) "the sequence behind " table ".id gives ids that are taken: " SEE_DOCTOR

static const struct {
  const char *constraint;
  ua_violation_meaning meaning;
} named[] = {
    {"_user_lower_email_key", {UA_VIOLATED_EMAIL, UA_CONFLICT, "another user has that email"}},
    /* The original's own rule, until an adopted database is finalized. */
    {"_user_email_key", {UA_VIOLATED_EMAIL, UA_CONFLICT, "another user has that email"}},
    {"_user_pkey", {UA_VIOLATED_ID, UA_UNAVAILABLE, ID_TAKEN("_user")}},
    {"customer_pkey", {UA_VIOLATED_ID, UA_UNAVAILABLE, ID_TAKEN("customer")}},
    {"role_pkey", {UA_VIOLATED_ID, UA_UNAVAILABLE, ID_TAKEN("role")}},
    {"schema_spec_pkey", {UA_VIOLATED_ID, UA_UNAVAILABLE, ID_TAKEN("schema_spec")}},
    {"role_code_key", {UA_VIOLATED_ROLE_CODE, UA_CONFLICT, "another role has that code"}},
    {"user_has_role_pkey", {UA_VIOLATED_OTHER, UA_CONFLICT, "the user has that role already"}},
    {"revoked_token_pkey", {UA_VIOLATED_OTHER, UA_CONFLICT, "the token is revoked already"}},
    {"_user_customer_id_fkey",
     {UA_VIOLATED_CUSTOMER, UA_UNPROCESSABLE, "there is no such customer, or it has users"}},
    {"user_has_role_role_id_fkey",
     {UA_VIOLATED_ROLE, UA_UNPROCESSABLE, "there is no such role, or users hold it"}},
    {"user_has_role_user_id_fkey", {UA_VIOLATED_OTHER, UA_UNPROCESSABLE, "there is no such user"}},
    {"revoked_token_user_id_fkey", {UA_VIOLATED_OTHER, UA_UNPROCESSABLE, "there is no such user"}},
    {"customer_max_user_quota_check", {UA_VIOLATED_OTHER, UA_UNPROCESSABLE, "a quota must not be negative"}},
};

/* Constraints that no migration makes. A unique one refuses what the caller sent, as ours do; a caller can
 * know nothing about the others. The first row whose prefix begins the SQLSTATE applies. */
static const struct {
  const char *prefix;
  ua_violation_meaning meaning;
} unnamed[] = {
    {"23505",
     {UA_VIOLATED_OTHER, UA_CONFLICT, "a unique index that no migration makes refuses the row: " SEE_DOCTOR}},
    {"23P01",
     {UA_VIOLATED_OTHER, UA_CONFLICT, "a constraint that no migration makes refuses the row: " SEE_DOCTOR}},
    {"23502",
     {UA_VIOLATED_OTHER, UA_INTERNAL, "a column has lost its default, or must not be NULL: " SEE_DOCTOR}},
    {"23503",
     {UA_VIOLATED_OTHER, UA_INTERNAL,
      "a foreign key that no migration makes refuses it. Unless it is a deletion: " SEE_DOCTOR}},
    {"23", {UA_VIOLATED_OTHER, UA_INTERNAL, "a constraint that no migration makes refuses it: " SEE_DOCTOR}},
};

/* While REINDEX CONCURRENTLY runs, and after it has failed, an index has a copy, which an error can name. */
static size_t length_without_twin(const char *constraint)
{
  static const char *const suffixes[] = {"_ccnew", "_ccold"};
  size_t length = strlen(constraint);
  size_t bare = length;
  while (bare > 0 && constraint[bare - 1] >= '0' && constraint[bare - 1] <= '9') {
    bare--;
  }
  for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
    size_t suffix = strlen(suffixes[i]);
    if (bare > suffix && memcmp(constraint + bare - suffix, suffixes[i], suffix) == 0) {
      return bare - suffix;
    }
  }
  return length;
}

ua_violation_meaning ua_store_constraints_meaning(const char *sqlstate, const char *constraint)
{
  if (strncmp(sqlstate, "23", 2) != 0) {
    return (ua_violation_meaning){UA_VIOLATED_NOTHING, ua_store_sqlstate_status(sqlstate), NULL};
  }
  size_t length = constraint == NULL ? 0 : length_without_twin(constraint);
  for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
    if (length > 0 && strlen(named[i].constraint) == length &&
        memcmp(named[i].constraint, constraint, length) == 0) {
      return named[i].meaning;
    }
  }
  size_t row = 0;
  while (strncmp(sqlstate, unnamed[row].prefix, strlen(unnamed[row].prefix)) != 0) {
    row++; /* the last row matches every SQLSTATE that comes here */
  }
  return unnamed[row].meaning;
}
