/* Where the lines of the log go: descriptor 2, which is shared with the program that launched us, and often
 * with everything else that it launched. So O_NONBLOCK is never set on the inherited descriptor: it would
 * affect those programs as well.
 *
 * A line is written completely or dropped, and never waits longer than a few milliseconds. Not thread-safe.
 */
#ifndef UA_BASE_LOG_SINK_H
#define UA_BASE_LOG_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/tally.h"

enum {
  UA_LOG_LINE_BYTES = 4096, /* PIPE_BUF: a longer write to a pipe may mix with those of other processes */
  UA_LOG_PATIENCE_MS = 5    /* how long a line may wait for room, unless one was dropped since the last
                               written line */
};

/* Makes writes to descriptor 2 independent of who reads it; for programs that serve, before they fork. A
 * pipe, FIFO or terminal is opened once more, without blocking: the launcher does not share that open file
 * description. It replaces descriptor 2, so that libraries that print there cannot block either. To a socket
 * (journald's), lines are sent with MSG_DONTWAIT. A file needs neither: a full disk is an error at once.
 *
 * If it cannot be opened (a pipe made by another user, no /proc), and without this call, a line is written
 * only if there is room for it, and only half of a pipe is used: several processes that check at the same
 * moment do not fill the other half. A terminal does not report how much room it has. One process can block
 * in a terminal that belongs to another user, does not control this process and is not read. Other processes
 * notice that. */
void ua_log_sink_detach(void);

/* From now on this process never waits to write a line. Processes that it forks do. */
void ua_log_sink_never_wait(void);

/* This process, without asking the kernel for each line. */
pid_t ua_log_sink_pid(void);

/* Lines of this process that were dropped since the last written one; lines of a parent do not count. */
int64_t ua_log_sink_dropped(void);

/* From now on every dropped line of this process also increments this counter, which is never reset; NULL:
 * none. Processes that it forks have no counter: a counter has one writer. */
void ua_log_sink_count(ua_tally *dropped);

/* Writes a line of at most UA_LOG_LINE_BYTES, or drops it and counts that. If the kernel accepts a part of
 * it, the rest is written before the next line. Changes errno. */
void ua_log_sink_write(const char *line, size_t length);

#endif
