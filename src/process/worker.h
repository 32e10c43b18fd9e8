/* A worker's life: the only connection between process, fastcgi and api. */
#ifndef UA_PROCESS_WORKER_H
#define UA_PROCESS_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "process/listener.h"
#include "process/scoreboard.h"

struct ua_app_host;
struct ua_session_table;

typedef struct ua_worker_setup {
  const ua_config *config;
  const struct ua_app_host *host; /* for building its application */
  const ua_listeners *listeners;
  ua_scoreboard *scoreboard;         /* NULL: the single process, which has no supervisor */
  struct ua_session_table *sessions; /* the pool's; NULL: none, so every check asks the database */
  uint64_t generation;               /* of the pool, as on the table's board */
  size_t slot;
  int wake_fd;         /* eventfd: notifies the supervisor of a changed state; -1 for none */
  int hash_channel_fd; /* the hasher's, for ua_process_hash_client_open; -1: the single process starts one */
} ua_worker_setup;

/* Serves until a signal stops it, or for max_requests; returns the exit code. TERM, INT, QUIT, HUP and USR1
 * must be blocked; they are handled only between requests, so none interrupts a request.
 *
 * In a pool TERM means retire: leave the queue to the others. USR1 means drain: serve the requests queued on
 * our own sockets, then end. INT, QUIT and HUP, which a terminal sends to all processes, are for the
 * supervisor. The single process drains on TERM, INT, QUIT and USR1, and stops on a second one. On a socket
 * that was passed to it, it continues until no request has come for 1.2 seconds, 5 seconds at most, and
 * ignores other signals: mod_fcgid, which passes sockets, may ask it to end while requests for it are still
 * coming. */
int ua_process_worker_run(const ua_worker_setup *setup);

#endif
