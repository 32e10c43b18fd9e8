#include "process/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum { FIRST_PASSED_FD = 3 }; /* SD_LISTEN_FDS_START, sd_listen_fds(3) */

static int socket_option(int fd, int name)
{
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

static bool is_listening(int fd)
{
  return socket_option(fd, SO_ACCEPTCONN) == 1 && socket_option(fd, SO_TYPE) == SOCK_STREAM;
}

bool ua_process_listener_inherited(void)
{
  return is_listening(STDIN_FILENO);
}

static bool set_flags(int fd)
{
  int status = fcntl(fd, F_GETFL);
  int descriptor = fcntl(fd, F_GETFD);
  return status >= 0 && descriptor >= 0 && fcntl(fd, F_SETFL, status | O_NONBLOCK) == 0 &&
         fcntl(fd, F_SETFD, descriptor | FD_CLOEXEC) == 0;
}

static ua_status refuse(char *error, size_t error_size, const char *spec, const char *what, int reason)
{
  (void)snprintf(error, error_size, "cannot listen on '%.128s': %s: %s", spec, what, strerror(reason));
  return UA_UNAVAILABLE;
}

/* Removes the socket file that a dead process left. Keeps a socket on which a process still accepts, and any
 * file that is not a socket: FCGX_OpenSocket would silently replace both. */
static ua_status remove_stale(const char *spec, const ua_listener_address *address, char *error,
                              size_t error_size)
{
  const char *path = ((const struct sockaddr_un *)&address->address)->sun_path;
  struct stat before, after;
  if (lstat(path, &before) != 0) {
    return errno == ENOENT ? UA_OK : refuse(error, error_size, spec, "its folder", errno);
  }
  if (!S_ISSOCK(before.st_mode)) {
    return refuse(error, error_size, spec, "the path is no socket", EEXIST);
  }
  int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) {
    return refuse(error, error_size, spec, "socket", errno);
  }
  int connected = connect(probe, (const struct sockaddr *)&address->address, address->length);
  int reason = connected == 0 ? EADDRINUSE : errno;
  (void)close(probe);
  if (reason != ECONNREFUSED) {
    return refuse(error, error_size, spec, "another process may be using it",
                  reason == EAGAIN ? EADDRINUSE : reason);
  }
  if (lstat(path, &after) == 0 && after.st_ino == before.st_ino && unlink(path) != 0) {
    return refuse(error, error_size, spec, "removing the old socket", errno);
  }
  return UA_OK;
}

/* The umask around bind gives the file its mode from the first moment; a chmod would leave a gap. */
static const char *bind_unix(int fd, const ua_listener_address *address)
{
  const char *path = ((const struct sockaddr_un *)&address->address)->sun_path;
  mode_t saved = umask((mode_t)(~address->mode & 0777));
  int bound = bind(fd, (const struct sockaddr *)&address->address, address->length);
  int reason = errno;
  (void)umask(saved);
  errno = reason;
  if (bound != 0) {
    return "bind";
  }
  if ((address->owner != (uid_t)-1 || address->group != (gid_t)-1) &&
      lchown(path, address->owner, address->group) != 0) {
    reason = errno;
    (void)unlink(path);
    errno = reason;
    return "owner and group";
  }
  return NULL;
}

static const char *bind_inet(int fd, const ua_listener_address *address)
{
  const int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
      (address->address.ss_family == AF_INET6 &&
       setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)) {
    return "socket options";
  }
  return bind(fd, (const struct sockaddr *)&address->address, address->length) == 0 ? NULL : "bind";
}

