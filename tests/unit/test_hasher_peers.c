/* The hasher with peers that break the protocol, and with processes that die at any moment. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "hasher.h"
#include "process/hash_messages.h"
#include "process/hasher_thread.h"

enum { A = 1, B = 2, REQUESTS = 40 };

static int connect_raw(const fixture *pool)
{
  int fd = ua_process_hash_channel_connect(pool->channel.worker_fd);
  assert_true(fd >= 0);
  return fd;
}

static ssize_t send_raw(int fd, const ua_hash_message *message)
{
  unsigned char bytes[UA_HASH_MESSAGE_BYTES];
  size_t length = ua_process_hash_messages_write(message, bytes);
  assert_true(length > 0);
  return send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void ask_raw(int fd, uint64_t request, unsigned char source)
{
  ua_hash_message message = {.kind = UA_HASH_ASK, .request = request, .source = {source}};
  assert_true(send_raw(fd, &message) > 0);
}

/* The next message; 0 for the end of the connection. */
static ua_hash_message_kind receive(int fd, ua_hash_message *message_r)
{
  static unsigned char bytes[UA_HASH_MESSAGE_BYTES];
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
  ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (length <= 0) {
    return 0;
  }
  assert_true(ua_process_hash_messages_read(bytes, (size_t)length, false, message_r));
  return message_r->kind;
}

static void assert_closed(int fd)
{
  ua_hash_message message;
  for (ua_hash_message_kind kind = UA_HASH_TURN; kind != 0;) {
    kind = receive(fd, &message);
  }
  (void)close(fd);
}

static void assert_serves(const fixture *pool)
{
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job job = making("secret", COST);
  open_peer(pool, &worker);
  assert_int_equal(enter(&worker, 0, B, &began), UA_OK);
  assert_int_equal(run(&worker, 0, &job, &outcome), UA_OK);
  close_peer(&worker);
}

static void nonsense_ends_the_connection_and_nothing_else(void **state)
{
  static const unsigned char far_too_long[2 * UA_HASH_MESSAGE_BYTES] = {UA_HASH_DROP};
  static const unsigned char unknown[9] = {99};
  static const unsigned char hashers[9] = {UA_HASH_TURN};
  static const unsigned char cut[8] = {UA_HASH_DROP};
  static const struct {
    const unsigned char *bytes;
    size_t length;
  } packets[] = {{far_too_long, sizeof far_too_long},
                 {far_too_long, UA_HASH_MESSAGE_BYTES + 1},
                 {unknown, sizeof unknown},
                 {hashers, sizeof hashers},
                 {cut, sizeof cut},
                 {cut, 0}};
  for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
    int fd = connect_raw(*state);
    assert_int_equal(send(fd, packets[i].bytes, packets[i].length, MSG_NOSIGNAL), packets[i].length);
    assert_closed(fd);
  }
  assert_serves(*state);
}

static void a_job_without_a_turn_ends_the_connection(void **state)
{
  ua_hash_message job = {.kind = UA_HASH_GO, .request = 1, .job = making("secret", COST)};
  int fd = connect_raw(*state);
  assert_true(send_raw(fd, &job) > 0);
  assert_closed(fd);
  assert_serves(*state);
}

static void a_second_job_of_one_turn_ends_the_connection(void **state)
{
  ua_hash_message answer;
  ua_hash_message job = {.kind = UA_HASH_GO, .request = 1, .job = making("secret", COST)};
  int fd = connect_raw(*state);
  ask_raw(fd, 1, A);
  assert_int_equal(receive(fd, &answer), UA_HASH_TURN);
  assert_true(send_raw(fd, &job) > 0);
  assert_true(send_raw(fd, &job) > 0);
  assert_closed(fd);
  assert_serves(*state);
}

static void a_request_that_asks_twice_ends_the_connection(void **state)
{
  int fd = connect_raw(*state);
  ask_raw(fd, 1, A);
  ask_raw(fd, 1, A);
  assert_closed(fd);
  assert_serves(*state);
}

static void what_is_dropped_and_was_never_there_is_no_matter(void **state)
{
  ua_hash_message drop = {.kind = UA_HASH_DROP, .request = 9};
  ua_hash_message answer;
  int fd = connect_raw(*state);
  assert_true(send_raw(fd, &drop) > 0);
  ask_raw(fd, 1, A);
  assert_int_equal(receive(fd, &answer), UA_HASH_TURN);
  assert_int_equal(answer.request, 1);
  (void)close(fd);
}

static void a_peer_that_does_not_read_is_dropped(void **state)
{
  int fd = connect_raw(*state);
  int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS;
  ssize_t sent = 1;
  for (uint64_t i = 1; sent > 0 || errno == EAGAIN; i++) { /* each beyond the 16th is refused */
    ua_hash_message message = {.kind = UA_HASH_ASK, .request = i, .source = {A}};
    sent = send_raw(fd, &message);
    assert_true(ua_clock_monotonic_ms() < deadline);
  }
  assert_closed(fd);
  assert_serves(*state);
}

