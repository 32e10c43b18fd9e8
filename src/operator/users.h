/* Users of all customers, as an operator finds, lists and removes them, on a maintenance connection. What the
 * service does with users as well is the service's to do. */
#ifndef UA_OPERATOR_USERS_H
#define UA_OPERATOR_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "operator/connection.h"

typedef struct ua_user_address {
  int32_t id;
  int32_t customer_id;
} ua_user_address;

/* Which users a listing is about: all that fit everything asked for. Decimals, texts and booleans ("t", "f")
 * as the database reads them; NULL is not asked for. */
typedef struct ua_directory_filter {
  const char *customer_id;
  const char *email_pattern; /* LIKE patterns, without regard to case */
  const char *name_pattern;
  const char *role; /* code */
  const char *active;
  const char *after; /* an id */
  const char *limit;
} ua_directory_filter;

/* The columns of a listed user. */
enum {
  UA_DIRECTORY_ID,
  UA_DIRECTORY_CUSTOMER,
  UA_DIRECTORY_EMAIL,
  UA_DIRECTORY_NAME,
  UA_DIRECTORY_ACTIVE,
  UA_DIRECTORY_CODES, /* of the roles, by their ids: a JSON array of strings */
  UA_DIRECTORY_ROLES, /* a JSON array of {"code":…,"id":…,"name":…}, by their ids */
  UA_DIRECTORY_COLUMNS
};

/* One row a user, ordered by id, as they come. */
UA_CHECK ua_status ua_directory_stream(ua_maintenance *connection, const ua_directory_filter *filter,
                                       ua_row_fn *row, void *context, ua_error_line *error);

/* By email, without regard to case, or by id: the one that is not NULL. UA_NOT_FOUND, with the line. */
UA_CHECK ua_status ua_directory_find(ua_maintenance *connection, const char *email, const char *id,
                                     ua_user_address *address_r, ua_error_line *error);

/* The customer with that id or, for NULL, the only one there is. UA_NOT_FOUND, with the line, when there is
 * no such customer, none, or more than one. */
UA_CHECK ua_status ua_directory_customer(ua_maintenance *connection, const char *id, int32_t *id_r,
                                         ua_error_line *error);

/* The id of a role. UA_NOT_FOUND, with the line. */
UA_CHECK ua_status ua_directory_role(ua_maintenance *connection, const char *code, int32_t *id_r,
                                     ua_error_line *error);

/* Whether another active user of this customer has the role admin. */
UA_CHECK ua_status ua_directory_has_other_admin(ua_maintenance *connection, const ua_user_address *user,
                                                bool *exists_r, ua_error_line *error);

/* Whether whoever is connected may remove users; the service account may not. */
UA_CHECK ua_status ua_directory_may_remove(ua_maintenance *connection, bool *may_r, ua_error_line *error);

/* What went with a user. */
typedef struct ua_directory_removal {
  int64_t roles;
  int64_t revoked_tokens;
} ua_directory_removal;

/* Removes the user, what roles it had and what is known of its tokens, in one transaction: all or nothing.
 * UA_NOT_FOUND, with the line. */
UA_CHECK ua_status ua_directory_remove(ua_maintenance *connection, const ua_user_address *user,
                                       ua_directory_removal *removal_r, ua_error_line *error);

#endif