static ua_status open_own(const char *spec, int backlog, ua_listeners *listeners, char *error,
                          size_t error_size)
{
  ua_listener_address address;
  ua_status status = ua_process_listener_parse(spec, &address, error, error_size);
  bool is_unix = status == UA_OK && address.address.ss_family == AF_UNIX;
  if (is_unix) {
    status = remove_stale(spec, &address, error, error_size);
  }
  if (status != UA_OK) {
    return status;
  }
  int fd = socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return refuse(error, error_size, spec, "socket", errno);
  }
  const char *failed = is_unix ? bind_unix(fd, &address) : bind_inet(fd, &address);
  if (failed != NULL) {
    status = refuse(error, error_size, spec, failed, errno);
    (void)close(fd);
    return status;
  }
  size_t i = listeners->count++;
  listeners->socket[i].fd = fd;
  listeners->socket[i].owned = true;
  listeners->socket[i].is_unix = is_unix;
  struct stat file;
  if (is_unix) {
    const char *path = ((const struct sockaddr_un *)&address.address)->sun_path;
    memcpy(listeners->socket[i].path, path, sizeof(listeners->socket[i].path));
    if (lstat(path, &file) == 0) {
      listeners->socket[i].device = (unsigned long)file.st_dev;
      listeners->socket[i].inode = (unsigned long)file.st_ino;
    }
  }
  return listen(fd, backlog) == 0 ? UA_OK : refuse(error, error_size, spec, "listen", errno);
}

static ua_status take_passed(int fd, ua_listeners *listeners, char *error, size_t error_size)
{
  if (!is_listening(fd) || !set_flags(fd)) {
    (void)snprintf(error, error_size, "inherited descriptor %d is not a listening stream socket", fd);
    return UA_BAD_REQUEST;
  }
  size_t i = listeners->count++;
  listeners->socket[i].fd = fd;
  listeners->socket[i].is_unix = socket_option(fd, SO_DOMAIN) == AF_UNIX;
  return UA_OK;
}

/* Number of sockets that systemd passed to this very process, sd_listen_fds(3). */
static size_t passed_count(void)
{
  uint64_t process = 0, count = 0;
  if (!ua_text_to_uint(ua_text_of(getenv("LISTEN_PID")), INT32_MAX, &process) ||
      process != (uint64_t)getpid() ||
      !ua_text_to_uint(ua_text_of(getenv("LISTEN_FDS")), UA_MAX_LISTENERS, &count)) {
    return 0;
  }
  return (size_t)count;
}

ua_status ua_process_listeners_open(const char *const *specs, size_t count, int backlog,
                                    ua_listeners *listeners_r, char *error, size_t error_size)
{
  ua_listeners listeners = {.count = 0};
  ua_status status = UA_OK;
  size_t passed = count == 0 ? passed_count() : 0;
  if (count > UA_MAX_LISTENERS || (count == 0 && passed == 0 && !ua_process_listener_inherited())) {
    (void)snprintf(error, error_size, "%s",
                   count == 0 ? "no address to listen on (--listen unix:/path or 127.0.0.1:PORT)"
                              : "too many addresses to listen on");
    return UA_BAD_REQUEST;
  }
  for (size_t i = 0; i < count && status == UA_OK; i++) {
    status = open_own(specs[i], backlog, &listeners, error, error_size);
  }
  for (size_t i = 0; i < passed && status == UA_OK; i++) {
    status = take_passed(FIRST_PASSED_FD + (int)i, &listeners, error, error_size);
  }
  if (count == 0 && passed == 0) {
    status = take_passed(STDIN_FILENO, &listeners, error, error_size);
  }
  if (status != UA_OK) {
    ua_process_listeners_close(&listeners);
    return status;
  }
  *listeners_r = listeners;
  return UA_OK;
}

void ua_process_listeners_shut(const ua_listeners *listeners)
{
  for (size_t i = 0; i < listeners->count; i++) {
    /* On TCP this would reset the queue instead. */
    if (listeners->socket[i].owned && listeners->socket[i].is_unix) {
      (void)shutdown(listeners->socket[i].fd, SHUT_RD);
    }
  }
}

void ua_process_listeners_close(ua_listeners *listeners)
{
  for (size_t i = 0; i < listeners->count; i++) {
    struct stat file;
    if (listeners->socket[i].owned && listeners->socket[i].is_unix &&
        lstat(listeners->socket[i].path, &file) == 0 &&
        (unsigned long)file.st_dev == listeners->socket[i].device &&
        (unsigned long)file.st_ino == listeners->socket[i].inode) {
      (void)unlink(listeners->socket[i].path);
    }
    (void)close(listeners->socket[i].fd);
  }
  listeners->count = 0;
}
