#include "legacy/staging.h"

#define FOLDED(column) "lower(" column " COLLATE \"und-x-icu\")"
#define USER_EXAMPLE   "'user ' || s.id || coalesce(' ' || left(s.email, 60), '')"
#define OUT_OF_RANGE   "NOT (id BETWEEN 1 AND 2147483647)"

/* The arranged tables hide the target's, which are therefore named with their schema. */
static const ua_operator_diagnosis_check checks[] = {
    {UA_SEVERITY_ERROR, "id-range", "rows whose id is not from 1 to 2147483647",
     "SELECT 'user ' || id AS example, id AS ordinal FROM _user WHERE " OUT_OF_RANGE
     " UNION ALL SELECT 'customer ' || id, id FROM customer WHERE " OUT_OF_RANGE
     " UNION ALL SELECT 'role ' || id, id FROM role WHERE " OUT_OF_RANGE
     " UNION ALL SELECT 'quota of customer ' || id, id FROM customer WHERE max_user_quota > 2147483647"},
    {UA_SEVERITY_ERROR, "customer-taken", "customers whose id the target has, with another quota",
     "SELECT 'customer ' || s.id AS example, s.id AS ordinal FROM customer s"
     " JOIN public.customer p ON p.id = s.id WHERE p.max_user_quota IS DISTINCT FROM s.max_user_quota"},
    {UA_SEVERITY_ERROR, "user-taken", "users whose id the target has, for another user or changed since",
     "SELECT " USER_EXAMPLE " AS example, s.id AS ordinal FROM _user s JOIN public._user p ON p.id = s.id"
     " WHERE (p.email, p.name, p.hash, p.salt, p.active, p.customer_id) IS DISTINCT FROM"
     " (s.email, s.name, s.hash, s.salt, coalesce(s.active, false), s.customer_id)"},
    {UA_SEVERITY_ERROR, "email-taken", "users whose email the target has, for another id",
     "SELECT " USER_EXAMPLE " AS example, s.id AS ordinal FROM _user s JOIN public._user p ON " FOLDED(
         "p.email") " = " FOLDED("s.email") " WHERE p.id <> s.id"},
    {UA_SEVERITY_ERROR, "role-taken", "roles whose id the target has, for another code",
     "SELECT 'role ' || s.id || coalesce(' ' || left(s.code, 60), '') AS example, s.id AS ordinal FROM role s"
     " JOIN public.role p ON p.id = s.id"
     " WHERE NOT EXISTS (SELECT 1 FROM role_place r WHERE r.id = s.id AND r.present)"},
    {UA_SEVERITY_ERROR, "membership-extra", "roles that the target gives to users who have not got them",
     "SELECT 'user ' || p.user_id || ' role ' || p.role_id AS example, p.user_id AS ordinal"
     " FROM public.user_has_role p JOIN _user s ON s.id = p.user_id WHERE NOT EXISTS"
     " (SELECT 1 FROM membership m WHERE m.user_id = p.user_id AND m.role_id = p.role_id)"},
    {UA_SEVERITY_WARNING, "text-encoding", "rows whose text looks like UTF-8 that was taken for latin1",
     "SELECT " USER_EXAMPLE
     " AS example, s.id AS ordinal FROM _user s WHERE concat_ws(' ', s.email, s.name) ~"
     " '[\\u00C2\\u00C3][\\u0080-"
     "\\u00BF\\u20AC\\u201A\\u0192\\u201E\\u2026\\u2020\\u2021\\u02C6\\u2030\\u0160\\u2039"
     "\\u0152\\u017D\\u2018-\\u201D\\u2022\\u2013\\u2014\\u02DC\\u2122\\u0161\\u203A\\u0153\\u017E\\u0178]'"},
    {UA_SEVERITY_NOTE, "role-moved", "roles that the target has under another id: their users get that one",
     "SELECT 'role ' || s.id || ' ' || left(s.code, 60) || ' is ' || r.target_id AS example, s.id AS ordinal"
     " FROM role s JOIN role_place r ON r.id = s.id WHERE r.target_id <> s.id"},
};

ua_status ua_legacy_staging_check_rows(ua_operator_connection *connection, ua_operator_finding_sink sink,
                                       ua_error_line *error)
{
  ua_status status = UA_OK;
  bool found;
  for (size_t i = 0; status == UA_OK && i < sizeof checks / sizeof checks[0]; i++) {
    status = ua_operator_diagnosis_ask(connection, &checks[i], sink, &found, error);
  }
  return status;
}

