/* Recognizes a file by its first bytes: users in the requested format, or something else, of which no row is
 * read. Pure. */
#ifndef UA_TRANSFER_BEGINNING_H
#define UA_TRANSFER_BEGINNING_H

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

typedef enum ua_transfer_format { UA_ROWS_JSONL, UA_ROWS_CSV } ua_transfer_format;

/* Enough for a header, and for a pretty-printed object's first lines. */
enum { UA_TRANSFER_BEGINNING_BYTES = 4096 };

/* Whether rows can be read from a file with this beginning, after a UTF-8 byte order mark; `is_all`: this is
 * the whole file. Otherwise *error says what the file seems to be, and how to make it readable. */
UA_CHECK bool ua_transfer_beginning_check(ua_text beginning, bool is_all, ua_transfer_format format,
                                          ua_error_line *error);

#endif
