/* Listening sockets: our own, inherited on fd 0, or passed by systemd (LISTEN_FDS). */
#ifndef UA_PROCESS_LISTENER_H
#define UA_PROCESS_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/limits.h"

enum { UA_UNIX_PATH_BYTES = 108 }; /* sun_path, unix(7) */

typedef struct ua_listeners {
  struct {
    int fd;
    bool owned; /* we bound it, so we close, shut down and unlink it */
    bool is_unix;
    char path[UA_UNIX_PATH_BYTES]; /* of an owned unix socket */
    unsigned long device, inode;   /* of that path, so that only our own file is unlinked */
  } socket[UA_MAX_LISTENERS];
  size_t count;
} ua_listeners;

/* One parsed address: what to bind, and for a unix socket the owner and mode of its file. */
typedef struct ua_listener_address {
  struct sockaddr_storage address;
  socklen_t length;
  mode_t mode;
  uid_t owner; /* (uid_t)-1: ours */
  gid_t group; /* (gid_t)-1: ours */
} ua_listener_address;

/* Reads "unix:/path[,mode=0660][,owner=NAME][,group=NAME]", "127.0.0.1:9000" or "[::1]:9000" (addresses in
 * digits: no resolver runs). Looks up owner and group. UA_BAD_REQUEST with one line in `error`. */
UA_CHECK ua_status ua_process_listener_parse(const char *spec, ua_listener_address *address_r, char *error,
                                             size_t error_size);

/* Checks the form of one address without opening it. */
UA_CHECK ua_status ua_process_listener_check(const char *spec, char *error, size_t error_size);

/* Opens `specs` (see ua_config.listen); with none, takes LISTEN_FDS (LISTEN_PID is us), else fd 0 when it
 * listens. A stale unix socket file is replaced, but not one on which a live process accepts. All are
 * non-blocking and close-on-exec. UA_BAD_REQUEST if the addresses are wrong or none is given, UA_UNAVAILABLE
 * if the system refuses; then `error` has one line, and nothing is left open. */
UA_CHECK ua_status ua_process_listeners_open(const char *const *specs, size_t count, int backlog,
                                             ua_listeners *listeners_r, char *error, size_t error_size);

/* Whether fd 0 is a listening socket. */
bool ua_process_listener_inherited(void);

/* Refuses new connections on owned unix sockets while queued ones are still accepted. */
void ua_process_listeners_shut(const ua_listeners *listeners);

/* Closes all; unlinks the files of owned unix sockets when they are still ours. */
void ua_process_listeners_close(ua_listeners *listeners);

#endif