/* One row a table, in their order: staged, repeated, present, added, of the target. */
static const char count_sql[] =
    "SELECT count(*), 0, count(p.id), count(*) - count(p.id), (SELECT count(*) FROM public.customer)"
    " FROM customer s LEFT JOIN public.customer p"
    " ON p.id = s.id AND p.max_user_quota IS NOT DISTINCT FROM s.max_user_quota"
    " UNION ALL SELECT count(*), 0, count(p.id), count(*) - count(p.id), (SELECT count(*) FROM public._user)"
    " FROM _user s LEFT JOIN public._user p ON p.id = s.id AND (p.email, p.name, p.hash, p.salt, p.active,"
    " p.customer_id) = (s.email, s.name, s.hash, s.salt, coalesce(s.active, false), s.customer_id)"
    " UNION ALL SELECT count(*), 0, count(*) FILTER (WHERE present), count(*) FILTER (WHERE NOT present),"
    " (SELECT count(*) FROM public.role) FROM (SELECT p.id IS NOT NULL AS present FROM role s"
    " LEFT JOIN public.role p ON p.code = s.code) AS r"
    " UNION ALL SELECT (SELECT count(*) FROM user_has_role),"
    " (SELECT count(*) FROM user_has_role) - count(*), count(p.user_id), count(*) - count(p.user_id),"
    " (SELECT count(*) FROM public.user_has_role) FROM membership s"
    " LEFT JOIN public.user_has_role p ON p.user_id = s.user_id AND p.role_id = s.role_id";

typedef struct counting {
  ua_legacy_staging_counts *counts;
  size_t row;
} counting;

static ua_status note_counts(void *context, const char *const *values)
{
  counting *state = context;
  if (state->row == UA_STAGING_TABLES) {
    return UA_INTERNAL;
  }
  ua_legacy_staging_count *count = &state->counts->table[state->row++];
  uint64_t *const fields[] = {&count->staged, &count->repeated, &count->present, &count->added,
                              &count->target};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    if (values[i] == NULL || !ua_text_to_uint(ua_text_of(values[i]), UINT64_MAX, fields[i])) {
      return UA_INTERNAL;
    }
  }
  return UA_OK;
}

ua_status ua_legacy_staging_count_rows(ua_operator_connection *connection, ua_legacy_staging_counts *counts_r,
                                       ua_error_line *error)
{
  counting state = {.counts = counts_r};
  return ua_operator_connection_query(connection, count_sql, NULL, 0, note_counts, &state, error);
}

static const char copy_sql[] =
    "INSERT INTO public.customer (id, max_user_quota) SELECT id, max_user_quota FROM customer s"
    " WHERE NOT EXISTS (SELECT 1 FROM public.customer p WHERE p.id = s.id) ORDER BY id;"
    "INSERT INTO public._user (id, email, name, hash, salt, active, customer_id)"
    " SELECT id, email, name, hash, salt, coalesce(active, false), customer_id FROM _user s"
    " WHERE NOT EXISTS (SELECT 1 FROM public._user p WHERE p.id = s.id) ORDER BY id;"
    "INSERT INTO public.role (id, code, name) SELECT s.id, s.code, s.name FROM role s"
    " JOIN role_place r ON r.id = s.id WHERE NOT r.present ORDER BY s.id;"
    "INSERT INTO public.user_has_role (user_id, role_id) SELECT user_id, role_id FROM membership s"
    " WHERE NOT EXISTS (SELECT 1 FROM public.user_has_role p"
    " WHERE p.user_id = s.user_id AND p.role_id = s.role_id) ORDER BY 1, 2;"
    "DO $sequences$ DECLARE item text; sequence text; highest bigint; next bigint;"
    " BEGIN"
    "   FOREACH item IN ARRAY ARRAY['customer', '_user', 'role'] LOOP"
    "     sequence := pg_get_serial_sequence('public.' || item, 'id');"
    "     EXECUTE format('SELECT max(id) FROM public.%I', item) INTO highest;"
    "     EXECUTE format('SELECT last_value + is_called::integer FROM %s', sequence) INTO next;"
    "     IF highest >= next THEN"
    "       EXECUTE format('ALTER SEQUENCE %s RESTART WITH %s', sequence, least(highest + 1, 2147483647));"
    "     END IF;"
    "   END LOOP;"
    " END $sequences$";

ua_status ua_legacy_staging_copy(ua_operator_connection *connection, ua_error_line *error)
{
  return ua_operator_connection_run(connection, UA_TEXT(copy_sql), error);
}
