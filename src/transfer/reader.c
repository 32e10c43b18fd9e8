#include "transfer/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "transfer/header.h"

enum { BUFFER_BYTES = 4 * UA_MAX_ROW_BYTES, VIEW_BYTES = UA_MAX_ROW_BYTES + 2 /* and its line end */ };

struct ua_transfer_reader {
  int fd;
  ua_transfer_format format;
  ua_arena *arena;
  size_t start; /* of the unread part */
  size_t end;
  bool eof;
  bool begun;
  bool has_header;
  uint64_t line; /* the line of `start` */
  uint64_t bytes;
  ua_transfer_csv_header header;
  ua_transfer_csv_record record;
  char scratch[VIEW_BYTES];
  char buffer[BUFFER_BYTES];
};

ua_transfer_reader *ua_transfer_reader_create(int fd, ua_transfer_format format)
{
  ua_transfer_reader *reader = calloc(1, sizeof *reader);
  if (reader != NULL) {
    reader->fd = fd;
    reader->format = format;
    reader->line = 1;
    reader->arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
    if (reader->arena == NULL) {
      free(reader);
      reader = NULL;
    }
  }
  return reader;
}

void ua_transfer_reader_destroy(ua_transfer_reader **reader)
{
  if (*reader != NULL) {
    ua_arena_destroy(&(*reader)->arena);
    explicit_bzero(*reader, sizeof **reader);
    free(*reader);
    *reader = NULL;
  }
}

uint64_t ua_transfer_reader_bytes(const ua_transfer_reader *reader)
{
  return reader->bytes;
}

/* Reads more bytes, and appends them. */
static bool fill(ua_transfer_reader *reader, ua_error_line *error)
{
  if (BUFFER_BYTES - reader->end < UA_MAX_ROW_BYTES) {
    memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
  }
  ssize_t got;
  do {
    got = read(reader->fd, reader->buffer + reader->end, BUFFER_BYTES - reader->end);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    ua_error_line_set(error, "cannot read the file: %s", strerror(errno));
    return false;
  }
  reader->eof = got == 0;
  reader->end += (size_t)got;
  reader->bytes += (uint64_t)got;
  return true;
}

/* The bytes that a row may use, its line end included. */
static ua_text view(const ua_transfer_reader *reader)
{
  size_t length = reader->end - reader->start;
  return (ua_text){reader->buffer + reader->start, length < VIEW_BYTES ? length : VIEW_BYTES};
}

static void advance(ua_transfer_reader *reader, size_t bytes, size_t lines)
{
  reader->start += bytes;
  reader->line += lines;
}

/* Skips to after the next line end. */
static bool skip_line(ua_transfer_reader *reader, ua_error_line *error)
{
  for (;;) {
    size_t length = reader->end - reader->start;
    const char *from = reader->buffer + reader->start;
    const char *found = length == 0 ? NULL : memchr(from, '\n', length);
    if (found != NULL) {
      advance(reader, (size_t)(found - from) + 1, 1);
      return true;
    }
    advance(reader, length, 0);
    if (reader->eof) {
      return true;
    }
    if (!fill(reader, error)) {
      return false;
    }
  }
}

/* Skips a byte order mark, and checks what the file is. */
static bool begin(ua_transfer_reader *reader, ua_error_line *error)
{
  static const char mark[] = "\xEF\xBB\xBF";
  while (!reader->eof && reader->end < UA_TRANSFER_BEGINNING_BYTES) {
    if (!fill(reader, error)) {
      return false;
    }
  }
  while (ua_text_starts_with(view(reader), UA_TEXT(mark))) {
    reader->start += sizeof mark - 1;
  }
  ua_text beginning = view(reader);
  bool is_all = reader->eof && beginning.length < UA_TRANSFER_BEGINNING_BYTES;
  beginning.length = is_all ? beginning.length : UA_TRANSFER_BEGINNING_BYTES;
  reader->begun = true;
  return ua_transfer_beginning_check(beginning, is_all, reader->format, error);
}

/* --- JSON lines --- */

static ua_transfer_outcome read_json(ua_transfer_reader *reader, ua_text line, ua_transfer_values *values_r,
                                     const char **reason_r)
{
  if (!ua_text_is_utf8(line)) {
    *reason_r = "is not UTF-8";
    return UA_ROW_BAD;
  }
  if (ua_text_has_nul(line)) {
    *reason_r = "has a NUL byte";
    return UA_ROW_BAD;
  }
  switch (ua_transfer_values_of_json(reader->arena, line, values_r)) {
    case UA_OK:
      return UA_ROW_GOOD;
    case UA_WRONG_PAYLOAD:
      *reason_r = "is not JSON";
      return UA_ROW_BAD;
    case UA_WRONG_DOCUMENT:
      *reason_r = "is not a JSON object";
      return UA_ROW_BAD;
    default:
      *reason_r = "holds too much";
      return UA_ROW_BAD;
  }
}

static bool is_blank(ua_text line)
{
  for (size_t i = 0; i < line.length; i++) {
    if (memchr(" \t\r\n", line.data[i], 4) == NULL) {
      return false;
    }
  }
  return true;
}

/* A line of the view, if it is complete. */
static bool find_line(const ua_transfer_reader *reader, ua_text *line_r, size_t *taken_r)
{
  ua_text in = view(reader);
  const char *found = in.length == 0 ? NULL : memchr(in.data, '\n', in.length);
  if (found == NULL && (!reader->eof || in.length == VIEW_BYTES)) {
    return false;
  }
  *line_r = (ua_text){in.data, found == NULL ? in.length : (size_t)(found - in.data)};
  *taken_r = line_r->length + (found != NULL);
  return true;
}

