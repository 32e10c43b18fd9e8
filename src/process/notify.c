#include "process/notify.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

void ua_process_notify(const char *state)
{
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = path == NULL ? 0 : strlen(path);
  if (length < 2 || length >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@')) {
    return;
  }
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') {
    address.sun_path[0] = '\0';
  }
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size) < 0) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot notify the service manager"), ua_log_str("state", state));
  }
  if (fd >= 0) {
    (void)close(fd);
  }
}

void ua_process_notify_reloading(void)
{
  char state[64];
  (void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                 ua_clock_monotonic_ms() * 1000);
  ua_process_notify(state);
}

/* Milliseconds between two signs of life; 0 if none is required. */
static int64_t watchdog_interval_ms(void)
{
  const char *wanted_by = getenv("WATCHDOG_PID");
  uint64_t microseconds = 0, process = 0;
  bool ours = wanted_by == NULL ||
              (ua_text_to_uint(ua_text_of(wanted_by), INT32_MAX, &process) && process == (uint64_t)getpid());
  if (!ours || !ua_text_to_uint(ua_text_of(getenv("WATCHDOG_USEC")), INT64_MAX, &microseconds) ||
      microseconds == 0) {
    return 0;
  }
  int64_t half = (int64_t)(microseconds / 2000);
  return half < 1 ? 1 : half;
}

int ua_process_notify_watchdog(int timeout_ms)
{
  static int64_t sent_ms;
  int64_t interval = watchdog_interval_ms();
  if (interval == 0) {
    return timeout_ms;
  }
  int64_t now = ua_clock_monotonic_ms();
  if (sent_ms == 0 || now - sent_ms >= interval) {
    ua_process_notify("WATCHDOG=1");
    sent_ms = now;
  }
  int64_t left = sent_ms + interval - now;
  left = left > INT_MAX ? INT_MAX : left;
  return timeout_ms >= 0 && timeout_ms < left ? timeout_ms : (int)left;
}
