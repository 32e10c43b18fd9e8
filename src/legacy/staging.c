#include "legacy/staging.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define PREFIX "user_api_import_"

enum { RANDOM_BYTES = 8 };

/* --- the schema --- */

static const char drop_stale[] =
    "DO $stale$ DECLARE item record; BEGIN"
    "   FOR item IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^" PREFIX
    "[0-9a-f]{16}$'"
    "     AND pg_has_role(nspowner, 'MEMBER')"
    "   LOOP EXECUTE format('DROP SCHEMA %I CASCADE', item.nspname); END LOOP;"
    " END $stale$";

ua_status ua_legacy_staging_create(ua_operator_connection *connection, char name_r[UA_MAX_STAGING_NAME_BYTES],
                                   ua_error_line *error)
{
  unsigned char bytes[RANDOM_BYTES];
  char digits[2 * RANDOM_BYTES + 1];
  char name[UA_MAX_STAGING_NAME_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
    ua_error_line_set(error, "cannot get random bytes");
    return UA_INTERNAL;
  }
  ua_text_hex(bytes, sizeof bytes, digits);
  (void)snprintf(name, sizeof name, PREFIX "%s", digits);
  const char *const names[] = {name};
  ua_status status = ua_operator_connection_run(connection, UA_TEXT(drop_stale), error);
  if (status == UA_OK) {
    status = ua_operator_connection_command(connection, "CREATE SCHEMA %I", names, error);
  }
  if (status == UA_OK) {
    (void)snprintf(name_r, UA_MAX_STAGING_NAME_BYTES, "%s", name);
  }
  return status;
}

ua_status ua_legacy_staging_drop(ua_operator_connection *connection, const char *name, ua_error_line *error)
{
  const char *const names[] = {name};
  return ua_operator_connection_command(connection, "DROP SCHEMA IF EXISTS %I CASCADE", names, error);
}

static ua_status note_number(void *context, const char *const *values)
{
  return values[0] != NULL && ua_text_to_uint(ua_text_of(values[0]), UINT64_MAX, context) ? UA_OK
                                                                                          : UA_INTERNAL;
}

ua_status ua_legacy_staging_size(ua_operator_connection *connection, const char *name, uint64_t *bytes_r,
                                 ua_error_line *error)
{
  const char *const parameters[] = {name};
  return ua_operator_connection_query(
      connection,
      "SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::bigint FROM pg_class c"
      " WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'",
      parameters, 1, note_number, bytes_r, error);
}

/* --- layouts --- */

static const char *const source_names[][UA_STAGING_TABLES] = {
    [UA_STAGING_CREATE_ALL] = {"customer", "_user", "role", "user_has_role"},
    [UA_STAGING_WORKBENCH] = {NULL, "user", "group", "user_in_group"},
    [UA_STAGING_USERS_ONLY] = {NULL, "user", NULL, NULL},
    [UA_STAGING_BOTH] = {NULL},
};

const char *ua_legacy_staging_source_name(ua_legacy_staging_layout layout, ua_legacy_staging_table table)
{
  return source_names[layout][table];
}

ua_status ua_legacy_staging_find_layout(ua_operator_connection *connection, const char *name,
                                        ua_legacy_staging_layout *layout_r, ua_error_line *error)
{
  const char *const parameters[] = {name};
  uint64_t layout = UA_STAGING_UNKNOWN;
  ua_status status = ua_operator_connection_query(
      connection,
      "SELECT CASE WHEN orm > 0 AND bench > 0 THEN 4 WHEN orm = 4 THEN 1 WHEN bench = 3 THEN 2"
      " WHEN bench = 1 AND users = 1 THEN 3 ELSE 0 END FROM (SELECT"
      " count(*) FILTER (WHERE tablename IN ('customer', '_user', 'role', 'user_has_role')) AS orm,"
      " count(*) FILTER (WHERE tablename IN ('user', 'group', 'user_in_group')) AS bench,"
      " count(*) FILTER (WHERE tablename = 'user') AS users FROM pg_tables WHERE schemaname = $1) AS t",
      parameters, 1, note_number, &layout, error);
  if (status == UA_OK) {
    *layout_r = (ua_legacy_staging_layout)layout;
  }
  return status;
}

