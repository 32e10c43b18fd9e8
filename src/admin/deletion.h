/* Deletes a customer or a role in one transaction, which keeps others from adding references to it. */
#ifndef UA_ADMIN_DELETION_H
#define UA_ADMIN_DELETION_H

#include "admin/session.h"

/* What is deleted, by the id or code that the command names. */
typedef struct ua_admin_deletion {
  const ua_cli_column *columns; /* the first is the id */
  size_t count;

  /* Finds and locks the row. */
  ua_status (*lock)(ua_operator_connection *connection, const char *key, ua_row_fn *row, void *context,
                    ua_error_line *error);

  /* Whether the row may be deleted; it may be missing. Prints why not. Returns an exit code. */
  int (*check)(const ua_cli_arguments *arguments, const ua_admin_session *session, const ua_admin_row *row);

  ua_status (*remove)(ua_operator_connection *connection, const char *id, ua_error_line *error);
} ua_admin_deletion;

/* Deletes what the first argument names, and prints it as it was. An exit code. */
UA_CHECK int ua_admin_delete(const ua_cli_arguments *arguments, ua_admin_session *session,
                             const ua_admin_deletion *deletion);

#endif
