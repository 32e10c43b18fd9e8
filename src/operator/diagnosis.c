#include "operator/diagnosis.h"

#include <stdio.h>
#include <string.h>

#include "operator/migrations.h"
#include "operator/sql.h"
#include "store/schema.h"

#define USERS_WITH(what)                                                                              \
  "SELECT 'user ' || id || coalesce(' ' || left(email, 60), '') AS example, id AS ordinal FROM _user" \
  " WHERE " what

static const ua_operator_diagnosis_check columns_check = {
    UA_SEVERITY_ERROR, "schema-columns", "columns are missing, or have another type than the original's",
    ua_operator_sql_diagnosis_columns};

/* Ordered by severity, then by table. */
static const ua_operator_diagnosis_check checks[] = {
    {UA_SEVERITY_ERROR, "email-null", "users without an email", USERS_WITH("email IS NULL")},
    {UA_SEVERITY_ERROR, "name-null", "users without a name", USERS_WITH("name IS NULL")},
    {UA_SEVERITY_ERROR, "customer-null", "users without a customer", USERS_WITH("customer_id IS NULL")},
    {UA_SEVERITY_ERROR, "hash-null", "users without a password's hash or salt",
     USERS_WITH("hash IS NULL OR salt IS NULL")},
    {UA_SEVERITY_ERROR, "email-case",
     "users whose emails differ only in case, or in how letters are composed",
     ua_operator_sql_diagnosis_email_case},
    {UA_SEVERITY_ERROR, "text-too-long", "rows with a text of more than 255 characters",
     ua_operator_sql_diagnosis_text_too_long},
    {UA_SEVERITY_ERROR, "customer-orphan", "users of a customer that does not exist",
     ua_operator_sql_diagnosis_customer_orphan},
    {UA_SEVERITY_ERROR, "role-null", "roles without a code or a name",
     "SELECT 'role ' || id AS example, id AS ordinal FROM role WHERE code IS NULL OR name IS NULL"},
    {UA_SEVERITY_ERROR, "role-twice", "roles that share their code with another",
     ua_operator_sql_diagnosis_role_twice},
    {UA_SEVERITY_ERROR, "membership-orphan", "memberships whose user or role does not exist",
     ua_operator_sql_diagnosis_membership_orphan},
    {UA_SEVERITY_ERROR, "quota-negative", "customers with a negative quota",
     "SELECT 'customer ' || id AS example, id AS ordinal FROM customer WHERE max_user_quota < 0"},
    {UA_SEVERITY_ERROR, "version-null", "rows of schema_spec without a version",
     "SELECT 'schema_spec ' || id AS example, id AS ordinal FROM schema_spec WHERE version IS NULL"},
    {UA_SEVERITY_WARNING, "email-number",
     "users whose email looks like a number: the original took it for the id of another user",
     USERS_WITH("email ~ '^\\s*[+-]?[0-9][0-9_]*\\s*$'")},
    {UA_SEVERITY_WARNING, "active-null", "users neither active nor inactive: they count as inactive",
     USERS_WITH("active IS NULL")},
    {UA_SEVERITY_WARNING, "hash-unknown",
     "users whose hash is neither bcrypt nor the original's, or does not fit its salt: no password is "
     "accepted",
     ua_operator_sql_diagnosis_hash_unknown},
    {UA_SEVERITY_WARNING, "hash-expensive",
     "users whose bcrypt hash has a cost above 16, which takes too long: no password is accepted",
     ua_operator_sql_diagnosis_hash_expensive},
    {UA_SEVERITY_WARNING, "membership-twice", "roles that a user holds more than once",
     ua_operator_sql_diagnosis_membership_twice},
    {UA_SEVERITY_WARNING, "quota-exceeded", "customers with more users than their quota",
     ua_operator_sql_diagnosis_quota_exceeded},
    {UA_SEVERITY_NOTE, "hash-none", "users without a password: they cannot log in until one is set",
     ua_operator_sql_diagnosis_hash_none},
    {UA_SEVERITY_NOTE, "hash-legacy", "users with the original's hash, until they log in",
     ua_operator_sql_diagnosis_hash_legacy},
};

/* Also control characters of C1: they are two bytes of UTF-8, and move a terminal's cursor, too. */
static bool is_control(ua_text character)
{
  return ua_text_is_control(character.data[0]) ||
         (character.data[0] == '\xC2' && (unsigned char)character.data[1] < 0xA0);
}

/* Replaces control characters and invalid UTF-8 by blanks. False: the text was cut after a whole
 * character. */
