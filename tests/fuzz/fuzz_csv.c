/* A record ends within the input, and the bytes after it do not change how it is read. The header and the
 * beginning of the file can be any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "transfer/beginning.h"
#include "transfer/csv.h"
#include "transfer/header.h"
#include "transfer/values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_fields(const ua_transfer_csv_record *record, ua_text input, const char *scratch)
{
  for (size_t i = 0; i < record->count && i < UA_CSV_MAX_FIELDS; i++) {
    ua_text text = record->field[i].text;
    const char *area = record->field[i].quoted ? scratch : input.data;
    if (text.data < area || text.data + text.length > area + input.length) {
      abort();
    }
  }
}

/* Checks that the first record is read in the same way without the bytes after it. */
static void look_again(ua_text input, const ua_transfer_csv_record *record, ua_transfer_csv_verdict verdict,
                       char *scratch)
{
  ua_transfer_csv_record again;
  ua_text beginning = {input.data, record->length};
  if (ua_transfer_csv_read(beginning, true, scratch, &again) != verdict || again.count != record->count ||
      again.lines != record->lines) {
    abort();
  }
}

static void read_as_user(const ua_transfer_csv_record *record)
{
  static const ua_transfer_csv_header header = {
      .column = {UA_USER_ID, UA_USER_EMAIL, UA_USER_NAME, UA_USER_ACTIVE, UA_USER_ROLES},
      .count = 5,
      .width = 5};
  ua_transfer_csv_header own;
  ua_transfer_values values;
  ua_error_line error;
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  if (arena == NULL) {
    return;
  }
  if (ua_transfer_header_read(record, &own, &error) && own.count > UA_USER_FIELDS) {
    abort();
  }
  if (ua_transfer_values_of_csv(arena, &header, record, &values) == UA_OK && record->count != header.count) {
    abort();
  }
  ua_arena_destroy(&arena);
}

/* A file may begin with any bytes. The check accepts them, or refuses them with a message. */
static void look_at_beginning(ua_text beginning)
{
  for (int i = 0; i < 4; i++) {
    ua_error_line error = {""};
    ua_transfer_format format = i % 2 == 0 ? UA_ROWS_JSONL : UA_ROWS_CSV;
    if (ua_transfer_beginning_check(beginning, i < 2, format, &error) == (error.text[0] != '\0')) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text rest = {(const char *)data, size};
  look_at_beginning(rest);
  char *scratch = malloc(size + 1);
  while (scratch != NULL && rest.length > 0) {
    ua_transfer_csv_record record;
    ua_transfer_csv_verdict verdict = ua_transfer_csv_read(rest, true, scratch, &record);
    if (verdict == UA_CSV_MORE || record.length == 0 || record.length > rest.length || record.lines == 0) {
      abort();
    }
    if (verdict == UA_CSV_RECORD) {
      look_at_fields(&record, rest, scratch);
      read_as_user(&record);
      look_again(rest, &record, verdict, scratch);
    }
    rest = (ua_text){rest.data + record.length, rest.length - record.length};
  }
  free(scratch);
  return 0;
}
