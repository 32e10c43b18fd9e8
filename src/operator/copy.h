/* Many rows at once, by COPY, on an operator's connection. While a COPY runs, the connection takes nothing
 * else. */
#ifndef UA_OPERATOR_COPY_H
#define UA_OPERATOR_COPY_H

#include <stdint.h>

#include "operator/connection.h"

typedef struct ua_operator_copy_in ua_operator_copy_in;

/* Begins `sql`, a COPY … FROM STDIN in the text format. The caller ends it with finish or abandon. */
UA_CHECK ua_status ua_operator_copy_in_begin(ua_operator_connection *connection, const char *sql,
                                             ua_operator_copy_in **copy_r, ua_error_line *error);

/* The next column of the row: UTF-8 without NUL, or absent for NULL. The end of the row reports failures. */
void ua_operator_copy_in_text(ua_operator_copy_in *copy, ua_text value);
void ua_operator_copy_in_integer(ua_operator_copy_in *copy, int64_t value);

/* The next column, an integer[]. */
void ua_operator_copy_in_integers(ua_operator_copy_in *copy, const int32_t *values, size_t count);

/* Ends the row, and sends the buffered rows if there are enough. UA_UNAVAILABLE when the connection is lost.
 * May block. */
UA_CHECK ua_status ua_operator_copy_in_end_row(ua_operator_copy_in *copy, ua_error_line *error);

/* Ends the COPY and returns how many rows the server took. Frees *copy in any case. */
UA_CHECK ua_status ua_operator_copy_in_finish(ua_operator_copy_in **copy, uint64_t *rows_r,
                                              ua_error_line *error);

/* Makes the COPY fail, and with it the transaction. *copy may be NULL. */
void ua_operator_copy_in_abandon(ua_operator_copy_in **copy);

/* Takes one row as the server wrote it, with its line end. Any result except UA_OK ends the COPY with that
 * result. */
typedef ua_status ua_operator_copy_out_fn(void *context, ua_text row);

/* Runs `sql`, a COPY … TO STDOUT, row by row in bounded memory. If `row` ends it, `row` itself sets the
 * error. *rows_r is the server's own count. */
UA_CHECK ua_status ua_operator_copy_out(ua_operator_connection *connection, const char *sql,
                                        ua_operator_copy_out_fn *row, void *context, uint64_t *rows_r,
                                        ua_error_line *error);

#endif
