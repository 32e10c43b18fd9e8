/* The three standard descriptors. */
#ifndef UA_PROCESS_STDIO_H
#define UA_PROCESS_STDIO_H

#include "base/error.h"

/* Opens /dev/null on the descriptors 0 to 2 that the launcher left closed. Otherwise the next socket would
 * get such a number, and messages on stderr would go to the database or a client. Call this first. An open fd
 * 0 is not changed: it may be a listening socket. */
UA_CHECK ua_status ua_process_stdio_fill(void);

#endif
