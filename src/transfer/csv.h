/* One record of comma-separated values, RFC 4180. Pure: bytes in, fields out. */
#ifndef UA_TRANSFER_CSV_H
#define UA_TRANSFER_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { UA_CSV_MAX_FIELDS = 32 };

typedef enum ua_transfer_csv_verdict {
  UA_CSV_RECORD,
  UA_CSV_MORE,        /* the record continues after the input */
  UA_CSV_STRAY_QUOTE, /* a quote within an unquoted field, or a character after a closing quote */
  UA_CSV_UNTERMINATED /* a quote that is not closed */
} ua_transfer_csv_verdict;

typedef struct ua_transfer_csv_field {
  ua_text text; /* within the input or the scratch area; never absent */
  bool quoted;
} ua_transfer_csv_field;

typedef struct ua_transfer_csv_record {
  ua_transfer_csv_field field[UA_CSV_MAX_FIELDS];
  size_t count;  /* of all fields, also those beyond the array */
  size_t length; /* bytes, the line end included; of a bad record, to the end of the line */
  size_t lines;  /* that it spans */
  bool open;     /* UA_CSV_MORE within quotes */
} ua_transfer_csv_record;

/* Reads the record that `input` begins with. Lines end in LF or CRLF; the last may end with the input if
 * `is_all` (else UA_CSV_MORE). `scratch` holds as many bytes as the input. Every verdict except MORE sets
 * length and lines; RECORD sets all of *record_r. An empty line is a record of one empty field. */
ua_transfer_csv_verdict ua_transfer_csv_read(ua_text input, bool is_all, char *scratch,
                                             ua_transfer_csv_record *record_r);

#endif
