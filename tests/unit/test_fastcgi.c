/* A worker's connections, without a worker. */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fastcgi/fastcgi.h"
#include "unit.h"
#include "wire.h"

enum { PATIENCE_MS = 20000 };

static ua_text answer(void *context, ua_arena *arena, const ua_input *input)
{
  (void)context;
  (void)arena;
  (void)input;
  return UA_TEXT("Status: 200 OK\r\n\r\n");
}

static bool sleeps(void *context, uint64_t id)
{
  (void)context;
  (void)id;
  return false;
}

static void forget(void *context, uint64_t id)
{
  (void)context;
  (void)id;
}

/* A handler that makes every request wait, and some sleep until they are woken. */
typedef struct waiting {
  bool is_asleep;
  size_t tries;
  size_t last_tries;
  uint64_t id;
} waiting;

static ua_text answer_later(void *context, ua_arena *arena, const ua_input *input)
{
  waiting *seen = context;
  (void)arena;
  seen->tries++;
  seen->last_tries += input->last_try;
  seen->id = input->id;
  return UA_TEXT_ABSENT;
}

static bool sleeps_as_told(void *context, uint64_t id)
{
  const waiting *seen = context;
  return seen->is_asleep && id == seen->id;
}

static void send_request(int fd)
{
  static wire request;
  request.length = 0;
  wire_begin(&request, 1, 1, 0);
  wire_record(&request, 4, 1, "", 0, 0);
  wire_record(&request, 5, 1, "", 0, 0);
  assert_int_equal(write(fd, request.bytes, request.length), (ssize_t)request.length);
}

static void a_request_that_sleeps_is_tried_again_when_it_is_woken_and_no_sooner(void **state)
{
  (void)state;
  int pair[2];
  waiting seen = {.is_asleep = true};
  int epoll_fd = epoll_create1(0);
  ua_fastcgi_settings settings = {.epoll_fd = epoll_fd,
                                  .body_limit = 1024,
                                  .limits = {.begin_ms = 9999, .idle_ms = 9999, .transfer_ms = 9999}};
  ua_fastcgi_handler handler = {
      .answer = answer_later, .sleeps = sleeps_as_told, .forget = forget, .context = &seen};
  ua_fastcgi *fastcgi = ua_fastcgi_create(&settings, &handler);
  assert_non_null(fastcgi);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  send_request(pair[1]);
  ua_fastcgi_accept(fastcgi, pair[0]);
  assert_int_equal(seen.tries, 1);
  assert_int_equal(ua_fastcgi_parked(fastcgi), 1);
  assert_int_equal(ua_fastcgi_awake(fastcgi), 0);
  assert_false(ua_fastcgi_retry(fastcgi));
  ua_fastcgi_wake(fastcgi, seen.id + 1);
  assert_false(ua_fastcgi_retry(fastcgi));
  assert_int_equal(seen.tries, 1);
  ua_fastcgi_wake(fastcgi, seen.id);
  assert_int_equal(ua_fastcgi_awake(fastcgi), 1);
  seen.is_asleep = false;
  assert_false(ua_fastcgi_retry(fastcgi));
  assert_false(ua_fastcgi_retry(fastcgi));
  assert_int_equal(seen.tries, 3);
  assert_int_equal(seen.last_tries, 0);
  assert_int_equal(ua_fastcgi_awake(fastcgi), 1);
  ua_fastcgi_destroy(&fastcgi);
  (void)close(pair[1]);
  (void)close(epoll_fd);
}

/* A child that a handler has forked inherits all descriptors of its worker. */
static void a_dropped_connection_that_somebody_else_keeps_open_is_no_event(void **state)
{
  (void)state;
  int pair[2];
  struct epoll_event event;
  int epoll_fd = epoll_create1(0);
  ua_fastcgi_settings settings = {
      .epoll_fd = epoll_fd, .body_limit = 1024, .limits = {.begin_ms = 1, .idle_ms = 1, .transfer_ms = 1}};
  ua_fastcgi_handler handler = {.answer = answer, .sleeps = sleeps, .forget = forget};
  ua_fastcgi *fastcgi = ua_fastcgi_create(&settings, &handler);
  assert_non_null(fastcgi);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  int kept = dup(pair[0]);
  ua_fastcgi_accept(fastcgi, pair[0]);
  assert_int_equal(ua_fastcgi_held(fastcgi), 1);
  for (int64_t deadline = ua_clock_monotonic_ms() + PATIENCE_MS; ua_fastcgi_held(fastcgi) > 0;) {
    int64_t now = ua_clock_monotonic_ms();
    assert_true(now < deadline);
    (void)ua_fastcgi_settle(fastcgi, now, 0, true);
  }
  assert_int_equal(write(pair[1], "x", 1), 1);
  assert_int_equal(epoll_wait(epoll_fd, &event, 1, 0), 0);
  ua_fastcgi_destroy(&fastcgi);
  (void)close(kept);
  (void)close(pair[1]);
  (void)close(epoll_fd);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_that_sleeps_is_tried_again_when_it_is_woken_and_no_sooner),
      cmocka_unit_test(a_dropped_connection_that_somebody_else_keeps_open_is_no_event),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
