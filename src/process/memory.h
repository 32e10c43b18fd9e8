/* What the kernel does about a process's memory: nobody reads it from outside, and it has a bound.
 *
 * Both do nothing in a build with AddressSanitizer: LeakSanitizer attaches to the process that it looks at,
 * and a shadow of the memory is larger than any bound. To debug another build, attach as root (gdb -p,
 * gcore): root may do what the user of the process may not. */
#ifndef UA_PROCESS_MEMORY_H
#define UA_PROCESS_MEMORY_H

#include <stdint.h>

/* For this process and its later children, until they execute another program: no core file, which would hold
 * the JWT secrets and people's passwords, and no debugger or /proc/<pid>/mem for other processes of the same
 * user. RLIMIT_CORE alone is not enough, because the kernel ignores a limit of 0 where core_pattern names a
 * program; it dumps no process that is not dumpable (PR_SET_DUMPABLE). Logs a warning on failure. */
void ua_process_memory_hide(void);

/* Lets this process take `mib` MiB in addition to what it has now; 0 sets no bound. Allocations beyond it
 * fail, so a request that needs more gets an error and the machine keeps its memory. Logs a warning on
 * failure, and keeps a lower bound that is there already.
 *
 * The bound is RLIMIT_DATA: private writable memory, thus the heap and the stacks of threads. RLIMIT_AS would
 * also count libraries, memory shared between workers, and the 64 MiB of addresses that malloc reserves for a
 * thread; a bound of that kind either has no meaning or breaks programs that waste nothing. What the process
 * has now is not counted, because a program that embeds the library may have filled memory of its own, and
 * its workers share that until they write to it. */
void ua_process_memory_limit(int64_t mib);

#endif
