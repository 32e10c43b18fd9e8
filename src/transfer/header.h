/* The first record of a CSV file, which names the columns. Pure. A message quotes a name only if other names
 * in the line are those of fields, and never a text that looks like an email or a hash: the file may have no
 * header, so the line may be a user's data. */
#ifndef UA_TRANSFER_HEADER_H
#define UA_TRANSFER_HEADER_H

#include "base/error_line.h"
#include "transfer/csv.h"
#include "transfer/values.h"

/* Whether commas can be the separators of a first line. Otherwise *error names the separators it found. */
UA_CHECK bool ua_transfer_header_separators(ua_text line, ua_error_line *error);

/* Which column holds which field. Ignores trailing columns without a name, which spreadsheets write. On
 * failure *error names the column and its text, and says what is wrong with it. */
UA_CHECK bool ua_transfer_header_read(const ua_transfer_csv_record *record, ua_transfer_csv_header *header_r,
                                      ua_error_line *error);

#endif
