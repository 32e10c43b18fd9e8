#include "operator/import_place.h"

#include <inttypes.h>
#include <stdio.h>

/* How emails are compared: see migration 2. */
#define FOLDED(expression) "lower(" expression " COLLATE \"und-x-icu\")"

/* Rows without an id are numbered; `base` is set by `reserve`. */
#define STAGED_ID "coalesce(s.id, (current_setting('user_api.import_base')::bigint + s.ordinal)::integer)"

/* A server that has the setting notices within seconds that the program was killed, in the middle of a
 * statement, too. */
const char ua_import_stage[] =
    "SELECT set_config('client_connection_check_interval', '2s', true)"
    " WHERE current_setting('client_connection_check_interval', true) IS NOT NULL;"
    " CREATE TEMPORARY TABLE ua_operator_import (line bigint, id integer, ordinal bigint, email text, name "
    "text,"
    " hash text, salt text, active boolean, customer_id integer, epoch integer, roles integer[]) ON COMMIT "
    "DROP;"
    " CREATE TEMPORARY TABLE ua_import_taken (line bigint, field text, reason text) ON COMMIT DROP";

const char ua_import_copy[] = "COPY ua_operator_import FROM STDIN";

/* FOR NO KEY UPDATE meets the FOR UPDATE of a registration that respects quotas, and not the key locks of
 * those that do not: these hold the sequence already, and would wait for us while we wait for them. */
static const char lock_customers[] =
    "SELECT count(*) FROM (SELECT 1 FROM customer"
    " WHERE id IN (SELECT customer_id FROM ua_operator_import) ORDER BY id FOR NO KEY UPDATE) AS locked";

/* ALTER SEQUENCE, which changes nothing here, waits for the transactions that took a value, and makes those
 * wait that want one: else an id could be given twice. It is undone with the transaction, unlike setval by
 * itself. */
static const char reserve[] =
    "DO $reserve$"
    " DECLARE sequence text := pg_get_serial_sequence('public._user', 'id'); given bigint; base bigint;"
    " BEGIN"
    "   EXECUTE format('ALTER SEQUENCE %s CACHE %s', sequence,"
    "                  (SELECT seqcache FROM pg_sequence WHERE seqrelid = sequence::regclass));"
    "   EXECUTE format('SELECT last_value - (NOT is_called)::integer FROM %s', sequence) INTO given;"
    "   base := greatest(given, (SELECT max(id) FROM _user),"
    "                    current_setting('user_api.import_highest')::bigint);"
    "   IF base + current_setting('user_api.import_without')::bigint > 2147483647 THEN"
    "     RAISE EXCEPTION 'there are not as many ids left';"
    "   END IF;"
    "   PERFORM set_config('user_api.import_base', base::text, true);"
    " END"
    " $reserve$";

/* What costs most while rows go in one by one: checks of foreign keys, and indexes that back no constraint.
 */
static const char take_down[] =
    "CREATE TEMPORARY TABLE ua_import_made ON COMMIT DROP AS"
    " SELECT 2 AS step, conname AS name,"
    "   format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS take_down,"
    "   format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
    "     AS put_back"
    "   FROM pg_constraint WHERE contype = 'f'"
    "   AND conrelid IN ('public._user'::regclass, 'public.user_has_role'::regclass)"
    " UNION ALL SELECT 1, i.indexrelid::regclass::name, format('DROP INDEX %s', i.indexrelid::regclass),"
    "   pg_get_indexdef(i.indexrelid) FROM pg_index i"
    "   WHERE i.indrelid IN ('public._user'::regclass, 'public.user_has_role'::regclass)"
    "   AND NOT i.indisreplident AND NOT i.indisclustered"
    "   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid);"
    " DO $down$ DECLARE made record; BEGIN"
    "   FOR made IN SELECT * FROM ua_import_made ORDER BY step DESC, name LOOP"
    "     EXECUTE made.take_down; END LOOP; END $down$";

static const char put_back[] =
    "DO $back$ DECLARE made record; BEGIN"
    "   FOR made IN SELECT * FROM ua_import_made ORDER BY step, name LOOP"
    "     EXECUTE made.put_back; END LOOP; END $back$";

/* A foreign key is checked row by row, and locks the row that it names each time: most of what an import
 * costs. The rows that ours name are a few customers and roles, which are locked and looked for here at once,
 * and users of this very transaction. So a superuser, whom the server lets, goes without the checks, unless
 * there are triggers, rules or keys that are none of ours. */
