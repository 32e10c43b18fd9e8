/* The first record of a CSV file, which names the columns. Pure. A message repeats a name only where others
 * of the line are those of fields, and never what looks like an email or a hash: a file may have no header.
 */
#ifndef UA_TRANSFER_HEADER_H
#define UA_TRANSFER_HEADER_H

#include "base/error_line.h"
#include "transfer/csv.h"
#include "transfer/values.h"

/* Whether the columns of a first line can have commas between them. Otherwise *error names what is there. */
UA_CHECK bool ua_transfer_header_separators(ua_text line, ua_error_line *error);

/* Which field stands in which column. Columns without a name behind all others are left out, as spreadsheets
 * write them. On failure *error names the column and its text, and says what is wrong with it. */
UA_CHECK bool ua_transfer_header_read(const ua_transfer_csv_record *record, ua_transfer_csv_header *header_r,
                                      ua_error_line *error);

#endif