static void a_process_has_two_connections_at_most(void **state)
{
  int fd[3];
  ua_hash_message answer;
  for (size_t i = 0; i < 3; i++) {
    fd[i] = connect_raw(*state);
  }
  assert_closed(fd[0]);
  ask_raw(fd[1], 1, A);
  assert_int_equal(receive(fd[1], &answer), UA_HASH_TURN);
  ask_raw(fd[2], 1, B);
  assert_int_equal(receive(fd[2], &answer), UA_HASH_TURN);
  (void)close(fd[1]);
  (void)close(fd[2]);
}

/* Sends descriptors, or none, over the channel. */
static void send_over_channel(const fixture *pool, const int *fds, size_t count, size_t length)
{
  char byte = 'x';
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(4 * sizeof(int))];
  } control = {.bytes = {0}};
  struct iovec data = {.iov_base = &byte, .iov_len = length};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
  }
  assert_int_equal(sendmsg(pool->channel.worker_fd, &message, MSG_NOSIGNAL), length);
}

static void what_is_no_connection_is_not_accepted(void **state)
{
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int stream[2];
  int packets[2];
  int pipes[2];
  char byte;
  assert_true(null >= 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream), 0);
  assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, packets), 0);
  assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
  send_over_channel(*state, NULL, 0, 0);
  send_over_channel(*state, NULL, 0, 1);
  send_over_channel(*state, &null, 1, 1);
  send_over_channel(*state, &stream[1], 1, 1);
  send_over_channel(*state, (const int[]){pipes[1], pipes[1], packets[1], pipes[1]}, 4, 1);
  (void)close(stream[1]);
  (void)close(pipes[1]);
  assert_serves(*state);
  assert_int_equal(recv(stream[0], &byte, 1, 0), 0); /* no process has the other end any longer */
  assert_int_equal(read(pipes[0], &byte, 1), 0);
  const int left[] = {null, stream[0], packets[0], packets[1], pipes[0]};
  for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
    (void)close(left[i]);
  }
}

static void a_channel_that_is_shut_down_ends_the_hasher(void **state)
{
  fixture *pool = *state;
  int status = -1;
  assert_false(ua_process_hash_channel_has_ended(pool->channel.hasher_fd));
  assert_int_equal(shutdown(pool->channel.worker_fd, SHUT_RDWR), 0);
  assert_int_equal(waitpid(pool->pid, &status, 0), pool->pid);
  assert_int_equal(status, 0);
  pool->pid = 0;
  assert_true(ua_process_hash_channel_has_ended(pool->channel.hasher_fd));
}

