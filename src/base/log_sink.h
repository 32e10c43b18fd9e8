/* Where the lines of the log go: descriptor 2, which is shared with the program that launched us, and often
 * with everything else that it launched. So O_NONBLOCK is never set on what we were given: it would be theirs
 * as well.
 *
 * A line is written whole or dropped, and never waited for longer than a few milliseconds. Not thread-safe.
 */
#ifndef UA_BASE_LOG_SINK_H
#define UA_BASE_LOG_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/tally.h"

enum {
  UA_LOG_LINE_BYTES = 4096, /* PIPE_BUF: a longer write to a pipe may mix with those of other processes */
  UA_LOG_PATIENCE_MS = 5    /* a line may wait for room, unless one was dropped since the last that went */
};

/* Makes writes to descriptor 2 independent of who reads it; for programs that serve, before they fork. A
 * pipe, FIFO or terminal is opened once more, without blocking: a description that the launcher does not
 * share. It replaces descriptor 2, so that what libraries print there cannot block either. A socket
 * (journald's) is sent to with MSG_DONTWAIT. A file is written to: a full disk is an error at once.
 *
 * Where it cannot be opened (a pipe that another user has made, no /proc), and without this call, a line is
 * written only if there is room for it, and only half of a pipe is used: several processes that look at the
 * same moment do not fill the other half. A terminal does not say how much room it has. If it is another
 * user's, does not control this process and nobody reads it, one process can block in it. Others see that. */
void ua_log_sink_detach(void);

/* From now on this process waits for no line. Processes that it forks do. */
void ua_log_sink_never_wait(void);

/* This process, without asking the kernel for each line. */
pid_t ua_log_sink_pid(void);

/* Lines of this process that were dropped since the last one that went; those of a parent are not its own. */
int64_t ua_log_sink_dropped(void);

/* From now on every dropped line of this process is counted there as well, and for good; NULL: nowhere.
 * Processes that it forks count nowhere: a counter has one writer. */
void ua_log_sink_count(ua_tally *dropped);

/* Writes a line of at most UA_LOG_LINE_BYTES, or drops it and counts that. If the kernel takes a part of it,
 * the rest goes before the next line. Changes errno. */
void ua_log_sink_write(const char *line, size_t length);

#endif
