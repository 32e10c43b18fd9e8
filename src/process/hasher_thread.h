/* The hasher of a single process: a thread of it. */
#ifndef UA_PROCESS_HASHER_THREAD_H
#define UA_PROCESS_HASHER_THREAD_H

#include <stddef.h>

#include "base/error.h"

typedef struct ua_hasher_thread ua_hasher_thread;

/* Starts it, with all signals blocked. UA_INTERNAL when the system refuses, and *thread_r is NULL. */
UA_CHECK ua_status ua_process_hasher_thread_start(size_t slots, ua_hasher_thread **thread_r);

/* The worker's end of its channel, for ua_process_hash_client_open; the thread owns it. */
int ua_process_hasher_thread_channel(const ua_hasher_thread *thread);

/* Ends it, and waits for a hash that is under way. Close the client before that. Does nothing for NULL. */
void ua_process_hasher_thread_end(ua_hasher_thread **thread);

#endif
