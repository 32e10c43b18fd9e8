#include "store/sqlstate.h"

#include <stddef.h>
#include <string.h>

/* Codes, or the beginnings of codes; the first row that fits counts. */
static const struct {
  const char *prefix;
  ua_status status;
  bool ends_connection;
} table[] = {
    {"23505", UA_CONFLICT, false},      /* unique violation */
    {"23503", UA_UNPROCESSABLE, false}, /* foreign key violation */
    {"57014", UA_UNAVAILABLE, false},   /* statement timeout */
    {"55P03", UA_UNAVAILABLE, false},   /* lock timeout */
    {"25P03", UA_UNAVAILABLE, true},    /* idle in transaction for too long */
    {"25006", UA_UNAVAILABLE, true},    /* read-only, after a failover */
    {"26000", UA_UNAVAILABLE, true},    /* prepared statement gone: a pooler, or DISCARD ALL */
    {"0A000", UA_UNAVAILABLE, true},    /* cached plan must not change result type */
    {"40", UA_UNAVAILABLE, false},      /* serialization failure, deadlock */
    {"53", UA_UNAVAILABLE, false},      /* out of connections, memory, disk */
    {"57P", UA_UNAVAILABLE, true},      /* shutting down, starting up */
    {"08", UA_UNAVAILABLE, true},       /* connection trouble behind a pooler */
};

ua_status ua_store_sqlstate_status(const char *sqlstate)
{
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0) {
      return table[i].status;
    }
  }
  return UA_INTERNAL;
}

bool ua_store_sqlstate_ends_connection(const char *sqlstate)
{
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0) {
      return table[i].ends_connection;
    }
  }
  return false;
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