static const char trust[] =
    "DO $trust$"
    " DECLARE tables regclass[] := ARRAY['public._user', 'public.user_has_role']::regclass[];"
    "   named integer[]; found bigint; missing bigint;"
    " BEGIN"
    "   IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    "     OR EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = ANY (tables) AND NOT tgisinternal)"
    "     OR EXISTS (SELECT 1 FROM pg_class WHERE oid = ANY (tables) AND relhasrules)"
    "     OR EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = ANY (tables) AND contype = 'f' AND "
    "confrelid <>"
    "       ALL (ARRAY['public.customer', 'public._user', 'public.role']::regclass[])) THEN"
    "     RETURN;"
    "   END IF;"
    "   named := ARRAY(SELECT DISTINCT customer_id FROM ua_operator_import);"
    "   PERFORM 1 FROM customer WHERE id = ANY (named) FOR KEY SHARE;"
    "   GET DIAGNOSTICS found = ROW_COUNT;"
    "   missing := cardinality(named) - found;"
    "   named := ARRAY(SELECT DISTINCT unnest(roles) FROM ua_operator_import);"
    "   PERFORM 1 FROM role WHERE id = ANY (named) FOR KEY SHARE;"
    "   GET DIAGNOSTICS found = ROW_COUNT;"
    "   IF missing > 0 OR found < cardinality(named) THEN"
    "     RAISE EXCEPTION 'a customer or role of the rows was deleted meanwhile';"
    "   END IF;"
    "   SET LOCAL session_replication_role = replica;"
    " END"
    " $trust$";

static const char place[] =
    "INSERT INTO _user (id, email, name, hash, salt, active, customer_id, epoch)"
    " SELECT " STAGED_ID
    ", s.email, s.name, s.hash, s.salt, s.active, s.customer_id, s.epoch FROM ua_operator_import s;"
    " INSERT INTO user_has_role (user_id, role_id)"
    " SELECT " STAGED_ID ", held.id FROM ua_operator_import s CROSS JOIN unnest(s.roles) AS held (id)";

/* RESTART gives the sequence new storage, and setval works on that: a rollback undoes both. */
static const char set_sequence[] =
    "DO $sequence$"
    " DECLARE sequence text := pg_get_serial_sequence('public._user', 'id'); last bigint;"
    " BEGIN"
    "   last := greatest(current_setting('user_api.import_base')::bigint, (SELECT max(id) FROM _user));"
    "   IF last > 0 THEN"
    "     EXECUTE format('ALTER SEQUENCE %s RESTART', sequence);"
    "     PERFORM setval(sequence::regclass, last);"
    "   END IF;"
    " END"
    " $sequence$";

/* Against the table first, then among the rows, where the first of equals stays. */
static const char find_taken[] =
    "TRUNCATE ua_import_taken; ANALYZE ua_operator_import;"
    " INSERT INTO ua_import_taken SELECT s.line, 'id', 'user ' || u.id || ' is there already'"
    "   FROM ua_operator_import s JOIN _user u ON u.id = s.id;"
    " INSERT INTO ua_import_taken SELECT s.line, 'email', 'is that of user ' || u.id || ' already'"
    "   FROM ua_operator_import s JOIN _user u ON " FOLDED("u.email") " = " FOLDED("s.email") ";"
    " DELETE FROM ua_operator_import WHERE line IN (SELECT line FROM ua_import_taken);"
    " INSERT INTO ua_import_taken SELECT line, 'id', 'is that of line ' || first || ' already'"
    "   FROM (SELECT line, min(line) OVER (PARTITION BY id) AS first FROM ua_operator_import WHERE id IS NOT NULL) AS e"
    "   WHERE line > first;"
    " DELETE FROM ua_operator_import WHERE line IN (SELECT line FROM ua_import_taken);"
    " INSERT INTO ua_import_taken SELECT line, 'email', 'is that of line ' || first || ' already'"
    "   FROM (SELECT line, min(line) OVER (PARTITION BY " FOLDED("email") " COLLATE \"C\") AS first"
    "   FROM ua_operator_import) AS e WHERE line > first;"
    " DELETE FROM ua_operator_import WHERE line IN (SELECT line FROM ua_import_taken);"
    " DECLARE ua_import_cursor NO SCROLL CURSOR FOR SELECT line, field, reason FROM ua_import_taken"
    "   ORDER BY line, field DESC";

static const char quota_exceeded[] =
    "SELECT c.id, count(*), c.max_user_quota FROM customer c JOIN _user u ON u.customer_id = c.id"
    " WHERE c.max_user_quota IS NOT NULL AND c.id IN (SELECT customer_id FROM ua_operator_import)"
    " GROUP BY c.id, c.max_user_quota HAVING count(*) > c.max_user_quota ORDER BY c.id LIMIT 1";

