#include "process/worker_pool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum { JITTER_SHARE = 8 /* the ends of a pool's workers are spread over an eighth of max_requests */ };

void ua_process_worker_tell(const ua_worker_setup *setup, ua_worker_state state, uint64_t served)
{
  if (setup->scoreboard != NULL) {
    ua_process_scoreboard_set(setup->scoreboard, setup->slot, state, served);
  }
}

void ua_process_worker_wake(const ua_worker_setup *setup)
{
  const uint64_t one = 1;
  if (setup->wake_fd >= 0 && write(setup->wake_fd, &one, sizeof(one)) != (ssize_t)sizeof(one)) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot wake the supervisor"), ua_log_str("reason", strerror(errno)));
  }
}

int64_t ua_process_worker_served_limit(const ua_worker_setup *setup)
{
  int64_t limit = setup->config->max_requests;
  if (setup->scoreboard == NULL || setup->config->workers <= 0) {
    return limit;
  }
  int64_t place = (int64_t)setup->slot % setup->config->workers;
  return limit + limit / JITTER_SHARE * place / setup->config->workers;
}
