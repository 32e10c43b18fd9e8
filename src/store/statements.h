/* THE table of SQL: everything that the service ever sends, columns listed. */
#ifndef UA_STORE_STATEMENTS_H
#define UA_STORE_STATEMENTS_H

#include <stdbool.h>

typedef enum ua_statement {
  UA_STATEMENT_SESSION_SETTINGS,
  UA_STATEMENT_BEGIN,
  UA_STATEMENT_COMMIT,
  UA_STATEMENT_ROLLBACK,
  UA_STATEMENT_READINESS,
  UA_STATEMENT_TOKEN_STATE,
  UA_STATEMENT_TOKEN_REVOKE,
  UA_STATEMENT_TOKEN_FORGET_EXPIRED,
  UA_STATEMENT_CUSTOMER_LOCK_QUOTA,
  UA_STATEMENT_CUSTOMER_COUNT_USERS,
  UA_STATEMENT_USER_BY_EMAIL,
  UA_STATEMENT_USER_IN_CUSTOMER_BY_EMAIL,
  UA_STATEMENT_USER_WITH_ROLES,
  UA_STATEMENT_USER_LIST,
  UA_STATEMENT_USER_INSERT,
  UA_STATEMENT_USER_LOCK,
  UA_STATEMENT_USER_UPDATE,
  UA_STATEMENT_USER_SET_PASSWORD,
  UA_STATEMENT_USER_UPGRADE_HASH,
  UA_STATEMENT_USER_RAISE_EPOCH,
  UA_STATEMENT_USER_ROLES_REMOVE_OTHERS,
  UA_STATEMENT_USER_ROLES_ADD,
  UA_STATEMENT_USER_ROLES_REMOVE,
  UA_STATEMENT_ROLE_IDS,
  UA_STATEMENT_ROLE_LIST,
  UA_STATEMENT_COUNT
} ua_statement;

typedef enum ua_statement_kind {
  UA_STATEMENT_READ,   /* may be sent again on a new connection */
  UA_STATEMENT_WRITE,  /* never sent twice */
  UA_STATEMENT_CONTROL /* of a session or transaction */
} ua_statement_kind;

/* SQL longer than a line stands in src/store/<name>.sql. */
typedef struct ua_statement_row {
  const char *name; /* of the prepared statement, and in logs */
  ua_statement_kind kind;
  int customer; /* number of the parameter that binds it to the caller's customer; 0: has no customer */
  const char *sql;
} ua_statement_row;

/* The row of a statement. */
const ua_statement_row *ua_store_statement_get(ua_statement statement);

#endif