ua_status ua_operator_import_reserve(ua_operator_connection *connection,
                                     const ua_operator_import_rules *rules, int32_t highest, uint64_t without,
                                     ua_error_line *error)
{
  char highest_text[16];
  char without_text[24];
  const char *const parameters[] = {highest_text, without_text};
  (void)snprintf(highest_text, sizeof highest_text, "%" PRId32, highest);
  (void)snprintf(without_text, sizeof without_text, "%" PRIu64, without);
  ua_status status = UA_OK;
  if (rules->enforce_quota) {
    status = ua_operator_connection_run(connection, UA_TEXT(lock_customers), error);
  }
  if (status == UA_OK) {
    status = ua_operator_connection_query(connection,
                                          "SELECT set_config('user_api.import_highest', $1, true),"
                                          " set_config('user_api.import_without', $2, true)",
                                          parameters, 2, NULL, NULL, error);
  }
  return status == UA_OK ? ua_operator_connection_run(connection, UA_TEXT(reserve), error) : status;
}

ua_status ua_operator_import_place(ua_operator_connection *connection, bool exclusive, ua_error_line *error)
{
  ua_status status =
      ua_operator_connection_run(connection, exclusive ? UA_TEXT(take_down) : UA_TEXT(trust), error);
  if (status == UA_OK) {
    status = ua_operator_connection_run(connection, UA_TEXT(place), error);
  }
  if (status == UA_OK && exclusive) {
    status = ua_operator_connection_run(connection, UA_TEXT(put_back), error);
  }
  return status == UA_OK ? ua_operator_connection_run(connection, UA_TEXT(set_sequence), error) : status;
}

/* Rows of the cursor go to whoever asked. */
typedef struct taken_rows {
  ua_operator_import_reject_fn *reject;
  void *context;
  uint64_t last_line;
  uint64_t lines;
  uint64_t fetched;
} taken_rows;

static ua_status pass_taken(void *context, const char *const *values)
{
  taken_rows *rows = context;
  uint64_t line;
  if (!ua_text_to_uint(ua_text_of(values[0]), INT64_MAX, &line)) {
    return UA_INTERNAL;
  }
  rows->lines += line != rows->last_line;
  rows->last_line = line;
  rows->fetched++;
  rows->reject(rows->context, line, values[1], values[2]);
  return UA_OK;
}

ua_status ua_operator_import_find_taken(ua_operator_connection *connection,
                                        ua_operator_import_reject_fn *reject, void *context,
                                        uint64_t *rejected_r, ua_error_line *error)
{
  taken_rows rows = {.reject = reject, .context = context};
  ua_status status = ua_operator_connection_run(connection, UA_TEXT(find_taken), error);
  do {
    rows.fetched = 0;
    if (status == UA_OK) {
      status = ua_operator_connection_query(connection, "FETCH 1000 FROM ua_import_cursor", NULL, 0,
                                            pass_taken, &rows, error);
    }
  } while (status == UA_OK && rows.fetched > 0);
  *rejected_r = rows.lines;
  return status == UA_OK ? ua_operator_connection_run(connection, UA_TEXT("CLOSE ua_import_cursor"), error)
                         : status;
}

static ua_status note_exceeded(void *context, const char *const *values)
{
  ua_error_line *line = context;
  ua_error_line_set(line, "customer %s would have %s users, and may have %s", values[0], values[1],
                    values[2]);
  return UA_OK;
}

ua_status ua_operator_import_check_quota(ua_operator_connection *connection, ua_error_line *error)
{
  ua_error_line exceeded = {""};
  ua_status status =
      ua_operator_connection_query(connection, quota_exceeded, NULL, 0, note_exceeded, &exceeded, error);
  if (status == UA_OK && exceeded.text[0] != '\0') {
    *error = exceeded;
    status = UA_FORBIDDEN;
  }
  return status;
}

static ua_status note_counts(void *context, const char *const *values)
{
  ua_operator_import_counts *counts = context;
  return ua_text_to_uint(ua_text_of(values[0]), INT64_MAX, &counts->users) &&
                 ua_text_to_uint(ua_text_of(values[1]), INT64_MAX, &counts->memberships)
             ? UA_OK
             : UA_INTERNAL;
}

ua_status ua_operator_import_count(ua_operator_connection *connection, ua_operator_import_counts *counts,
                                   ua_error_line *error)
{
  return ua_operator_connection_query(
      connection, "SELECT count(*), coalesce(sum(cardinality(roles)), 0) FROM ua_operator_import", NULL, 0,
      note_counts, counts, error);
}