/* A user's `active` may be missing where there are no groups. */
#define COLUMNS_MISSING(wanted)                                                                \
  "SELECT w.relation || '.' || w.name AS example, 0 AS ordinal FROM (VALUES " wanted           \
  ") AS w (relation, name, kind) WHERE NOT EXISTS (SELECT 1 FROM information_schema.columns c" \
  " WHERE c.table_schema = current_setting('user_api.staging')"                                \
  " AND c.table_name = w.relation AND c.column_name = w.name AND (CASE w.kind"                 \
  " WHEN 'text' THEN c.data_type IN ('text', 'character varying', 'character')"                \
  " WHEN 'flag' THEN c.data_type IN ('boolean', 'smallint', 'integer', 'bigint')"              \
  " ELSE c.data_type IN ('smallint', 'integer', 'bigint') END))"

#define USER_COLUMNS(table)                                                                                 \
  "('" table "', 'id', 'integer'), ('" table "', 'email', 'text'), ('" table "', 'name', 'text'), ('" table \
  "', 'hash', 'text'), ('" table "', 'salt', 'text')"

static const char *const wanted_columns[] = {
    [UA_STAGING_CREATE_ALL] = COLUMNS_MISSING(USER_COLUMNS(
        "_user") ", ('_user', 'active', 'flag'), ('_user', 'customer_id', 'integer'),"
                 " ('customer', 'id', 'integer'), ('customer', 'max_user_quota', 'integer'),"
                 " ('role', 'id', 'integer'), ('role', 'code', 'text'), ('role', 'name', 'text'),"
                 " ('user_has_role', 'user_id', 'integer'), ('user_has_role', 'role_id', 'integer')"),
    [UA_STAGING_WORKBENCH] = COLUMNS_MISSING(USER_COLUMNS(
        "user") ", ('user', 'active', 'flag'),"
                " ('group', 'id', 'integer'), ('group', 'code', 'text'), ('group', 'name', 'text'),"
                " ('user_in_group', 'user_id', 'integer'), ('user_in_group', 'group_id', 'integer')"),
    [UA_STAGING_USERS_ONLY] = COLUMNS_MISSING(USER_COLUMNS("user")),
};

ua_status ua_legacy_staging_check_columns(ua_operator_connection *connection, const char *name,
                                          ua_legacy_staging_layout layout, ua_operator_finding_sink sink,
                                          bool *found_r, ua_error_line *error)
{
  const char *const parameters[] = {name};
  const ua_operator_diagnosis_check check = {UA_SEVERITY_ERROR, "source-columns",
                                             "columns are missing, or have another type than the original's",
                                             wanted_columns[layout]};
  ua_status status = ua_operator_connection_query(
      connection, "SELECT set_config('user_api.staging', $1, true)", parameters, 1, NULL, NULL, error);
  if (status != UA_OK) {
    return status;
  }
  return ua_operator_diagnosis_ask(connection, &check, sink, found_r, error);
}

/* --- the rows in the form of the five tables --- */

#define USER_COLUMN_LIST \
  "id::bigint AS id, email::text AS email, name::text AS name, hash::text AS hash, salt::text AS salt"

static const char arrange_create_all[] =
    "CREATE TEMP TABLE customer ON COMMIT DROP AS"
    " SELECT id::bigint AS id, max_user_quota::bigint AS max_user_quota FROM %I.customer;"
    "CREATE TEMP TABLE _user ON COMMIT DROP AS SELECT " USER_COLUMN_LIST
    ", active::integer <> 0 AS active, customer_id::bigint AS customer_id FROM %I._user;"
    "CREATE TEMP TABLE role ON COMMIT DROP AS"
    " SELECT id::bigint AS id, code::text AS code, name::text AS name FROM %I.role;"
    "CREATE TEMP TABLE user_has_role ON COMMIT DROP AS"
    " SELECT user_id::bigint AS user_id, role_id::bigint AS role_id FROM %I.user_has_role";

/* The last but one text: the customer that was asked for, "" for none. */
#define ARRANGE_ONE_CUSTOMER(active)                                                                       \
  "CREATE TEMP TABLE _user ON COMMIT DROP AS SELECT " USER_COLUMN_LIST ", " active                         \
  " AS active, NULL::bigint AS customer_id FROM %I.\"user\";"                                              \
  "CREATE TEMP TABLE customer ON COMMIT DROP AS SELECT coalesce(nullif(%L, '')::bigint,"                   \
  " (SELECT min(p.customer_id) FROM public._user p JOIN _user s ON s.id = p.id AND s.email = p.email),"    \
  " (SELECT greatest(coalesce(max(id), 0) + 1, (SELECT coalesce(last_value + 1, start_value)"              \
  " FROM pg_sequences WHERE schemaname = 'public' AND pg_get_serial_sequence('public.customer', 'id')"     \
  " IN ('public.' || sequencename, 'public.\"' || sequencename || '\"'))) FROM public.customer)) AS id,"   \
  " NULL::bigint AS max_user_quota;"                                                                       \
  "UPDATE customer SET max_user_quota = p.max_user_quota FROM public.customer p WHERE p.id = customer.id;" \
  "UPDATE _user SET customer_id = (SELECT id FROM customer);"

