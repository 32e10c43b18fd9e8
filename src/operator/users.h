/* Users of all customers, as an operator finds and lists them, on an operator's connection. What the service
 * also does with users is not here, but in the service. */
#ifndef UA_OPERATOR_USERS_H
#define UA_OPERATOR_USERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "operator/connection.h"

typedef struct ua_operator_user_address {
  int32_t id;
  int32_t customer_id;
} ua_operator_user_address;

/* Which users a list contains: those that match all fields. Decimals, texts and booleans ("t", "f") as the
 * database reads them; NULL matches all. */
typedef struct ua_operator_users_filter {
  const char *customer_id;
  const char *email_pattern; /* LIKE patterns, without regard to case */
  const char *name_pattern;
  const char *role; /* code */
  const char *active;
  const char *after; /* an id */
  const char *limit;
} ua_operator_users_filter;

/* The columns of a listed user. */
enum {
  UA_OPERATOR_USERS_ID,
  UA_OPERATOR_USERS_CUSTOMER,
  UA_OPERATOR_USERS_EMAIL,
  UA_OPERATOR_USERS_NAME,
  UA_OPERATOR_USERS_ACTIVE,
  UA_OPERATOR_USERS_CODES, /* of the roles, by their ids: a JSON array of strings */
  UA_OPERATOR_USERS_ROLES, /* a JSON array of {"code":…,"id":…,"name":…}, by their ids */
  UA_OPERATOR_USERS_COLUMNS
};

/* One row for each user, ordered by id, as they arrive. */
UA_CHECK ua_status ua_operator_users_stream(ua_operator_connection *connection,
                                            const ua_operator_users_filter *filter, ua_row_fn *row,
                                            void *context, ua_error_line *error);

/* The parameters of a statement that looks an email up: as typed, and without the blanks at its end. */
typedef struct ua_operator_email {
  const char *parameter[2];
  char without_blanks[4 * UA_MAX_STRING_CHARACTERS + 1]; /* of what a user can have */
} ua_operator_email;

/* `typed` must outlive the record, which must not be copied. */
void ua_operator_users_read_email(const char *typed, ua_operator_email *email_r);

/* By email, ignoring case, as typed or else without the blanks at its end; or by id: the one that is not
 * NULL. UA_NOT_FOUND, with the line. */
UA_CHECK ua_status ua_operator_users_find(ua_operator_connection *connection, const char *email,
                                          const char *id, ua_operator_user_address *address_r,
                                          ua_error_line *error);

/* The customer with that id or, for NULL, the only one there is. UA_NOT_FOUND, with the line, when there is
 * no such customer, none, or more than one. */
UA_CHECK ua_status ua_operator_users_customer(ua_operator_connection *connection, const char *id,
                                              int32_t *id_r, ua_error_line *error);

/* The id of a role. UA_NOT_FOUND, with the line. */
UA_CHECK ua_status ua_operator_users_role(ua_operator_connection *connection, const char *code, int32_t *id_r,
                                          ua_error_line *error);

#endif
