#include "store/sqlstate.h"

#include <stddef.h>
#include <string.h>

#define POOLER_HINT                                                                                       \
  "a pooler gives one session to several clients: set USER_API_DATABASE_PREPARED=off, or, in PgBouncer, " \
  "max_prepared_statements"
#define READ_ONLY_HINT "the database is read-only: a standby, or default_transaction_read_only"
#define SCHEMA_HINT    "the schema is not as it has to be: run user-api-admin migrate and doctor"
#define RIGHTS_HINT    "the account lacks a right, or row-level security hides rows: run user-api-admin doctor"
#define LOGIN_HINT     "the database does not let the account in: look at its password and pg_hba.conf"
#define ENCODING_HINT  "the database cannot hold this text: its encoding has to be UTF8"
#define SLOW_HINT      "the database took too long: a lock is held, or USER_API_DATABASE_TIMEOUT_MS is too short"
#define QUEUE_HINT \
  "the server's notification queue is full: end the session that listens and stays in one transaction"
#define DAMAGE_HINT "PostgreSQL reports a fault of its own: its log says more"

typedef struct meaning {
  const char *prefix; /* a code, or the beginning of codes; the first row that matches applies */
  ua_status status;
  bool ends_connection;
  const char *hint; /* for the operator */
} meaning;

static const meaning table[] = {
    {"08", UA_UNAVAILABLE, true, "the connection broke, or a pooler refused: its log says more"},
    {"0A000", UA_UNAVAILABLE, true, NULL}, /* a cached plan must not change its result type */
    {"22021", UA_UNAVAILABLE, false, ENCODING_HINT},
    {"22P05", UA_UNAVAILABLE, false, ENCODING_HINT},
    {"2200H", UA_UNAVAILABLE, false, "a sequence has no ids left: run user-api-admin doctor"},
    {"23505", UA_CONFLICT, false, NULL},      /* unique violation */
    {"23503", UA_UNPROCESSABLE, false, NULL}, /* foreign key violation */
    {"25006", UA_UNAVAILABLE, true, READ_ONLY_HINT},
    {"25P03", UA_UNAVAILABLE, true, NULL}, /* idle in a transaction for too long */
    {"25P04", UA_UNAVAILABLE, true, NULL}, /* a transaction that took too long */
    {"26000", UA_UNAVAILABLE, true, POOLER_HINT},
    {"28", UA_UNAVAILABLE, true, LOGIN_HINT},
    {"3D000", UA_UNAVAILABLE, true, "there is no such database: look at USER_API_DATABASE_URL"},
    {"3F000", UA_UNAVAILABLE, false, SCHEMA_HINT},
    {"40", UA_UNAVAILABLE, false, NULL}, /* serialization failure, deadlock */
    {"42501", UA_UNAVAILABLE, false, RIGHTS_HINT},
    {"42703", UA_UNAVAILABLE, false, SCHEMA_HINT}, /* no such column */
    {"42704", UA_UNAVAILABLE, false, SCHEMA_HINT}, /* no such collation, type … */
    {"42804", UA_UNAVAILABLE, false, SCHEMA_HINT}, /* a column of another type */
    {"42883", UA_UNAVAILABLE, false, SCHEMA_HINT}, /* no such operator or function */
    {"42P01", UA_UNAVAILABLE, false, SCHEMA_HINT}, /* no such table */
    {"42P05", UA_UNAVAILABLE, true, POOLER_HINT},
    {"42P10", UA_UNAVAILABLE, false, SCHEMA_HINT}, /* no unique index for ON CONFLICT */
    {"53100", UA_UNAVAILABLE, false, "the disk of the database is full"},
    {"53200", UA_UNAVAILABLE, false, "the database server is out of memory"},
    {"53300", UA_UNAVAILABLE, true, "too many connections: keep 2 * workers + 10 below max_connections"},
    {"53", UA_UNAVAILABLE, false, "the database server is short of a resource: its log says more"},
    {"54000", UA_UNAVAILABLE, false, QUEUE_HINT},
    {"55P03", UA_UNAVAILABLE, false, SLOW_HINT},
    {"55", UA_UNAVAILABLE, false, NULL}, /* not in the state that the operation needs */
    {"57014", UA_UNAVAILABLE, false, SLOW_HINT},
    {"57P03", UA_UNAVAILABLE, true, "the database server is starting, recovering or stopping"},
    {"57P04", UA_UNAVAILABLE, true, "the database was dropped"},
    {"57", UA_UNAVAILABLE, true, NULL}, /* ended by an administrator, or by a crash */
    {"58", UA_UNAVAILABLE, false, DAMAGE_HINT},
    {"72", UA_UNAVAILABLE, false, NULL}, /* snapshot too old */
    {"F0", UA_UNAVAILABLE, false, DAMAGE_HINT},
    {"P0", UA_INTERNAL, false,
     "a trigger or function that is not part of User API refused: see PostgreSQL's log"},
    {"XX", UA_UNAVAILABLE, false, DAMAGE_HINT},
};

static const meaning *find(const char *sqlstate)
{
  static const meaning unknown = {.status = UA_INTERNAL};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0) {
      return &table[i];
    }
  }
  return &unknown;
}

ua_status ua_store_sqlstate_status(const char *sqlstate)
{
  return find(sqlstate)->status;
}

bool ua_store_sqlstate_ends_connection(const char *sqlstate)
{
  return find(sqlstate)->ends_connection;
}

const char *ua_store_sqlstate_hint(const char *sqlstate)
{
  return find(sqlstate)->hint;
}

bool ua_store_sqlstate_quotes(const char *sqlstate, bool quotes_sql)
{
  /* UA: what our own SQL raises. */
  static const char plain[] = "08 0A 0B 0L 0P 23 25 26 28 2B 2D 3B 3D 3F 40 42 53 54 55 57 58 UA XX ";
  static const char syntax_error[] = "42601";
  char class[] = {sqlstate[0], sqlstate[0] == '\0' ? '\0' : sqlstate[1], ' ', '\0'};
  if (strlen(class) != sizeof class - 1 || strstr(plain, class) == NULL) {
    return true;
  }
  return quotes_sql && strcmp(sqlstate, syntax_error) == 0;
}