static const char arrange_groups[] =
    "CREATE TEMP TABLE role ON COMMIT DROP AS"
    " SELECT id::bigint AS id, code::text AS code, name::text AS name FROM %I.\"group\";"
    "CREATE TEMP TABLE user_has_role ON COMMIT DROP AS"
    " SELECT user_id::bigint AS user_id, group_id::bigint AS role_id FROM %I.user_in_group";

static const char arrange_no_groups[] =
    "CREATE TEMP TABLE role (id bigint, code text, name text) ON COMMIT DROP;"
    "CREATE TEMP TABLE user_has_role (user_id bigint, role_id bigint) ON COMMIT DROP";

/* Roles are the same where their codes are: memberships follow the target's id. */
static const char arrange_end[] =
    "CREATE TEMP TABLE role_place ON COMMIT DROP AS"
    " SELECT s.id, coalesce(p.id, s.id) AS target_id, p.id IS NOT NULL AS present"
    " FROM role s LEFT JOIN public.role p ON p.code = s.code;"
    "CREATE TEMP TABLE membership ON COMMIT DROP AS SELECT DISTINCT h.user_id, r.target_id AS role_id"
    " FROM user_has_role h JOIN role_place r ON r.id = h.role_id WHERE h.user_id IS NOT NULL;"
    "ANALYZE customer, _user, role, user_has_role, role_place, membership";

static ua_status arrange_one_customer(ua_operator_connection *connection, const char *name,
                                      ua_legacy_staging_layout layout, const char *customer,
                                      ua_error_line *error)
{
  const char *const parameters[] = {name};
  const char *const names[] = {name, customer == NULL ? "" : customer};
  const char *const groups[] = {name, name};
  const char *const wanted[] = {customer};
  bool exists = true;
  bool has_active = false;
  ua_status status = UA_OK;
  if (customer != NULL) {
    status = ua_operator_connection_exists(connection, "SELECT 1 FROM public.customer WHERE id = $1::bigint",
                                           wanted, 1, &exists, error);
  }
  if (status == UA_OK && !exists) {
    ua_error_line_set(error, "there is no customer %s", customer);
    return UA_NOT_FOUND;
  }
  if (status == UA_OK) {
    status = ua_operator_connection_exists(connection,
                                           "SELECT 1 FROM information_schema.columns WHERE table_schema = $1"
                                           " AND table_name = 'user' AND column_name = 'active'",
                                           parameters, 1, &has_active, error);
  }
  if (status == UA_OK) {
    status = ua_operator_connection_command(
        connection, has_active ? ARRANGE_ONE_CUSTOMER("active::integer <> 0") : ARRANGE_ONE_CUSTOMER("true"),
        names, error);
  }
  if (status == UA_OK) {
    status = layout == UA_STAGING_WORKBENCH
                 ? ua_operator_connection_command(connection, arrange_groups, groups, error)
                 : ua_operator_connection_run(connection, UA_TEXT(arrange_no_groups), error);
  }
  return status;
}

ua_status ua_legacy_staging_arrange(ua_operator_connection *connection, const char *name,
                                    ua_legacy_staging_layout layout, const char *customer,
                                    ua_error_line *error)
{
  const char *const names[] = {name, name, name, name};
  ua_status status = layout == UA_STAGING_CREATE_ALL
                         ? ua_operator_connection_command(connection, arrange_create_all, names, error)
                         : arrange_one_customer(connection, name, layout, customer, error);
  if (status == UA_OK) {
    status = ua_operator_connection_run(connection, UA_TEXT(arrange_end), error);
  }
  return status;
}

ua_status ua_legacy_staging_customer(ua_operator_connection *connection, uint64_t *id_r, ua_error_line *error)
{
  return ua_operator_connection_query(connection, "SELECT id FROM customer", NULL, 0, note_number, id_r,
                                      error);
}
