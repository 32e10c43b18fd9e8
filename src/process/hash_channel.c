#include "process/hash_channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NONBLOCKING_PACKETS = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK };

ua_status ua_process_hash_channel_open(ua_hash_channel *channel_r)
{
  int fd[2];
  const int on = 1;
  *channel_r = (ua_hash_channel){.hasher_fd = -1, .worker_fd = -1};
  if (socketpair(AF_UNIX, NONBLOCKING_PACKETS, 0, fd) != 0) {
    return UA_INTERNAL;
  }
  *channel_r = (ua_hash_channel){.hasher_fd = fd[0], .worker_fd = fd[1]};
  /* The kernel reports the sender, so no worker can use the other workers' share of connections. */
  if (setsockopt(fd[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0) {
    ua_process_hash_channel_close(channel_r);
    return UA_INTERNAL;
  }
  return UA_OK;
}

static void close_end(int *fd)
{
  if (*fd >= 0) {
    (void)close(*fd);
    *fd = -1;
  }
}

void ua_process_hash_channel_close(ua_hash_channel *channel)
{
  close_end(&channel->hasher_fd);
  close_end(&channel->worker_fd);
}

/* Closing is not enough: a program that the host has forked may have the channel, too. */
void ua_process_hash_channel_end(ua_hash_channel *channel)
{
  if (channel->worker_fd >= 0) {
    (void)shutdown(channel->worker_fd, SHUT_RDWR);
  }
  ua_process_hash_channel_close(channel);
}

bool ua_process_hash_channel_has_ended(int hasher_fd)
{
  struct pollfd channel = {.fd = hasher_fd, .events = POLLIN};
  return poll(&channel, 1, 0) > 0 && (channel.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

int ua_process_hash_channel_connect(int worker_fd)
{
  int fd[2];
  char byte = 'c';
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec data = {.iov_base = &byte, .iov_len = sizeof(byte)};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
  if (socketpair(AF_UNIX, NONBLOCKING_PACKETS, 0, fd) != 0) {
    return -1;
  }
  memset(&control, 0, sizeof(control));
  control.header =
      (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(&control.header), &fd[1], sizeof(int));
  ssize_t sent = sendmsg(worker_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  int failure = errno;
  (void)close(fd[1]);
  if (sent != (ssize_t)sizeof(byte)) {
    (void)close(fd[0]);
    errno = failure;
    return -1;
  }
  return fd[0];
}

void ua_process_hash_channel_disconnect(int epoll_fd, int fd)
{
  (void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  (void)shutdown(fd, SHUT_RDWR);
  (void)close(fd);
}

/* Whether it is a socket like those that ua_process_hash_channel_connect makes. */
static bool is_connection(int fd)
{
  int domain = 0;
  int type = 0;
  socklen_t domain_size = sizeof(domain);
  socklen_t type_size = sizeof(type);
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) == 0 && domain == AF_UNIX &&
         getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_SEQPACKET;
}

/* The last descriptor of the message, -1 for none; closes the others. *process_r: the sender. */
static int read_control(struct msghdr *message, pid_t *process_r)
{
  int fd = -1;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(part), sizeof(sender));
      *process_r = sender.pid;
    }
    for (size_t at = 0; part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS &&
                        CMSG_LEN(at + sizeof(fd)) <= part->cmsg_len;
         at += sizeof(fd)) {
      close_end(&fd);
      memcpy(&fd, CMSG_DATA(part) + at, sizeof(fd));
    }
  }
  return fd;
}

ua_status ua_process_hash_channel_accept(int hasher_fd, int *fd_r, pid_t *process_r)
{
  char byte;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec data = {.iov_base = &byte, .iov_len = sizeof(byte)};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
  ssize_t received = recvmsg(hasher_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) {
    return errno == EAGAIN || errno == EINTR ? UA_PENDING : UA_UNAVAILABLE;
  }
  pid_t process = 0;
  int fd = read_control(&message, &process);
  if (received == 0 && fd < 0 && ua_process_hash_channel_has_ended(hasher_fd)) {
    return UA_UNAVAILABLE;
  }
  if (fd < 0 || process <= 0 || !is_connection(fd)) {
    close_end(&fd);
    return UA_BAD_REQUEST;
  }
  *fd_r = fd;
  *process_r = process;
  return UA_OK;
}
