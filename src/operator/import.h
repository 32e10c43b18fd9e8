/* Imports many users: stages them by COPY, then inserts them by a few statements, all in one transaction. */
#ifndef UA_OPERATOR_IMPORT_H
#define UA_OPERATOR_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "operator/copy.h"
#include "operator/import_known.h"

/* One user. The caller has checked that texts are within their limits, and that customer and roles exist. */
typedef struct ua_operator_import_user {
  uint64_t line;
  int32_t id; /* 0: the database gives one */
  ua_text email;
  ua_text name;
  ua_text hash;
  ua_text salt;
  bool active;
  int32_t customer_id;
  int32_t epoch;
  const int32_t *role_ids; /* each once */
  size_t role_count;
} ua_operator_import_user;

/* A row that cannot be imported; the texts live until the callback returns. */
typedef void ua_operator_import_reject_fn(void *context, uint64_t line, const char *field,
                                          const char *reason);

typedef struct ua_operator_import_rules {
  bool skip_bad;      /* import the good rows, instead of nothing */
  bool enforce_quota; /* no customer may end above its quota */
  bool exclusive; /* drop indexes and foreign keys, and create them again after the rows: faster, but others
                     wait */
  uint64_t bad_before; /* bad rows that the caller found; if there are any, and skip_bad is false, nothing is
                          imported */
} ua_operator_import_rules;

typedef struct ua_operator_import_counts {
  uint64_t users;
  uint64_t memberships;
  uint64_t rejected; /* rows that were staged, but not imported */
} ua_operator_import_counts;

typedef struct ua_operator_import ua_operator_import;

/* Begins the transaction, and reads which customers and roles there are. */
UA_CHECK ua_status ua_operator_import_begin(ua_operator_connection *connection, ua_operator_import **import_r,
                                            ua_error_line *error);

/* What rows may name; lives as long as the import. */
const ua_operator_import_known *ua_operator_import_knows(const ua_operator_import *import);

/* Stages a user. */
UA_CHECK ua_status ua_operator_import_add(ua_operator_import *import, const ua_operator_import_user *user,
                                          ua_error_line *error);

/* Imports the staged rows; calls `reject` for each row whose id or email is taken, ordered by line. The
 * caller commits, or not. UA_CONFLICT when there are bad rows, and they are not skipped: then nothing was
 * imported. UA_FORBIDDEN when a customer would exceed its quota. */
UA_CHECK ua_status ua_operator_import_apply(ua_operator_import *import, const ua_operator_import_rules *rules,
                                            ua_operator_import_reject_fn *reject, void *context,
                                            ua_operator_import_counts *counts_r, ua_error_line *error);

/* Rolls back what was not committed, and frees. *import may be NULL. */
void ua_operator_import_end(ua_operator_import **import);

#endif
