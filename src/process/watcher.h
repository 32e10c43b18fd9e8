/* The session watcher: listens to the database and ends sessions in the pool's table. A separate process. It
 * writes on the table's board up to when no notification was missed, and resets that at the first doubt. */
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

/* Returns only UA_INTERNAL, when out of memory; a signal ends it. Whenever it is not connected, it connects
 * after 100 ms, doubled each time up to 10 s. Logs one line at each change of its state.
 *
 * Gives a sign of life (board.alive_ms) twice a second at least. While it connects, the sign's time is as far
 * in the future as connecting may take: name resolution blocks. */
UA_CHECK ua_status ua_process_watcher_run(const ua_watcher_setup *setup);

#endif
