/* Forks, counts, replaces, drains and reloads workers. Parses no requests, and does not connect to the
 * database. */
#ifndef UA_PROCESS_SUPERVISOR_H
#define UA_PROCESS_SUPERVISOR_H

#include <stddef.h>

#include "base/error.h"
#include "config/config.h"

/* Reads the settings again on HUP: into *config_r as ua_config_load and ua_config_check do, one line in
 * `error` on failure. */
typedef ua_status ua_config_reader(void *context, ua_config *config_r, char *error, size_t error_size);

struct ua_app_host;

/* Serves with `config` until a signal stops it: as a pool, or in this one process for workers = 0 (and for
 * workers = -1 with a listening fd 0, as process managers that fork themselves pass it). The workers'
 * applications are built with `host`. Takes ownership of *config. Returns the process's exit code (0 after a
 * requested drain). */
int ua_process_supervisor_run(ua_config *config, const struct ua_app_host *host, ua_config_reader *reread,
                              void *context);

#endif
