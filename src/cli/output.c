#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "json/reader.h"

enum {
  KEPT_ROWS = 100, /* rows of a table that are measured before the first is printed */
  KEPT_BYTES = 256 * 1024,
  ROW_BLOCK = 16 * 1024,
  MOST_ROW_BYTES = 16 * 1024 * 1024
};

static int out_of_memory(void)
{
  return ua_cli_fail("out of memory");
}

static int flush(void)
{
  return fflush(stdout) == 0 && ferror(stdout) == 0 ? UA_CLI_OK
                                                    : ua_cli_fail("cannot write to standard output");
}

static size_t column_count(const ua_cli_column *columns)
{
  size_t count = 0;
  while (columns[count].name != NULL) {
    count++;
  }
  return count;
}

/* --- JSON --- */

static void write_strings(ua_json_writer *writer, const char *name, const char *value)
{
  ua_json_value list = {.count = 0};
  ua_arena *arena = ua_arena_create(ROW_BLOCK, MOST_ROW_BYTES);
  ua_json_begin_array(writer, name);
  if (arena == NULL || ua_json_parse(arena, ua_text_of(value), &list) != UA_OK) {
    ua_json_add_integer(writer, "", 0); /* array members have no name, so the writer fails */
  }
  for (size_t i = 0; i < list.count; i++) {
    ua_json_add_text(writer, NULL, list.members[i].value.string);
  }
  ua_json_end(writer);
  ua_arena_destroy(&arena);
}

static void write_integer(ua_json_writer *writer, const char *name, const char *value)
{
  uint64_t number = 0;
  bool negative = value[0] == '-';
  if (ua_text_to_uint(ua_text_of(value + negative), INT64_MAX, &number)) {
    ua_json_add_integer(writer, name, negative ? -(int64_t)number : (int64_t)number);
  } else {
    ua_json_add_text(writer, name, ua_text_of(value));
  }
}

void ua_cli_write_members(ua_json_writer *writer, const ua_cli_column *columns, const char *const *values)
{
  for (size_t i = 0; columns[i].name != NULL; i++) {
    if (values[i] == NULL) {
      ua_json_add_null(writer, columns[i].name);
      continue;
    }
    switch (columns[i].kind) {
      case UA_CLI_TEXT:
        ua_json_add_text(writer, columns[i].name, ua_text_of(values[i]));
        break;
      case UA_CLI_INTEGER:
        write_integer(writer, columns[i].name, values[i]);
        break;
      case UA_CLI_BOOLEAN:
        ua_json_add_boolean(writer, columns[i].name, values[i][0] == 't');
        break;
      case UA_CLI_STRINGS:
        write_strings(writer, columns[i].name, values[i]);
        break;
    }
  }
}

int ua_cli_print_json(ua_json_writer **writer)
{
  ua_text text;
  ua_arena *arena = ua_arena_create(ROW_BLOCK, MOST_ROW_BYTES);
  ua_status status = arena == NULL ? UA_INTERNAL : ua_json_finish(writer, arena, true, &text);
  int code = UA_CLI_OK;
  if (status == UA_OK) {
    (void)fwrite(text.data, 1, text.length, stdout);
    code = flush();
  } else {
    code = out_of_memory();
  }
  ua_arena_destroy(&arena);
  return code;
}

/* --- for people --- */

static ua_text strings_cell(ua_arena *arena, const char *value)
{
  ua_json_value list = {.count = 0};
  ua_text joined = UA_TEXT("");
  if (ua_json_parse(arena, ua_text_of(value), &list) != UA_OK) {
    return UA_TEXT_ABSENT;
  }
  for (size_t i = 0; i < list.count && joined.data != NULL; i++) {
    ua_text item = ua_cli_printable(arena, list.members[i].value.string);
    joined = item.data == NULL ? item
                               : ua_arena_printf(arena, "%.*s%s%.*s", UA_TEXT_ARGS(joined),
                                                 i == 0 ? "" : ", ", UA_TEXT_ARGS(item));
  }
  return joined;
}

/* The text of a cell; .data is NULL when out of memory. */
static ua_text cell_of(ua_arena *arena, const ua_cli_column *column, const char *value)
{
  if (value == NULL) {
    return ua_text_of(column->absent == NULL ? "-" : column->absent);
  }
  if (column->kind == UA_CLI_BOOLEAN) {
    return value[0] == 't' ? UA_TEXT("yes") : UA_TEXT("no");
  }
  return column->kind == UA_CLI_STRINGS ? strings_cell(arena, value)
                                        : ua_cli_printable(arena, ua_text_of(value));
}

/* Does not use libsmartcols: see "Tables on a terminal" in docs/architecture.md. */
static void put_cell(ua_text cell, size_t width, bool last)
{
  size_t used = ua_text_utf8_count(cell);
  (void)printf("%.*s%*s", UA_TEXT_ARGS(cell), last || used >= width ? 0 : (int)(width - used), "");
  (void)fputs(last ? "\n" : "  ", stdout);
}

static int print_lines(const ua_cli_column *columns, const char *const *values)
{
  size_t width = 0;
  ua_arena *arena = ua_arena_create(ROW_BLOCK, MOST_ROW_BYTES);
  bool well = arena != NULL;
  for (size_t i = 0; columns[i].name != NULL; i++) {
    size_t length = strlen(columns[i].name);
    width = length > width ? length : width;
  }
  for (size_t i = 0; well && columns[i].name != NULL; i++) {
    ua_text cell = cell_of(arena, &columns[i], values[i]);
    put_cell(ua_text_of(columns[i].name), width, false);
    put_cell(cell.data == NULL ? UA_TEXT("") : cell, 0, true);
    well = cell.data != NULL;
  }
  ua_arena_destroy(&arena);
  return well ? flush() : out_of_memory();
}

