#include "operator/diagnosis.h"

#include <stdio.h>
#include <string.h>

#include "operator/migrations.h"

/* How emails are compared: see migration 2. */
#define FOLDED_EMAIL "lower(email COLLATE \"und-x-icu\")"

#define USER_EXAMPLE "'user ' || id || coalesce(' ' || left(email, 60), '')"
#define LEGACY_USER  "hash ~ '^[0-9a-fA-F]{32}$' AND salt ~ '^[0-9a-fA-F]{64}$'"
#define MEMBER_EXAMPLE \
  "'user ' || coalesce(user_id::text, 'NULL') || ' role ' || coalesce(role_id::text, 'NULL')"
#define USERS_WITH(what) "SELECT " USER_EXAMPLE " AS example, id AS ordinal FROM _user WHERE " what

/* Whether the columns are there that all else reads. */
static const ua_operator_diagnosis_check columns_check = {
    UA_SEVERITY_ERROR, "schema-columns", "columns are missing, or have another type than the original's",
    "SELECT w.relation || '.' || w.name AS example, 0 AS ordinal FROM (VALUES"
    " ('customer', 'id', 'integer'), ('customer', 'max_user_quota', 'integer'),"
    " ('_user', 'id', 'integer'), ('_user', 'email', 'text'), ('_user', 'name', 'text'),"
    " ('_user', 'hash', 'text'), ('_user', 'salt', 'text'), ('_user', 'active', 'boolean'),"
    " ('_user', 'customer_id', 'integer'),"
    " ('role', 'id', 'integer'), ('role', 'code', 'text'), ('role', 'name', 'text'),"
    " ('user_has_role', 'user_id', 'integer'), ('user_has_role', 'role_id', 'integer'),"
    " ('schema_spec', 'id', 'integer'), ('schema_spec', 'version', 'any')"
    ") AS w (relation, name, kind)"
    " WHERE NOT EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_schema = 'public'"
    " AND c.table_name = w.relation AND c.column_name = w.name AND (w.kind = 'any' OR c.data_type = w.kind"
    " OR (w.kind = 'text' AND c.data_type = 'character varying')))"};

/* Ordered by severity, then by table. */
static const ua_operator_diagnosis_check checks[] = {
    {UA_SEVERITY_ERROR, "email-null", "users without an email", USERS_WITH("email IS NULL")},
    {UA_SEVERITY_ERROR, "name-null", "users without a name", USERS_WITH("name IS NULL")},
    {UA_SEVERITY_ERROR, "customer-null", "users without a customer", USERS_WITH("customer_id IS NULL")},
    {UA_SEVERITY_ERROR, "hash-null", "users without a password's hash or salt",
     USERS_WITH("hash IS NULL OR salt IS NULL")},
    {UA_SEVERITY_ERROR, "email-case", "users whose emails differ in nothing but case",
     "SELECT " USER_EXAMPLE " AS example, dense_rank() OVER (ORDER BY folded) * 10000000000 + id AS ordinal"
     " FROM (SELECT id, email, " FOLDED_EMAIL " AS folded, count(*) OVER (PARTITION BY " FOLDED_EMAIL ") AS n"
     " FROM _user WHERE email IS NOT NULL) AS u WHERE n > 1"},
    {UA_SEVERITY_ERROR, "text-too-long", "rows with a text of more than 255 characters",
     "SELECT 'user ' || id AS example, id AS ordinal FROM _user"
     " WHERE greatest(length(email), length(name), length(hash), length(salt)) > 255"
     " UNION ALL SELECT 'role ' || id, id FROM role WHERE greatest(length(code), length(name)) > 255"},
    {UA_SEVERITY_ERROR, "customer-orphan", "users of a customer that is not there",
     USERS_WITH("customer_id IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = _user.customer_id)")},
    {UA_SEVERITY_ERROR, "role-null", "roles without a code or a name",
     "SELECT 'role ' || id AS example, id AS ordinal FROM role WHERE code IS NULL OR name IS NULL"},
    {UA_SEVERITY_ERROR, "role-twice", "roles that share their code with another",
     "SELECT 'role ' || id || ' ' || left(code, 60) AS example, id AS ordinal FROM role r"
     " WHERE EXISTS (SELECT 1 FROM role o WHERE o.code = r.code AND o.id <> r.id)"},
    {UA_SEVERITY_ERROR, "membership-orphan", "memberships whose user or role is not there",
     "SELECT " MEMBER_EXAMPLE " AS example, coalesce(user_id, 0) AS ordinal FROM user_has_role h"
     " WHERE NOT EXISTS (SELECT 1 FROM _user u WHERE u.id = h.user_id)"
     " OR NOT EXISTS (SELECT 1 FROM role r WHERE r.id = h.role_id)"},
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
     "users whose hash is neither bcrypt nor the original's: no password "
     "logs them in",
     USERS_WITH("hash IS NOT NULL AND salt IS NOT NULL AND NOT (" LEGACY_USER ")"
                " AND NOT (hash = '*' AND salt = '*')"
                " AND NOT (hash ~ '^\\$2[aby]\\$[0-9]{2}\\$.{53}$' AND salt ~ '^\\$2[aby]\\$[0-9]{2}\\$')")},
    {UA_SEVERITY_WARNING, "membership-twice", "roles that a user holds more than once",
     "SELECT " MEMBER_EXAMPLE " AS example, user_id AS ordinal FROM user_has_role"
     " WHERE user_id IS NOT NULL AND role_id IS NOT NULL GROUP BY user_id, role_id HAVING count(*) > 1"},
    {UA_SEVERITY_WARNING, "quota-exceeded", "customers with more users than their quota",
     "SELECT 'customer ' || c.id || ' ' || count(*) || ' of ' || c.max_user_quota AS example, c.id AS ordinal"
     " FROM customer c JOIN _user u ON u.customer_id = c.id GROUP BY c.id, c.max_user_quota"
     " HAVING count(*) > c.max_user_quota"},
    {UA_SEVERITY_NOTE, "hash-none", "users without a password: nobody logs in as them until one is set",
     USERS_WITH("hash = '*' AND salt = '*'")},
    {UA_SEVERITY_NOTE, "hash-legacy", "users with the original's hash, until they log in",
     USERS_WITH(LEGACY_USER)},
};

