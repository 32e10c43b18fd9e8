/* Reads users from a file or pipe, one after the other, in bounded memory. */
#ifndef UA_TRANSFER_READER_H
#define UA_TRANSFER_READER_H

#include <stdint.h>

#include "base/error.h"
#include "base/error_line.h"
#include "transfer/beginning.h"
#include "transfer/values.h"

enum { UA_MAX_ROW_BYTES = 64 * 1024 }; /* a line of JSON, or a record of CSV */

typedef enum ua_transfer_outcome {
  UA_ROW_GOOD,
  UA_ROW_BAD, /* this row cannot be read: see `reason`; the next may be readable */
  UA_ROW_END,
  UA_ROW_BROKEN /* nothing after it can be read: see the error */
} ua_transfer_outcome;

typedef struct ua_transfer_reader ua_transfer_reader;

/* Reads from `fd`, which stays the caller's. A byte order mark at the beginning is skipped. NULL when out of
 * memory. */
ua_transfer_reader *ua_transfer_reader_create(int fd, ua_transfer_format format);

/* Wipes and frees; *reader may be NULL. */
void ua_transfer_reader_destroy(ua_transfer_reader **reader);

/* The next row. Empty lines are no rows. *line_r is the line where it begins, counted from 1. The texts of
 * *values_r live until the next call. */
UA_CHECK ua_transfer_outcome ua_transfer_reader_next(ua_transfer_reader *reader, ua_transfer_values *values_r,
                                                     uint64_t *line_r, const char **reason_r,
                                                     ua_error_line *error);

/* Bytes read so far. */
uint64_t ua_transfer_reader_bytes(const ua_transfer_reader *reader);

#endif