static bool copy_plainly(const char *text, char *out, size_t size)
{
  ua_text rest = ua_text_of(text);
  size_t used = 0;
  while (rest.length > 0) {
    size_t step = ua_text_utf8_sequence(rest);
    bool plain = step > 0 && !is_control(rest);
    step = step == 0 ? 1 : step;
    if (used + step >= size) {
      break;
    }
    memcpy(out + used, plain ? rest.data : " ", plain ? step : 1);
    used += plain ? step : 1;
    rest = (ua_text){rest.data + step, rest.length - step};
  }
  out[used] = '\0';
  return rest.length == 0;
}

void ua_operator_finding_add(ua_operator_finding *finding, const char *example)
{
  finding->count++;
  if (finding->example_count < UA_MAX_EXAMPLES) {
    (void)copy_plainly(example, finding->example[finding->example_count++], UA_MAX_EXAMPLE_BYTES);
  }
}

void ua_operator_finding_add_fix(ua_operator_finding *finding, const char *fix)
{
  if (fix[0] != '\0' && finding->fix_count < UA_MAX_EXAMPLES &&
      copy_plainly(fix, finding->fix[finding->fix_count], UA_MAX_FIX_BYTES)) {
    finding->fix_count++;
  }
}

void ua_operator_finding_set_account(ua_operator_finding *finding, const char *account)
{
  (void)copy_plainly(account, finding->account, sizeof finding->account);
}

/* The columns of a check's result. */
enum { CHECK_EXAMPLE, CHECK_COUNT };

static ua_status note_row(void *context, const char *const *values)
{
  ua_operator_finding *finding = context;
  uint64_t count;
  if (values[CHECK_COUNT] == NULL || !ua_text_to_uint(ua_text_of(values[CHECK_COUNT]), UINT64_MAX, &count)) {
    return UA_INTERNAL;
  }
  ua_operator_finding_add(finding, values[CHECK_EXAMPLE] == NULL ? "" : values[CHECK_EXAMPLE]);
  finding->count = count;
  return UA_OK;
}

ua_status ua_operator_diagnosis_ask(ua_operator_connection *connection,
                                    const ua_operator_diagnosis_check *wanted, ua_operator_finding_sink sink,
                                    bool *found_r, ua_error_line *error)
{
  char sql[4096];
  ua_operator_finding finding = {
      .severity = wanted->severity, .code = wanted->code, .message = wanted->message};
  int length =
      snprintf(sql, sizeof sql,
               "SELECT example, count(*) OVER () FROM (%s) AS found ORDER BY ordinal, example LIMIT %d",
               wanted->sql, UA_MAX_EXAMPLES);
  if (length < 0 || (size_t)length >= sizeof sql) {
    ua_error_line_set(error, "the check %s is too long", wanted->code);
    return UA_INTERNAL;
  }
  ua_status status = ua_operator_connection_query(connection, sql, NULL, 0, note_row, &finding, error);
  if (status != UA_OK) {
    ua_error_line_prefix(error, "%s", wanted->code);
    return status;
  }
  *found_r = finding.count > 0;
  if (finding.count > 0) {
    sink.report(sink.context, &finding);
  }
  return UA_OK;
}

ua_status ua_operator_diagnosis_tables(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                       bool *usable_r, ua_error_line *error)
{
  bool found = true;
  ua_status status = ua_operator_diagnosis_ask(connection, &columns_check, sink, &found, error);
  bool usable = status == UA_OK && !found;
  for (size_t i = 0; usable && status == UA_OK && i < sizeof checks / sizeof checks[0]; i++) {
    status = ua_operator_diagnosis_ask(connection, &checks[i], sink, &found, error);
  }
  if (usable && status == UA_OK) {
    status = ua_operator_diagnosis_identifiers(connection, sink, error);
  }
  *usable_r = usable && status == UA_OK;
  return status;
}

/* The columns of diagnosis_schema.sql. */
enum { SCHEMA_TABLES, SCHEMA_HAS_LEDGER };

enum { ORIGINAL_TABLES = 5 };

static ua_status note_kind(void *context, const char *const *values)
{
  ua_operator_schema_kind *kind = context;
  uint64_t tables;
  if (!ua_text_to_uint(ua_text_of(values[SCHEMA_TABLES]), ORIGINAL_TABLES, &tables)) {
    return UA_INTERNAL;
  }
  bool ledger = strcmp(values[SCHEMA_HAS_LEDGER], "t") == 0;
  if (tables == ORIGINAL_TABLES) {
    *kind = ledger ? UA_SCHEMA_OURS : UA_SCHEMA_ORIGINAL;
  } else {
    *kind = tables == 0 ? UA_SCHEMA_EMPTY : UA_SCHEMA_FOREIGN;
  }
  return UA_OK;
}

