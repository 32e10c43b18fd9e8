#include "transfer/csv.h"

#include <string.h>

/* The state of the reader. */
typedef struct reader {
  ua_text input;
  size_t at;
  bool is_all;
  char *scratch; /* its free rest */
  ua_transfer_csv_record *record;
} reader;

static bool ended(const reader *in)
{
  return in->at == in->input.length;
}

static void add_field(ua_transfer_csv_record *record, ua_text text, bool quoted)
{
  if (record->count < UA_CSV_MAX_FIELDS) {
    record->field[record->count] = (ua_transfer_csv_field){text, quoted};
  }
  record->count++;
}

/* Skips the rest of a bad record's line. */
static ua_transfer_csv_verdict skip_line(reader *in, ua_transfer_csv_verdict verdict)
{
  const char *from = in->input.data + in->at;
  const char *end = ended(in) ? NULL : memchr(from, '\n', in->input.length - in->at);
  if (end == NULL && !in->is_all) {
    return UA_CSV_MORE;
  }
  in->record->length = end == NULL ? in->input.length : (size_t)(end - in->input.data) + 1;
  in->record->lines++;
  return verdict;
}

/* Reads from after the opening quote to after the closing one. */
static ua_transfer_csv_verdict read_quoted(reader *in)
{
  char *out = in->scratch;
  for (; !ended(in); in->at++) {
    char character = in->input.data[in->at];
    if (character == '"') {
      bool last = in->at + 1 == in->input.length;
      if (last && !in->is_all) {
        in->record->open = true;
        return UA_CSV_MORE;
      }
      if (last || in->input.data[in->at + 1] != '"') {
        in->at++;
        add_field(in->record, (ua_text){in->scratch, (size_t)(out - in->scratch)}, true);
        in->scratch = out;
        return UA_CSV_RECORD;
      }
      in->at++;
    }
    in->record->lines += character == '\n';
    *out++ = character;
  }
  in->record->open = true;
  if (!in->is_all) {
    return UA_CSV_MORE;
  }
  in->record->length = in->input.length;
  in->record->lines++;
  return UA_CSV_UNTERMINATED;
}

/* Whether a line ends here. A CR that is not followed by LF is a character like others. */
static bool at_line_end(const reader *in)
{
  const char *at = in->input.data + in->at;
  return at[0] == '\n' || (at[0] == '\r' && in->at + 1 < in->input.length && at[1] == '\n');
}

static ua_transfer_csv_verdict read_plain(reader *in)
{
  const char *from = in->input.data + in->at;
  while (!ended(in) && in->input.data[in->at] != ',' && !at_line_end(in)) {
    if (in->input.data[in->at] == '"') {
      return UA_CSV_STRAY_QUOTE;
    }
    in->at++;
  }
  add_field(in->record, (ua_text){from, (size_t)(in->input.data + in->at - from)}, false);
  return UA_CSV_RECORD;
}

/* Reads what follows a field. *more_r: another field follows. */
static ua_transfer_csv_verdict read_separator(reader *in, bool *more_r)
{
  *more_r = false;
  if (ended(in)) {
    return in->is_all ? UA_CSV_RECORD : UA_CSV_MORE;
  }
  if (in->input.data[in->at] == ',') {
    in->at++;
    *more_r = true;
    return UA_CSV_RECORD;
  }
  if (at_line_end(in)) {
    in->at += in->input.data[in->at] == '\r' ? 2 : 1;
    return UA_CSV_RECORD;
  }
  bool cut = in->input.data[in->at] == '\r' && in->at + 1 == in->input.length && !in->is_all;
  return cut ? UA_CSV_MORE : UA_CSV_STRAY_QUOTE;
}

ua_transfer_csv_verdict ua_transfer_csv_read(ua_text input, bool is_all, char *scratch,
                                             ua_transfer_csv_record *record_r)
{
  reader in = {.input = input, .is_all = is_all, .scratch = scratch, .record = record_r};
  ua_transfer_csv_verdict verdict = UA_CSV_RECORD;
  bool more = true;
  record_r->count = 0;
  record_r->lines = 0;
  record_r->open = false;
  while (more && verdict == UA_CSV_RECORD) {
    if (!ended(&in) && input.data[in.at] == '"') {
      in.at++;
      verdict = read_quoted(&in);
    } else {
      verdict = read_plain(&in);
    }
    if (verdict == UA_CSV_RECORD) {
      verdict = read_separator(&in, &more);
    }
  }
  if (verdict == UA_CSV_STRAY_QUOTE) {
    return skip_line(&in, verdict);
  }
  if (verdict == UA_CSV_RECORD) {
    record_r->length = in.at;
    record_r->lines++;
  }
  return verdict;
}
