/* What commands print: tables and lines for people, or one JSON object, from the same rows. The text for
 * people never contains a control character from a row, nor anything else that could look like more than one
 * cell. */
#ifndef UA_CLI_OUTPUT_H
#define UA_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error_line.h"
#include "base/row.h"
#include "json/writer.h"

/* How a value is written as JSON. The database sends it as text. */
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
  const char *absent; /* text for people for SQL NULL, which is null in JSON; NULL for "-" */
} ua_cli_column;

/* A list while it is printed, row by row, in bounded memory. */
typedef struct ua_cli_list ua_cli_list;

/* Lists `columns` as {"<name>":[{…},…]}, or as a table that is as wide as its first rows need. NULL when out
 * of memory. */
UA_CHECK ua_cli_list *ua_cli_list_begin(bool json, const char *name, const ua_cli_column *columns);

/* Prints one row; a ua_row_fn whose context is the list. */
UA_CHECK ua_status ua_cli_list_row(void *list, const char *const *values);

/* Ends the list, or reports why it is incomplete: `status` and `error` come from the source of the rows.
 * Frees the list, which may be NULL. Returns the exit code. */
UA_CHECK int ua_cli_list_end(ua_cli_list **list, ua_status status, const ua_error_line *error);

/* One row as an object, or as a line for each column. An exit code. */
UA_CHECK int ua_cli_print_object(bool json, const ua_cli_column *columns, const char *const *values);

/* Adds the columns of one row to the innermost object. */
void ua_cli_write_members(ua_json_writer *writer, const ua_cli_column *columns, const char *const *values);

/* Prints the writer's JSON, and destroys the writer. An exit code. */
UA_CHECK int ua_cli_print_json(ua_json_writer **writer);

/* `text` for people: control characters, invisible ones, ones that change the writing direction, and bytes
 * that are not UTF-8 are written as \x1b or \u202e. A backslash is doubled. A blank that is not a single one
 * between two characters is written as \x20. NUL-terminated; .data is NULL when out of memory. */
ua_text ua_cli_printable(ua_arena *arena, ua_text text);

#endif
