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
  UA_STATEMENT_WATCH_PEER,
  UA_STATEMENT_WATCH_SETTINGS,
  UA_STATEMENT_WATCH_LISTEN,
  UA_STATEMENT_WATCH_PROOF,
  UA_STATEMENT_ORIGIN,
  UA_STATEMENT_TOKEN_STATE,
  UA_STATEMENT_TOKEN_REVOKE,
  UA_STATEMENT_TOKEN_FORGET_EXPIRED,
  UA_STATEMENT_THROTTLE_PEEK,
  UA_STATEMENT_THROTTLE_RESERVE,
  UA_STATEMENT_THROTTLE_SETTLE,
  UA_STATEMENT_CUSTOMER_LOCK_QUOTA,
  UA_STATEMENT_CUSTOMER_COUNT_USERS,
  UA_STATEMENT_CUSTOMER_LOCK_ADMINS,
  UA_STATEMENT_CUSTOMER_FIND,
  UA_STATEMENT_CUSTOMER_OF_USER,
  UA_STATEMENT_CUSTOMER_OF_EMAIL,
  UA_STATEMENT_CUSTOMER_LIST,
  UA_STATEMENT_CUSTOMER_GET,
  UA_STATEMENT_CUSTOMER_INSERT,
  UA_STATEMENT_CUSTOMER_UPDATE,
  UA_STATEMENT_CUSTOMER_DELETE,
  UA_STATEMENT_USER_BY_EMAIL,
  UA_STATEMENT_USER_IN_CUSTOMER_BY_EMAIL,
  UA_STATEMENT_USER_WITH_ROLES,
  UA_STATEMENT_USER_CREATED_AT,
  UA_STATEMENT_USER_LIST,
  UA_STATEMENT_USER_LIST_DEEP,
  UA_STATEMENT_USER_LIST_ACTIVE,
  UA_STATEMENT_USER_LIST_ROLE,
  UA_STATEMENT_USER_SEARCH,
  UA_STATEMENT_USER_SCAN,
  UA_STATEMENT_USER_COUNT,
  UA_STATEMENT_USER_COUNT_ACTIVE,
  UA_STATEMENT_USER_COUNT_ROLE,
  UA_STATEMENT_USER_COUNT_FOUND,
  UA_STATEMENT_USER_INSERT,
  UA_STATEMENT_USER_LOCK,
  UA_STATEMENT_USER_LOCK_ROLES,
  UA_STATEMENT_USER_UPDATE,
  UA_STATEMENT_USER_SET_PASSWORD,
  UA_STATEMENT_USER_UPGRADE_HASH,
  UA_STATEMENT_USER_RAISE_EPOCH,
  UA_STATEMENT_USER_DELETE,
  UA_STATEMENT_USER_OTHER_ADMIN,
  UA_STATEMENT_USER_ROLES_REMOVE_OTHERS,
  UA_STATEMENT_USER_ROLES_ADD,
  UA_STATEMENT_ROLES_FIND,
  UA_STATEMENT_ROLES_LOCK,
  UA_STATEMENT_ROLES_LOCK_NAMES,
  UA_STATEMENT_ROLE_LIST,
  UA_STATEMENT_ROLE_COUNT_ALL_HOLDERS,
  UA_STATEMENT_ROLE_INSERT,
  UA_STATEMENT_ROLE_UPDATE,
  UA_STATEMENT_ROLE_OUTGROWS_TOKENS,
  UA_STATEMENT_ROLE_DELETE,
  UA_STATEMENT_COUNT
} ua_statement;

typedef enum ua_statement_kind {
  UA_STATEMENT_READ,   /* may be sent again on a new connection */
  UA_STATEMENT_WRITE,  /* never sent twice */
  UA_STATEMENT_CONTROL /* of a session or transaction */
} ua_statement_kind;

/* Whose rows a statement touches. Zero is a statement about no user. */
typedef enum ua_statement_reach {
  UA_STATEMENT_SHARED,   /* of no customer that there is: the session, roles, readiness, failed logins, a new
                            customer */
  UA_STATEMENT_BOUND,    /* of one customer, which a parameter names */
  UA_STATEMENT_RESOLVES, /* finds out which customer somebody belongs to: a login, an operator's request */
  UA_STATEMENT_COUNTS    /* of all customers, for operators: customers and numbers, and no user's row */
} ua_statement_reach;

/* SQL longer than a line stands in src/store/<name>.sql. */
typedef struct ua_statement_row {
  const char *name; /* of the prepared statement, and in logs */
  ua_statement_kind kind;
  ua_statement_reach reach;
  int customer; /* number of the parameter that binds it to one customer */
  const char *sql;
} ua_statement_row;

/* The row of a statement. */
const ua_statement_row *ua_store_statement_get(ua_statement statement);

#endif