ua_status ua_operator_diagnosis_schema(ua_operator_connection *connection, ua_operator_schema_kind *kind_r,
                                       ua_error_line *error)
{
  *kind_r = UA_SCHEMA_FOREIGN;
  return ua_operator_connection_query(connection, ua_operator_sql_diagnosis_schema, NULL, 0, note_kind,
                                      kind_r, error);
}

static ua_status note_version(void *context, const char *const *values)
{
  uint64_t *version = context;
  if (!ua_text_to_uint(ua_text_of(values[0]), INT32_MAX, version)) {
    *version = 0;
  }
  return UA_OK;
}

ua_status ua_operator_diagnosis_version(ua_operator_connection *connection, uint64_t *version_r,
                                        ua_error_line *error)
{
  /* The same query as the service's, src/store/readiness.sql. */
  static const char sql[] = "SELECT version FROM schema_spec ORDER BY id DESC LIMIT 1";
  ua_operator_schema_kind kind;
  ua_status status = ua_operator_diagnosis_schema(connection, &kind, error);
  if (status != UA_OK) {
    return status;
  }
  if (kind != UA_SCHEMA_OURS) {
    ua_error_line_set(
        error, "%s",
        kind == UA_SCHEMA_ORIGINAL
            ? "the schema in this database is the Python original's: run user-api-admin adopt first"
            : UA_NO_SCHEMA);
    return UA_CONFLICT;
  }
  uint64_t version = 0;
  status = ua_operator_connection_query(connection, sql, NULL, 0, note_version, &version, error);
  if (status == UA_OK) {
    *version_r = version;
  }
  return status;
}

ua_status ua_operator_diagnosis_demand_schema(ua_operator_connection *connection, ua_error_line *error)
{
  uint64_t version;
  ua_status status = ua_operator_diagnosis_version(connection, &version, error);
  if (status == UA_OK && version < UA_SCHEMA_VERSION) {
    ua_error_line_set(error,
                      "the schema in this database is older than this program: run user-api-admin migrate");
    status = UA_CONFLICT;
  }
  return status;
}

typedef struct migration_findings {
  ua_operator_finding older;
  ua_operator_finding newer;
} migration_findings;

static void note_migration(void *context, const ua_operator_migration *migration,
                           ua_operator_migration_state state)
{
  migration_findings *findings = context;
  char name[UA_MAX_EXAMPLE_BYTES];
  (void)snprintf(name, sizeof name, "%.*s", UA_TEXT_ARGS(migration->name));
  if (state == UA_MIGRATION_PENDING) {
    ua_operator_finding_add(&findings->older, name);
  } else if (state == UA_MIGRATION_UNKNOWN) {
    ua_operator_finding_add(&findings->newer, name);
  }
}

ua_status ua_operator_diagnosis_migrations(ua_operator_connection *connection,
                                           const ua_operator_migration_set *set,
                                           ua_operator_finding_sink sink, bool *current_r,
                                           ua_error_line *error)
{
  migration_findings findings = {{.severity = UA_SEVERITY_ERROR,
                                  .code = "schema-older",
                                  .message = "migrations that the program needs are not applied"},
                                 {.severity = UA_SEVERITY_WARNING,
                                  .code = "schema-newer",
                                  .message = "migrations are applied that this program does not know"}};
  ua_status status = ua_operator_migrations_status(connection, set, note_migration, &findings, error);
  if (status != UA_OK) {
    return status;
  }
  if (findings.older.count > 0) {
    sink.report(sink.context, &findings.older);
  }
  if (findings.newer.count > 0) {
    sink.report(sink.context, &findings.newer);
  }
  *current_r = findings.older.count + findings.newer.count == 0;
  return UA_OK;
}

typedef struct page {
  ua_row_fn *row;
  void *context;
  char last[16]; /* the last id of the page */
  size_t count;
} page;

static ua_status note_user(void *context, const char *const *values)
{
  page *current = context;
  (void)snprintf(current->last, sizeof current->last, "%s", values[UA_LEGACY_USER_ID]);
  current->count++;
  return current->row(current->context, values);
}

ua_status ua_operator_diagnosis_legacy_users(ua_operator_connection *connection, ua_row_fn *row,
                                             void *context, ua_error_line *error)
{
  page current = {.row = row, .context = context, .last = "-2147483648"};
  ua_status status;
  do {
    char last[sizeof current.last];
    memcpy(last, current.last, sizeof last);
    const char *const parameters[] = {last};
    current.count = 0;
    status = ua_operator_connection_query(connection, ua_operator_sql_diagnosis_legacy_users, parameters, 1,
                                          note_user, &current, error);
  } while (status == UA_OK && current.count > 0);
  return status;
}
