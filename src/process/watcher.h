/* The session watcher: listens to the database and ends sessions in the pool's table. A process of its own.
 * It says on the table's board up to when nothing was missed, and takes that back at the first doubt. */
#ifndef UA_PROCESS_WATCHER_H
#define UA_PROCESS_WATCHER_H

#include <stdint.h>

#include "auth/session_table.h"
#include "base/error.h"
#include "config/config.h"

typedef struct ua_watcher_setup {
  const ua_config *config;
  ua_session_table *sessions;
  uint64_t generation; /* of the pool whose settings these are */
} ua_watcher_setup;

/* Does not return but for UA_INTERNAL, when out of memory: a signal ends it. Connects whenever it is not
 * connected, after 100 ms, doubled each time up to 10 s. Logs one line at each change of what it can say.
 *
 * Gives a sign of life (board.alive_ms) twice a second at least. While it connects, the sign is as far in the
 * future as that may take: the library that resolves names does not return before. */
UA_CHECK ua_status ua_process_watcher_run(const ua_watcher_setup *setup);

#endif