static ua_transfer_outcome next_json(ua_transfer_reader *reader, ua_transfer_values *values_r,
                                     uint64_t *line_r, const char **reason_r, ua_error_line *error)
{
  for (;;) {
    ua_text line;
    size_t taken;
    *line_r = reader->line;
    if (find_line(reader, &line, &taken)) {
      if (taken == 0) {
        return UA_ROW_END;
      }
      advance(reader, taken, 1);
      if (!is_blank(line)) {
        return read_json(reader, line, values_r, reason_r);
      }
    } else if (view(reader).length == VIEW_BYTES) {
      *reason_r = "is longer than 65536 bytes";
      return skip_line(reader, error) ? UA_ROW_BAD : UA_ROW_BROKEN;
    } else if (!fill(reader, error)) {
      return UA_ROW_BROKEN;
    }
  }
}

/* --- CSV --- */

/* The verdict on a record that does not end within the view, or not at all. After an open quote nothing can
 * be trusted: text that looks like a row may be part of a field. */
static ua_transfer_outcome give_up(ua_transfer_reader *reader, bool open, const char **reason_r,
                                   ua_error_line *error)
{
  if (open) {
    ua_error_line_set(error, "line %llu: a quote is not closed within 65536 bytes",
                      (unsigned long long)reader->line);
    return UA_ROW_BROKEN;
  }
  *reason_r = "is longer than 65536 bytes";
  return skip_line(reader, error) ? UA_ROW_BAD : UA_ROW_BROKEN;
}

static ua_transfer_outcome read_record(ua_transfer_reader *reader, ua_transfer_values *values_r,
                                       const char **reason_r)
{
  switch (ua_transfer_values_of_csv(reader->arena, &reader->header, &reader->record, values_r)) {
    case UA_OK:
      return UA_ROW_GOOD;
    case UA_WRONG_DOCUMENT:
      *reason_r = reader->record.count > reader->header.width   ? "has more fields than the header"
                  : reader->record.count < reader->header.count ? "has fewer fields than the header"
                                                                : "has a value in a column without a name";
      return UA_ROW_BAD;
    default:
      *reason_r = "holds too much";
      return UA_ROW_BAD;
  }
}

/* Whether the record is only commas: spreadsheets write empty rows so. */
static bool is_empty(const ua_transfer_csv_record *record)
{
  for (size_t i = 0; i < record->count; i++) {
    if (i == UA_CSV_MAX_FIELDS || record->field[i].quoted || record->field[i].text.length > 0) {
      return false;
    }
  }
  return true;
}

/* Takes the record that ua_transfer_csv_read found, good or bad. UA_ROW_END: it is an empty row, look for the
 * next one. */
static ua_transfer_outcome take_record(ua_transfer_reader *reader, ua_text in,
                                       ua_transfer_csv_verdict verdict, ua_transfer_values *values_r,
                                       const char **reason_r, ua_error_line *error)
{
  bool is_utf8 = ua_text_is_utf8((ua_text){in.data, reader->record.length});
  advance(reader, reader->record.length, reader->record.lines);
  if (!is_utf8) {
    *reason_r = "is not UTF-8";
    return UA_ROW_BAD;
  }
  if (verdict == UA_CSV_STRAY_QUOTE) {
    *reason_r = "has a quote where none can be";
    return UA_ROW_BAD;
  }
  if (is_empty(&reader->record)) {
    return UA_ROW_END;
  }
  if (reader->has_header) {
    return read_record(reader, values_r, reason_r);
  }
  reader->has_header = ua_transfer_header_read(&reader->record, &reader->header, error);
  return reader->has_header ? UA_ROW_END : UA_ROW_BROKEN;
}

static ua_transfer_outcome next_csv(ua_transfer_reader *reader, ua_transfer_values *values_r,
                                    uint64_t *line_r, const char **reason_r, ua_error_line *error)
{
  for (;;) {
    ua_text in = view(reader);
    bool is_all = reader->eof && in.length == reader->end - reader->start;
    *line_r = reader->line;
    if (in.length == 0 && is_all) {
      return UA_ROW_END;
    }
    ua_transfer_csv_verdict verdict = ua_transfer_csv_read(in, is_all, reader->scratch, &reader->record);
    if (verdict == UA_CSV_UNTERMINATED || (verdict == UA_CSV_MORE && in.length == VIEW_BYTES)) {
      return give_up(reader, reader->record.open, reason_r, error);
    }
    if (verdict == UA_CSV_MORE) {
      if (!fill(reader, error)) {
        return UA_ROW_BROKEN;
      }
      continue;
    }
    ua_transfer_outcome outcome = take_record(reader, in, verdict, values_r, reason_r, error);
    if (outcome != UA_ROW_END) {
      return outcome;
    }
  }
}

ua_transfer_outcome ua_transfer_reader_next(ua_transfer_reader *reader, ua_transfer_values *values_r,
                                            uint64_t *line_r, const char **reason_r, ua_error_line *error)
{
  ua_arena_reset(reader->arena);
  if (!reader->begun && !begin(reader, error)) {
    return UA_ROW_BROKEN;
  }
  if (reader->format == UA_ROWS_JSONL) {
    return next_json(reader, values_r, line_r, reason_r, error);
  }
  ua_transfer_outcome outcome = next_csv(reader, values_r, line_r, reason_r, error);
  if (reader->has_header || outcome == UA_ROW_BROKEN) {
    return outcome;
  }
  /* Without a header the columns of the rows are unknown. */
  ua_error_line_set(error, "the header %s", outcome == UA_ROW_END ? "is missing" : *reason_r);
  return UA_ROW_BROKEN;
}
