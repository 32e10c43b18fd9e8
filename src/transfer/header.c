#include "transfer/header.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 40, SECRET_HEX_DIGITS = 16, NAMES_BYTES = 96 };

/* Room for a text between a blank and quotes. */
typedef char shown[SHOWN_BYTES + sizeof " \"…\""];

/* The text, cut if it is long; "" if it is empty, or may contain an email or a hash. */
static const char *show(ua_text text, shown *room)
{
  size_t digits = 0;
  size_t length = text.length;
  bool fit = length > 0 && ua_text_is_utf8(text);
  for (size_t i = 0; fit && i < text.length; i++) {
    digits = ua_text_hex_digit(text.data[i]) >= 0 ? digits + 1 : 0;
    fit = text.data[i] != '@' && text.data[i] != '$' && digits < SECRET_HEX_DIGITS;
  }
  length = length > SHOWN_BYTES ? SHOWN_BYTES : length;
  while (length < text.length && length > 0 && ((unsigned char)text.data[length] & 0xC0) == 0x80) {
    length--;
  }
  (*room)[0] = '\0';
  if (fit) {
    (void)snprintf(*room, sizeof *room, " \"%.*s%s\"", (int)length, text.data,
                   length < text.length ? "…" : "");
  }
  return *room;
}

/* The text without surrounding quotes and blanks. */
static ua_text bare(ua_text text)
{
  text = ua_text_trim(text);
  bool is_quoted = text.length >= 2 && text.data[0] == '"' && text.data[text.length - 1] == '"';
  return is_quoted ? ua_text_trim((ua_text){text.data + 1, text.length - 2}) : text;
}

/* How many parts of the line are, or resemble, names of fields. */
static size_t count_names(ua_text line, char separator)
{
  size_t count = 0;
  ua_text part;
  ua_transfer_field field;
  while (ua_text_split(&line, separator, &part)) {
    count += ua_transfer_field_resembles(bare(part), &field);
  }
  return count;
}

bool ua_transfer_header_separators(ua_text line, ua_error_line *error)
{
  static const struct {
    char separator;
    const char *name;
  } separators[] = {{';', "semicolons"}, {'\t', "tabs"}, {'|', "the character |"}};
  shown room;
  for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
    bool is_there = line.length > 0 && memchr(line.data, separators[i].separator, line.length) != NULL;
    if (is_there && count_names(line, separators[i].separator) > count_names(line, ',')) {
      ua_error_line_set(error, "the header%s has %s between its columns: separate them by commas",
                        show(line, &room), separators[i].name);
      return false;
    }
  }
  return true;
}

static void list_names(char (*names)[NAMES_BYTES])
{
  size_t used = 0;
  (*names)[0] = '\0';
  for (ua_transfer_field field = 0; field < UA_USER_PASSWORD && used < sizeof *names; field++) {
    used += (size_t)snprintf(*names + used, sizeof *names - used, "%s%s", field == 0 ? "" : ", ",
                             ua_transfer_field_name(field));
  }
}

/* Reports a column whose name is not a field's. */
static void complain_of(ua_text name, size_t column, size_t known, ua_error_line *error)
{
  shown room;
  char names[NAMES_BYTES];
  ua_transfer_field field;
  list_names(&names);
  if (ua_transfer_field_resembles(bare(name), &field)) {
    ua_error_line_set(error, "column %zu%s is not the name of a field: write %s", column, show(name, &room),
                      ua_transfer_field_name(field));
  } else if (known == 0) {
    ua_error_line_set(error, "no column has the name of a field; is the header missing? The names are %s",
                      names);
  } else if (name.length == 0) {
    ua_error_line_set(error, "column %zu has no name; the names are %s", column, names);
  } else {
    ua_error_line_set(error, "column %zu%s is not the name of a field; the names are %s", column,
                      show(name, &room), names);
  }
}

static bool read_columns(const ua_transfer_csv_record *record, ua_transfer_csv_header *header,
                         ua_error_line *error)
{
  bool seen[UA_USER_FIELDS] = {false};
  size_t known = 0;
  ua_transfer_field field;
  for (size_t i = 0; i < header->count; i++) {
    known += ua_transfer_field_resembles(bare(record->field[i].text), &field);
  }
  for (size_t i = 0; i < header->count; i++) {
    if (!ua_transfer_field_find(record->field[i].text, &header->column[i])) {
      complain_of(record->field[i].text, i + 1, known, error);
      return false;
    }
    field = header->column[i];
    if (seen[field]) {
      ua_error_line_set(error, "column %zu \"%s\" repeats the name of another", i + 1,
                        ua_transfer_field_name(field));
      return false;
    }
    seen[field] = true;
  }
  if (!seen[UA_USER_EMAIL] || !seen[UA_USER_NAME]) {
    ua_error_line_set(error, "column \"%s\" is missing: email and name are required",
                      ua_transfer_field_name(seen[UA_USER_EMAIL] ? UA_USER_NAME : UA_USER_EMAIL));
    return false;
  }
  return true;
}

bool ua_transfer_header_read(const ua_transfer_csv_record *record, ua_transfer_csv_header *header_r,
                             ua_error_line *error)
{
  size_t count = record->count < UA_CSV_MAX_FIELDS ? record->count : UA_CSV_MAX_FIELDS;
  header_r->width = record->count;
  while (count > 0 && record->field[count - 1].text.length == 0) {
    count--;
  }
  header_r->count = count;
  if (!read_columns(record, header_r, error)) {
    ua_error_line_prefix(error, "the header (the first line has to name the columns)");
    return false;
  }
  if (record->count > UA_CSV_MAX_FIELDS) {
    ua_error_line_set(error, "the header has %zu columns: delete those without a name", record->count);
    return false;
  }
  return true;
}
