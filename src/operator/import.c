#include "operator/import.h"

#include <stdlib.h>

#include "operator/import_place.h"
#include "operator/sql.h"

struct ua_operator_import {
  ua_operator_connection *connection;
  ua_operator_import_known known;
  ua_operator_copy_in *copy; /* NULL once all is staged */
  int32_t highest;           /* of the ids in the rows */
  uint64_t without;          /* rows without an id */
  uint64_t memberships;
};

static ua_status begin(ua_operator_import *import, ua_error_line *error)
{
  ua_status status = ua_operator_connection_begin(import->connection, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_import_known_read(import->connection, &import->known, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_connection_run(import->connection, ua_text_of(ua_operator_sql_import_stage), error);
  if (status != UA_OK) {
    return status;
  }
  return ua_operator_copy_in_begin(import->connection, "COPY ua_operator_import FROM STDIN", &import->copy,
                                   error);
}

ua_status ua_operator_import_begin(ua_operator_connection *connection, ua_operator_import **import_r,
                                   ua_error_line *error)
{
  ua_operator_import *import = calloc(1, sizeof *import);
  if (import == NULL) {
    ua_error_line_set(error, "out of memory");
    return UA_INTERNAL;
  }
  import->connection = connection;
  ua_status status = begin(import, error);
  if (status != UA_OK) {
    ua_operator_import_end(&import);
    return status;
  }
  *import_r = import;
  return UA_OK;
}

const ua_operator_import_known *ua_operator_import_knows(const ua_operator_import *import)
{
  return &import->known;
}

/* Columns as import_stage.sql has them. */
ua_status ua_operator_import_add(ua_operator_import *import, const ua_operator_import_user *user,
                                 ua_error_line *error)
{
  ua_operator_copy_in *copy = import->copy;
  ua_operator_copy_in_integer(copy, (int64_t)user->line);
  if (user->id > 0) {
    import->highest = user->id > import->highest ? user->id : import->highest;
    ua_operator_copy_in_integer(copy, user->id);
    ua_operator_copy_in_text(copy, UA_TEXT_ABSENT);
  } else {
    import->without++;
    ua_operator_copy_in_text(copy, UA_TEXT_ABSENT);
    ua_operator_copy_in_integer(copy, (int64_t)import->without);
  }
  ua_operator_copy_in_text(copy, user->email);
  ua_operator_copy_in_text(copy, user->name);
  ua_operator_copy_in_text(copy, user->hash);
  ua_operator_copy_in_text(copy, user->salt);
  ua_operator_copy_in_text(copy, user->active ? UA_TEXT("t") : UA_TEXT("f"));
  ua_operator_copy_in_integer(copy, user->customer_id);
  ua_operator_copy_in_integer(copy, user->epoch);
  ua_operator_copy_in_integers(copy, user->role_ids, user->role_count);
  import->memberships += user->role_count;
  return ua_operator_copy_in_end_row(copy, error);
}

/* Tries, and undoes the work if it fails. */
static ua_status try_to_place(ua_operator_import *import, const ua_operator_import_rules *rules,
                              ua_error_line *error)
{
  ua_error_line ignored;
  ua_status status =
      ua_operator_connection_run(import->connection, UA_TEXT("SAVEPOINT ua_operator_import"), error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_operator_import_place(import->connection, rules->exclusive, error);
  if (status != UA_OK && status != UA_UNAVAILABLE &&
      ua_operator_connection_run(import->connection, UA_TEXT("ROLLBACK TO SAVEPOINT ua_operator_import"),
                                 &ignored) != UA_OK) {
    status = UA_UNAVAILABLE;
  }
  return status;
}

/* The indexes find taken ids and emails during the insert, at no extra cost. Only if they do, asks which rows
 * those are. */
static ua_status place(ua_operator_import *import, const ua_operator_import_rules *rules,
                       ua_operator_import_reject_fn *reject, void *context, ua_operator_import_counts *counts,
                       ua_error_line *error)
{
  ua_error_line reason;
  bool refuse = rules->bad_before > 0 && !rules->skip_bad;
  ua_status status = refuse ? UA_CONFLICT : try_to_place(import, rules, error);
  if (status == UA_OK || status == UA_UNAVAILABLE) {
    return status;
  }
  ua_status found =
      ua_operator_import_find_taken(import->connection, reject, context, &counts->rejected, &reason);
  if (found != UA_OK) {
    *error = reason;
    return found;
  }
  if (counts->rejected == 0) {
    return status;
  }
  if (!rules->skip_bad) {
    return UA_CONFLICT;
  }
  status = ua_operator_import_count(import->connection, counts, error);
  return status == UA_OK ? try_to_place(import, rules, error) : status;
}

ua_status ua_operator_import_apply(ua_operator_import *import, const ua_operator_import_rules *rules,
                                   ua_operator_import_reject_fn *reject, void *context,
                                   ua_operator_import_counts *counts_r, ua_error_line *error)
{
  ua_operator_import_counts counts = {.memberships = import->memberships};
  ua_status status = ua_operator_copy_in_finish(&import->copy, &counts.users, error);
  if (status != UA_OK) {
    goto done;
  }
  status = ua_operator_import_reserve(import->connection, rules, import->highest, import->without, error);
  if (status != UA_OK) {
    goto done;
  }
  status = place(import, rules, reject, context, &counts, error);
  if (status != UA_OK) {
    goto done;
  }
  if (rules->enforce_quota) {
    status = ua_operator_import_check_quota(import->connection, error);
  }
done:
  *counts_r = counts;
  return status;
}

void ua_operator_import_end(ua_operator_import **import)
{
  if (*import != NULL) {
    ua_operator_copy_in_abandon(&(*import)->copy);
    ua_operator_connection_rollback((*import)->connection);
    ua_operator_import_known_clear(&(*import)->known);
    free(*import);
    *import = NULL;
  }
}
