/* How workers reach the hasher: one channel for all of them, made before the first fork, over which each
 * sends an end of a connection of its own. The supervisor keeps both ends of the channel, so that a hasher
 * that is started again takes over where the last one ended. */
#ifndef UA_PROCESS_HASH_CHANNEL_H
#define UA_PROCESS_HASH_CHANNEL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct ua_hash_channel {
  int hasher_fd; /* -1: closed here */
  int worker_fd;
} ua_hash_channel;

/* UA_INTERNAL, with errno, and both ends are -1. */
UA_CHECK ua_status ua_process_hash_channel_open(ua_hash_channel *channel_r);

/* Closes what is open of it. */
void ua_process_hash_channel_close(ua_hash_channel *channel);

/* Ends the channel for all processes that have it; closes it here. */
void ua_process_hash_channel_end(ua_hash_channel *channel);

/* Whether it has ended: every worker's end is closed, or somebody has shut it down. */
bool ua_process_hash_channel_has_ended(int hasher_fd);

/* worker: a connection to the hasher, which accepts it when it is there. -1, with errno: not now. Does not
 * block. */
int ua_process_hash_channel_connect(int worker_fd);

/* Ends a connection of either side, also for processes that have it by a fork; takes it out of the epoll,
 * where it would stay as long as they live. */
void ua_process_hash_channel_disconnect(int epoll_fd, int fd);

/* hasher: UA_OK with the connection that a process has sent; UA_PENDING: none has come; UA_BAD_REQUEST: what
 * came is none; UA_UNAVAILABLE: the channel has ended. Does not block. */
UA_CHECK ua_status ua_process_hash_channel_accept(int hasher_fd, int *fd_r, pid_t *process_r);

#endif