void ua_operator_finding_add(ua_operator_finding *finding, const char *example)
{
  finding->count++;
  if (finding->example_count == UA_MAX_EXAMPLES) {
    return;
  }
  char *out = finding->example[finding->example_count++];
  ua_text rest = ua_text_of(example);
  size_t used = 0;
  while (rest.length > 0) {
    size_t step = ua_text_utf8_sequence(rest);
    bool plain = step > 0 && !ua_text_is_control(rest.data[0]);
    step = step == 0 ? 1 : step;
    if (used + step >= UA_MAX_EXAMPLE_BYTES) {
      break;
    }
    memcpy(out + used, plain ? rest.data : " ", plain ? step : 1);
    used += plain ? step : 1;
    rest = (ua_text){rest.data + step, rest.length - step};
  }
  out[used] = '\0';
}

static ua_status note_row(void *context, const char *const *values)
{
  ua_operator_finding *finding = context;
  uint64_t count;
  if (values[1] == NULL || !ua_text_to_uint(ua_text_of(values[1]), UINT64_MAX, &count)) {
    return UA_INTERNAL;
  }
  ua_operator_finding_add(finding, values[0] == NULL ? "" : values[0]);
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
  *usable_r = usable && status == UA_OK;
  return status;
}

static ua_status note_kind(void *context, const char *const *values)
{
  ua_operator_schema_kind *kind = context;
  uint64_t tables;
  if (!ua_text_to_uint(ua_text_of(values[0]), 5, &tables)) {
    return UA_INTERNAL;
  }
  bool ledger = strcmp(values[1], "t") == 0;
  if (tables == 5) {
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
  return ua_operator_connection_query(
      connection,
      "SELECT count(*) FILTER (WHERE tablename <> 'schema_migrations'),"
      " count(*) FILTER (WHERE tablename = 'schema_migrations') > 0 FROM pg_tables"
      " WHERE schemaname = 'public' AND tablename IN"
      " ('customer', '_user', 'role', 'user_has_role', 'schema_spec',"
      " 'schema_migrations')",
      NULL, 0, note_kind, kind_r, error);
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
                                           ua_operator_finding_sink sink, ua_error_line *error)
{
  migration_findings findings = {{.severity = UA_SEVERITY_ERROR,
                                  .code = "schema-older",
                                  .message = "migrations that the program needs are not applied"},
                                 {.severity = UA_SEVERITY_WARNING,
                                  .code = "schema-newer",
                                  .message = "migrations are applied that this program does not know"}};
  ua_status status = ua_operator_migrations_status(connection, set, note_migration, &findings, error);
  if (status == UA_OK && findings.older.count > 0) {
    sink.report(sink.context, &findings.older);
  }
  if (status == UA_OK && findings.newer.count > 0) {
    sink.report(sink.context, &findings.newer);
  }
  return status;
}

typedef struct page {
  ua_row_fn *row;
  void *context;
  char last[16]; /* the id that it ended with */
  size_t count;
} page;

static ua_status note_user(void *context, const char *const *values)
{
  page *current = context;
  (void)snprintf(current->last, sizeof current->last, "%s", values[0]);
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
    status =
        ua_operator_connection_query(connection,
                                     "SELECT id, coalesce(email, ''), hash, salt FROM _user"
                                     " WHERE id > $1::integer AND " LEGACY_USER " ORDER BY id LIMIT 1000",
                                     parameters, 1, note_user, &current, error);
  } while (status == UA_OK && current.count > 0);
  return status;
}