static void end_worker(pid_t pid)
{
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_connection_that_has_ended_is_watched_by_nobody(void **state)
{
  fixture *pool = *state;
  peer worker;
  struct epoll_event event;
  open_peer(pool, &worker);
  assert_waits(&worker, 1, A);
  pid_t holder = fork_child(); /* a program of the host, which has inherited the connection */
  if (holder == 0) {
    (void)pause();
    _exit(EXIT_SUCCESS);
  }
  pump_until_woken(&worker, 1);
  kill_hasher(pool);
  start_hasher(pool);
  pump_until_woken(&worker, 1);
  assert_int_equal(epoll_wait(worker.epoll_fd, &event, 1, 0), 0);
  end_worker(holder);
  close_peer(&worker);
}

static void it_shows_that_it_lives(void **state)
{
  fixture *pool = *state;
  int64_t before = ua_clock_monotonic_ms();
  while (atomic_load(&pool->board->alive_ms) <= before + UA_HASHER_BEAT_MS) {
    assert_true(ua_clock_monotonic_ms() < before + PATIENCE_MS);
    (void)poll(NULL, 0, 1);
  }
}

/* A worker that is killed while it asks, holds turns and waits for hashes. */
static void run_until_killed(const fixture *pool)
{
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job job = making("secret", COST);
  open_peer(pool, &worker);
  for (uint64_t i = 1;; i = i % 8 + 1) {
    if (enter(&worker, i, (unsigned char)(i % 5), &began) == UA_OK) {
      (void)run(&worker, i, &job, &outcome);
      leave(&worker, i % 3 == 0 ? i : 0);
    }
    worker.woken_count = 0;
    pump(&worker);
  }
}

static pid_t start_worker(const fixture *pool)
{
  pid_t pid = fork_child();
  if (pid == 0) {
    run_until_killed(pool);
    _exit(EXIT_SUCCESS);
  }
  return pid;
}

/* Runs one request from the first call to its outcome; false: BUSY on the way. */
static bool finish_one(peer *worker, uint64_t request, int64_t deadline)
{
  ua_hash_job job = making("secret", COST);
  ua_hash_outcome outcome;
  bool began;
  ua_status status = UA_PENDING;
  while (status == UA_PENDING) {
    assert_true(ua_clock_monotonic_ms() < deadline);
    status = enter(worker, request, A, &began);
    if (status == UA_OK) {
      status = run(worker, request, &job, &outcome);
    }
    worker->woken_count = 0;
    if (status == UA_PENDING) {
      pump(worker);
    }
  }
  leave(worker, request);
  assert_true(status == UA_OK || status == UA_BUSY);
  return status == UA_OK;
}

static void whoever_is_killed_whenever_nobody_waits_for_ever(void **state)
{
  fixture *pool = *state;
  peer worker;
  size_t done = 0;
  pid_t other = start_worker(pool);
  open_peer(pool, &worker);
  atomic_store(&pool->board->slots, 2);
  srand(20261126);
  for (uint64_t i = 1; i <= REQUESTS; i++) {
    done += finish_one(&worker, i, ua_clock_monotonic_ms() + PATIENCE_MS);
    if (rand() % 5 == 0) {
      kill_hasher(pool);
      start_hasher(pool);
    }
    if (rand() % 5 == 0) {
      end_worker(other);
      other = start_worker(pool);
    }
  }
  end_worker(other);
  assert_true(done > 0);
  assert_true(finish_one(&worker, 1000, ua_clock_monotonic_ms() + PATIENCE_MS));
  close_peer(&worker);
}

static void a_thread_of_a_single_process_does_the_same(void **state)
{
  (void)state;
  ua_hasher_thread *thread = NULL;
  peer worker;
  ua_hash_outcome outcome;
  bool began;
  ua_hash_job job = making("secret", COST);
  assert_int_equal(ua_process_hasher_thread_start(1, &thread), UA_OK);
  fixture pool = {.channel = {.hasher_fd = -1, .worker_fd = ua_process_hasher_thread_channel(thread)}};
  open_peer(&pool, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_PENDING);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_OK);
  assert_int_equal(outcome.status, UA_OK);
  leave(&worker, 1);
  assert_int_equal(enter(&worker, 2, A, &began), UA_PENDING);
  close_peer(&worker);
  ua_process_hasher_thread_end(&thread);
  assert_null(thread);
  ua_process_hasher_thread_end(&thread);
}

static void a_thread_ends_with_a_hash_under_way(void **state)
{
  (void)state;
  ua_hasher_thread *thread = NULL;
  peer worker;
  ua_hash_outcome outcome;
  ua_hash_job job = making("secret", LONG_COST - 4);
  assert_int_equal(ua_process_hasher_thread_start(1, &thread), UA_OK);
  fixture pool = {.channel = {.hasher_fd = -1, .worker_fd = ua_process_hasher_thread_channel(thread)}};
  open_peer(&pool, &worker);
  assert_waits(&worker, 1, A);
  pump_until_woken(&worker, 1);
  assert_int_equal(run(&worker, 1, &job, &outcome), UA_PENDING);
  close_peer(&worker);
  ua_process_hasher_thread_end(&thread);
  assert_null(thread);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nonsense_ends_the_connection_and_nothing_else, create, destroy),
      cmocka_unit_test_setup_teardown(a_job_without_a_turn_ends_the_connection, create, destroy),
      cmocka_unit_test_setup_teardown(a_second_job_of_one_turn_ends_the_connection, create, destroy),
      cmocka_unit_test_setup_teardown(a_request_that_asks_twice_ends_the_connection, create, destroy),
      cmocka_unit_test_setup_teardown(what_is_dropped_and_was_never_there_is_no_matter, create, destroy),
      cmocka_unit_test_setup_teardown(a_peer_that_does_not_read_is_dropped, create, destroy),
      cmocka_unit_test_setup_teardown(a_process_has_two_connections_at_most, create, destroy),
      cmocka_unit_test_setup_teardown(what_is_no_connection_is_not_accepted, create, destroy),
      cmocka_unit_test_setup_teardown(a_channel_that_is_shut_down_ends_the_hasher, create, destroy),
      cmocka_unit_test_setup_teardown(a_connection_that_has_ended_is_watched_by_nobody, create, destroy),
      cmocka_unit_test_setup_teardown(it_shows_that_it_lives, create, destroy),
      cmocka_unit_test_setup_teardown(whoever_is_killed_whenever_nobody_waits_for_ever, create, destroy),
      cmocka_unit_test(a_thread_of_a_single_process_does_the_same),
      cmocka_unit_test(a_thread_ends_with_a_hash_under_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
