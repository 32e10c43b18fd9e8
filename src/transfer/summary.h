/* The result of an import, in numbers. */
#ifndef UA_TRANSFER_SUMMARY_H
#define UA_TRANSFER_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct ua_transfer_summary {
  uint64_t read;
  uint64_t bad;
  uint64_t imported;
  uint64_t memberships;
} ua_transfer_summary;

/* Prints a line, or a JSON object; for an import that was not `done`, only the object. Returns the exit code
 * of a completed import. */
UA_CHECK int ua_transfer_summary_print(const ua_transfer_summary *summary, bool done, bool dry_run,
                                       bool json);

#endif
