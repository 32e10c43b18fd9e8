/* A worker's connections, without a worker. */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fastcgi/fastcgi.h"
#include "unit.h"

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

/* A child that a handler has forked has all descriptors of its worker. */
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
      cmocka_unit_test(a_dropped_connection_that_somebody_else_keeps_open_is_no_event),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
