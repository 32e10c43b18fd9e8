/* Protects a process's memory from other processes, and limits it.
 *
 * Both do nothing in a build with AddressSanitizer: LeakSanitizer attaches to the process that it checks, and
 * the shadow memory is larger than any limit. To debug another build, attach as root (gdb -p, gcore): root is
 * allowed to, the user of the process is not. */
#ifndef UA_PROCESS_MEMORY_H
#define UA_PROCESS_MEMORY_H

#include <stdint.h>

/* For this process and its later children, until they execute another program: no core file, which would hold
 * the JWT secrets and people's passwords, and no debugger or /proc/<pid>/mem for other processes of the same
 * user. RLIMIT_CORE alone is not enough, because the kernel ignores a limit of 0 if core_pattern names a
 * program. It never dumps a process that is not dumpable (PR_SET_DUMPABLE). Logs a warning on failure. */
void ua_process_memory_hide(void);

/* Limits this process to `mib` MiB in addition to its current memory; 0 sets no limit. Allocations beyond it
 * fail, so a request that needs more gets an error, and the machine does not run out of memory. Logs a
 * warning on failure, and keeps an existing lower limit.
 *
 * The limit is RLIMIT_DATA: private writable memory, that is, the heap and the stacks of threads. RLIMIT_AS
 * would also count libraries, memory shared between workers, and the 64 MiB of addresses that malloc reserves
 * for a thread; such a limit would either be useless or break programs that waste nothing. Current memory is
 * not counted, because a program that embeds the library may have memory of its own, and its workers share
 * that until they write to it. */
void ua_process_memory_limit(int64_t mib);

#endif
