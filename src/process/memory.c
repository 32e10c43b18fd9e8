#include "process/memory.h"

#include "base/sanitizer.h"

#ifdef UA_ADDRESS_SANITIZER

void ua_process_memory_hide(void)
{
}

void ua_process_memory_limit(int64_t mib)
{
  (void)mib;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

enum { MIB = 1024 * 1024 };

void ua_process_memory_hide(void)
{
  static const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot forbid core files"), ua_log_str("reason", strerror(errno)));
  }
  if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot hide the memory"), ua_log_str("reason", strerror(errno)));
  }
}

/* Bytes of data and stack, the sixth number of /proc/self/statm; 0 if there is no /proc. */
static rlim_t memory_now(void)
{
  enum { PLACE = 6 };
  char line[256];
  uint64_t pages = 0;
  int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return 0;
  }
  ssize_t length = read(fd, line, sizeof(line));
  (void)close(fd);
  ua_text rest = {line, length < 0 ? 0 : (size_t)length};
  ua_text number = UA_TEXT("");
  for (int i = 0; i < PLACE; i++) {
    (void)ua_text_split(&rest, ' ', &number);
  }
  (void)ua_text_to_uint(number, SIZE_MAX, &pages);
  return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

void ua_process_memory_limit(int64_t mib)
{
  struct rlimit limit;
  if (mib == 0) {
    return;
  }
  int failed = getrlimit(RLIMIT_DATA, &limit);
  rlim_t bound = memory_now() + (rlim_t)mib * MIB;
  if (failed == 0 && bound < limit.rlim_max) {
    limit.rlim_max = bound;
  }
  limit.rlim_cur = limit.rlim_max;
  if (failed != 0 || setrlimit(RLIMIT_DATA, &limit) != 0) {
    ua_log(UA_LOG_WARN, UA_EVENT("cannot limit the memory"), ua_log_str("reason", strerror(errno)));
  }
}

#endif