int ua_cli_print_object(bool json, const ua_cli_column *columns, const char *const *values)
{
  if (!json) {
    return print_lines(columns, values);
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_cli_write_members(writer, columns, values);
  ua_json_end(writer);
  return ua_cli_print_json(&writer);
}

/* --- lists --- */

struct ua_cli_list {
  const ua_cli_column *columns;
  size_t column_count;
  bool json;
  const char *wrong; /* why it stopped, NULL if there was no error */
  size_t rows;
  ua_arena *arena; /* of the kept rows, later of one row */
  ua_text *kept;   /* cells, row by row; NULL once they are printed */
  size_t kept_bytes;
  size_t width[UA_MAX_COLUMNS];
};

ua_cli_list *ua_cli_list_begin(bool json, const char *name, const ua_cli_column *columns)
{
  ua_cli_list *list = calloc(1, sizeof *list);
  if (list == NULL) {
    return NULL;
  }
  list->json = json;
  list->columns = columns;
  list->column_count = column_count(columns);
  list->arena = ua_arena_create(ROW_BLOCK, MOST_ROW_BYTES);
  list->kept = json ? NULL : calloc((size_t)KEPT_ROWS * UA_MAX_COLUMNS, sizeof *list->kept);
  if (list->arena == NULL || (!json && list->kept == NULL)) {
    ua_arena_destroy(&list->arena);
    free(list->kept);
    free(list);
    return NULL;
  }
  for (size_t i = 0; i < list->column_count; i++) {
    list->width[i] = strlen(columns[i].name);
  }
  if (json) {
    (void)printf("{\"%s\":[", name);
  }
  return list;
}

static void print_cells(const ua_cli_list *list, const ua_text *cells)
{
  for (size_t i = 0; i < list->column_count; i++) {
    put_cell(cells[i], list->width[i], i + 1 == list->column_count);
  }
}

/* Prints the heading and the kept rows; from then on rows are printed as they arrive. */
static void print_kept(ua_cli_list *list)
{
  ua_text heading[UA_MAX_COLUMNS];
  if (list->kept == NULL) {
    return;
  }
  for (size_t i = 0; i < list->column_count; i++) {
    heading[i] = ua_text_of(list->columns[i].name);
  }
  print_cells(list, heading);
  for (size_t row = 0; row < list->rows; row++) {
    print_cells(list, list->kept + row * list->column_count);
  }
  free(list->kept);
  list->kept = NULL;
}

static bool add_cells(ua_cli_list *list, const char *const *values)
{
  ua_text cells[UA_MAX_COLUMNS];
  for (size_t i = 0; i < list->column_count; i++) {
    cells[i] = cell_of(list->arena, &list->columns[i], values[i]);
    if (cells[i].data == NULL) {
      return false;
    }
  }
  if (list->kept == NULL) {
    print_cells(list, cells);
    ua_arena_reset(list->arena);
    return true;
  }
  for (size_t i = 0; i < list->column_count; i++) {
    size_t width = ua_text_utf8_count(cells[i]);
    list->width[i] = width > list->width[i] ? width : list->width[i];
    list->kept[list->rows * list->column_count + i] = cells[i];
    list->kept_bytes += cells[i].length;
  }
  return true;
}

static bool add_object(ua_cli_list *list, const char *const *values)
{
  ua_text text;
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_cli_write_members(writer, list->columns, values);
  ua_json_end(writer);
  if (ua_json_finish(&writer, list->arena, false, &text) != UA_OK) {
    return false;
  }
  (void)printf("%s%s", list->rows == 0 ? "" : ",", text.data);
  ua_arena_reset(list->arena);
  return true;
}

ua_status ua_cli_list_row(void *context, const char *const *values)
{
  ua_cli_list *list = context;
  if (!(list->json ? add_object(list, values) : add_cells(list, values))) {
    list->wrong = "out of memory";
  }
  list->rows += list->wrong == NULL;
  if (list->kept != NULL && (list->rows == KEPT_ROWS || list->kept_bytes > KEPT_BYTES)) {
    print_kept(list);
    ua_arena_reset(list->arena);
  }
  if (ferror(stdout) != 0) {
    list->wrong = "cannot write to standard output";
  }
  return list->wrong == NULL ? UA_OK : UA_INTERNAL;
}

int ua_cli_list_end(ua_cli_list **list, ua_status status, const ua_error_line *error)
{
  ua_cli_list *ended = *list;
  int code = UA_CLI_OK;
  *list = NULL;
  if (ended == NULL) {
    return out_of_memory();
  }
  if (status == UA_OK || ended->rows > 0) {
    print_kept(ended);
  }
  if (status != UA_OK || ended->wrong != NULL) {
    code = ua_cli_fail("%s", ended->wrong != NULL ? ended->wrong : error->text);
  } else {
    (void)fputs(ended->json ? "]}\n" : "", stdout);
    code = flush();
  }
  ua_arena_destroy(&ended->arena);
  free(ended->kept);
  free(ended);
  return code;
}
