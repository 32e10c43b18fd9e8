/* What commands print: tables and lines for people, or one JSON object, from the same rows. What people read
 * never holds a control character of a row's, nor anything else that could be taken for more than one cell.
 */
#ifndef UA_CLI_OUTPUT_H
#define UA_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error_line.h"
#include "base/row.h"
#include "json/writer.h"

/* How a value, text as the database sends it, is written as JSON. */
typedef enum ua_cli_kind {
  UA_CLI_TEXT,
  UA_CLI_INTEGER,
  UA_CLI_BOOLEAN, /* "t" or "f"; yes or no for people */
  UA_CLI_STRINGS  /* a JSON array of strings, as json_agg makes it; joined by ", " for people */
} ua_cli_kind;

/* The last one of a table has name NULL; there are UA_MAX_COLUMNS at most. */
typedef struct ua_cli_column {
  const char *name; /* member of the object, heading, label */
  ua_cli_kind kind;
  const char *absent; /* what people read for SQL NULL, which is null in JSON; NULL for "-" */
} ua_cli_column;

/* A list while it is printed, row by row, in bounded memory. */
typedef struct ua_cli_list ua_cli_list;

/* Lists `columns` as {"<name>":[{…},…]}, or as a table that is as wide as its first rows need. NULL when out
 * of memory. */
UA_CHECK ua_cli_list *ua_cli_list_begin(bool json, const char *name, const ua_cli_column *columns);

/* Prints one row; a ua_row_fn whose context is the list. */
UA_CHECK ua_status ua_cli_list_row(void *list, const char *const *values);

/* Ends the list, or says why it is not whole: `status` and `error` are of what gave the rows. Frees it, which
 * may be NULL. Returns the exit code. */
UA_CHECK int ua_cli_list_end(ua_cli_list **list, ua_status status, const ua_error_line *error);

/* One row as an object, or as a line for each column. An exit code. */
UA_CHECK int ua_cli_print_object(bool json, const ua_cli_column *columns, const char *const *values);

/* Adds the columns of one row to the innermost object. */
void ua_cli_write_members(ua_json_writer *writer, const ua_cli_column *columns, const char *const *values);

/* Prints what was written, and destroys the writer. An exit code. */
UA_CHECK int ua_cli_print_json(ua_json_writer **writer);

/* `text` for people: control characters, invisible and turning ones, and bytes that are not UTF-8 as \x1b or
 * \u202e, a backslash doubled, blanks that are not single and inside as \x20. NUL-terminated; .data is NULL
 * when out of memory. */
ua_text ua_cli_printable(ua_arena *arena, ua_text text);

#endif
