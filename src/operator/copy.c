#include "operator/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operator/connection_private.h"

enum { SEND_BYTES = 64 * 1024, FIRST_BYTES = 2 * SEND_BYTES };

struct ua_operator_copy_in {
  ua_operator_connection *connection;
  char *data; /* rows that were not sent yet */
  size_t used;
  size_t room;
  bool in_row;
  bool out_of_memory;
};

/* --- in --- */

static void release(ua_operator_copy_in **copy)
{
  if ((*copy)->data != NULL) {
    explicit_bzero((*copy)->data, (*copy)->room);
  }
  free((*copy)->data);
  free(*copy);
  *copy = NULL;
}

ua_status ua_operator_copy_in_begin(ua_operator_connection *connection, const char *sql,
                                    ua_operator_copy_in **copy_r, ua_error_line *error)
{
  ua_operator_copy_in *copy = calloc(1, sizeof *copy);
  char *data = malloc(FIRST_BYTES);
  if (copy == NULL || data == NULL) {
    free(copy);
    free(data);
    ua_error_line_set(error, "out of memory");
    return UA_INTERNAL;
  }
  copy->connection = connection;
  copy->data = data;
  copy->room = FIRST_BYTES;
  PGresult *result = PQexec(connection->connection, sql);
  if (PQresultStatus(result) != PGRES_COPY_IN) {
    release(&copy);
    ua_status status = ua_operator_connection_settle(connection, result, error);
    return status == UA_OK ? UA_INTERNAL : status;
  }
  PQclear(result);
  *copy_r = copy;
  return UA_OK;
}

/* Makes room for more bytes. The rows can contain hashes: wipes the old memory. */
static bool reserve(ua_operator_copy_in *copy, size_t bytes)
{
  if (copy->room - copy->used >= bytes) {
    return true;
  }
  size_t room = copy->room * 2 + bytes;
  char *data = malloc(room);
  if (data == NULL) {
    copy->out_of_memory = true;
    return false;
  }
  memcpy(data, copy->data, copy->used);
  explicit_bzero(copy->data, copy->room);
  free(copy->data);
  copy->data = data;
  copy->room = room;
  return true;
}

static void begin_column(ua_operator_copy_in *copy)
{
  if (copy->in_row) {
    copy->data[copy->used++] = '\t';
  }
  copy->in_row = true;
}

/* Characters with a meaning in the text format, and their escapes. */
static char escape_of(char character)
{
  switch (character) {
    case '\\':
      return '\\';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    default:
      return '\0';
  }
}

void ua_operator_copy_in_text(ua_operator_copy_in *copy, ua_text value)
{
  if (!reserve(copy, 2 * value.length + 3)) {
    return;
  }
  begin_column(copy);
  char *out = copy->data + copy->used;
  if (value.data == NULL) {
    *out++ = '\\';
    *out++ = 'N';
  }
  for (size_t i = 0; i < value.length; i++) {
    char escape = escape_of(value.data[i]);
    if (escape != '\0') {
      *out++ = '\\';
    }
    *out++ = escape != '\0' ? escape : value.data[i];
  }
  copy->used = (size_t)(out - copy->data);
}

void ua_operator_copy_in_integer(ua_operator_copy_in *copy, int64_t value)
{
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRId64, value);
  ua_operator_copy_in_text(copy, (ua_text){digits, (size_t)length});
}

void ua_operator_copy_in_integers(ua_operator_copy_in *copy, const int32_t *values, size_t count)
{
  size_t most = count * 12 + 3;
  if (!reserve(copy, most + 1)) {
    return;
  }
  begin_column(copy);
  char *out = copy->data + copy->used;
  *out++ = '{';
  for (size_t i = 0; i < count; i++) {
    out += snprintf(out, 13, i == 0 ? "%" PRId32 : ",%" PRId32, values[i]);
  }
  *out++ = '}';
  copy->used = (size_t)(out - copy->data);
}

static ua_status send(ua_operator_copy_in *copy, ua_error_line *error)
{
  if (PQputCopyData(copy->connection->connection, copy->data, (int)copy->used) != 1) {
    ua_error_line_set(error, "the connection to the database was lost");
    return UA_UNAVAILABLE;
  }
  copy->used = 0;
  return UA_OK;
}

ua_status ua_operator_copy_in_end_row(ua_operator_copy_in *copy, ua_error_line *error)
{
  if (copy->out_of_memory || !reserve(copy, 1)) {
    ua_error_line_set(error, "out of memory");
    return UA_INTERNAL;
  }
  copy->data[copy->used++] = '\n';
  copy->in_row = false;
  return copy->used >= SEND_BYTES ? send(copy, error) : UA_OK;
}

/* The outcome of the COPY. Nothing follows it. */
static ua_status end_copy(const ua_operator_connection *connection, uint64_t *rows_r, ua_error_line *error)
{
  ua_status status = UA_INTERNAL;
  PGresult *result = PQgetResult(connection->connection);
  if (result == NULL) {
    ua_error_line_set(error, "the connection to the database was lost");
    return UA_UNAVAILABLE;
  }
  if (rows_r != NULL && PQresultStatus(result) == PGRES_COMMAND_OK) {
    (void)ua_text_to_uint(ua_text_of(PQcmdTuples(result)), UINT64_MAX, rows_r);
  }
  status = ua_operator_connection_settle(connection, result, error);
  while ((result = PQgetResult(connection->connection)) != NULL) {
    PQclear(result);
  }
  return status;
}

ua_status ua_operator_copy_in_finish(ua_operator_copy_in **copy, uint64_t *rows_r, ua_error_line *error)
{
  ua_operator_connection *connection = (*copy)->connection;
  ua_status status = send(*copy, error);
  release(copy);
  if (status == UA_OK && PQputCopyEnd(connection->connection, NULL) != 1) {
    ua_error_line_set(error, "the connection to the database was lost");
    status = UA_UNAVAILABLE;
  }
  return status == UA_OK ? end_copy(connection, rows_r, error) : status;
}

void ua_operator_copy_in_abandon(ua_operator_copy_in **copy)
{
  ua_error_line ignored;
  if (*copy == NULL) {
    return;
  }
  ua_operator_connection *connection = (*copy)->connection;
  release(copy);
  if (PQputCopyEnd(connection->connection, "abandoned") == 1) {
    ua_status status = end_copy(connection, NULL, &ignored);
    (void)status;
  }
}

/* --- out --- */

ua_status ua_operator_copy_out(ua_operator_connection *connection, const char *sql,
                               ua_operator_copy_out_fn *row, void *context, uint64_t *rows_r,
                               ua_error_line *error)
{
  ua_error_line ignored;
  ua_status status = UA_OK;
  char *data = NULL;
  int length;
  PGresult *result = PQexec(connection->connection, sql);
  if (PQresultStatus(result) != PGRES_COPY_OUT) {
    status = ua_operator_connection_settle(connection, result, error);
    return status == UA_OK ? UA_INTERNAL : status;
  }
  PQclear(result);
  while ((length = PQgetCopyData(connection->connection, &data, 0)) > 0) {
    if (status == UA_OK) {
      status = row(context, (ua_text){data, (size_t)length});
      if (status != UA_OK) {
        ua_operator_connection_cancel(connection);
      }
    }
    explicit_bzero(data, (size_t)length);
    PQfreemem(data);
  }
  ua_status end = end_copy(connection, rows_r, status == UA_OK ? error : &ignored);
  return status == UA_OK ? end : status;
}
