/* How workers reach the hasher: one channel for all of them, made before the first fork. Over it each worker
 * sends one end of its own connection. The supervisor keeps both ends of the channel, so a restarted hasher
 * continues where the last one ended. */
#ifndef UA_PROCESS_HASH_CHANNEL_H
#define UA_PROCESS_HASH_CHANNEL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct ua_hash_channel {
  int hasher_fd; /* -1: closed here */
  int worker_fd;
} ua_hash_channel;

/* On failure UA_INTERNAL, with errno, and both ends are -1. */
UA_CHECK ua_status ua_process_hash_channel_open(ua_hash_channel *channel_r);

/* Closes the ends that are open. */
void ua_process_hash_channel_close(ua_hash_channel *channel);

/* Shuts the channel down for all processes that have it; closes it here. */
void ua_process_hash_channel_end(ua_hash_channel *channel);

/* Whether the channel has ended: every worker's end is closed, or a process has shut it down. */
bool ua_process_hash_channel_has_ended(int hasher_fd);

/* worker: a connection to the hasher, which accepts it as soon as it runs. -1, with errno: not now. Does not
 * block. */
int ua_process_hash_channel_connect(int worker_fd);

/* Ends a connection on either side, also for processes that inherited it by fork. Removes it from the epoll,
 * where it would otherwise stay as long as these processes live. */
void ua_process_hash_channel_disconnect(int epoll_fd, int fd);

/* hasher: UA_OK with the connection that a process has sent; UA_PENDING: none has arrived; UA_BAD_REQUEST:
 * the message is not a connection; UA_UNAVAILABLE: the channel has ended. Does not block. */
UA_CHECK ua_status ua_process_hash_channel_accept(int hasher_fd, int *fd_r, pid_t *process_r);

#endif
