/* How long a peer may keep its connection in each phase. Every phase has a limit, whatever the peer does. */
#include "fastcgi/connection.h"
#include "unit.h"

enum { BEGAN_MS = 100000, LINGERING_MS = 2000 };

static const ua_connection_limits limits = {.begin_ms = 4000, .idle_ms = 10000, .transfer_ms = 30000};

/* The milliseconds from the beginning of the phase to its deadline. The peer made progress `progress_ms`
 * after the beginning. */
static int64_t time_for(ua_connection_phase phase, int64_t progress_ms, size_t received)
{
  const ua_connection connection = {
      .phase = phase, .began_ms = BEGAN_MS, .progress_ms = BEGAN_MS + progress_ms, .received = received};
  return ua_fastcgi_connection_deadline(&connection, &limits) - BEGAN_MS;
}

static void a_request_has_to_begin_soon(void **state)
{
  (void)state;
  assert_int_equal(time_for(UA_CONNECTION_READING, 0, 0), limits.begin_ms);
  assert_int_equal(time_for(UA_CONNECTION_READING, 3000, 15), limits.begin_ms);
}

static void a_peer_that_stalls_is_given_up(void **state)
{
  (void)state;
  assert_int_equal(time_for(UA_CONNECTION_READING, 5000, 16), 5000 + limits.idle_ms);
  assert_int_equal(time_for(UA_CONNECTION_WRITING, 5000, 16), 5000 + limits.idle_ms);
}

static void a_peer_that_goes_on_byte_by_byte_is_given_up_as_well(void **state)
{
  (void)state;
  assert_int_equal(time_for(UA_CONNECTION_READING, 29000, 1000), limits.transfer_ms);
  assert_int_equal(time_for(UA_CONNECTION_WRITING, 29000, 1000), limits.transfer_ms);
}

static void once_it_is_answered_it_has_two_seconds_whatever_it_still_sends(void **state)
{
  (void)state;
  assert_int_equal(time_for(UA_CONNECTION_LINGERING, 0, 1000), LINGERING_MS);
  assert_int_equal(time_for(UA_CONNECTION_LINGERING, 1900, 100000), LINGERING_MS);
}

static void a_request_that_is_answered_or_waits_is_not_its_peers_fault(void **state)
{
  (void)state;
  assert_int_equal(time_for(UA_CONNECTION_WHOLE, 0, 1000), INT64_MAX - BEGAN_MS);
  assert_int_equal(time_for(UA_CONNECTION_PARKED, 0, 1000), INT64_MAX - BEGAN_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_has_to_begin_soon),
      cmocka_unit_test(a_peer_that_stalls_is_given_up),
      cmocka_unit_test(a_peer_that_goes_on_byte_by_byte_is_given_up_as_well),
      cmocka_unit_test(once_it_is_answered_it_has_two_seconds_whatever_it_still_sends),
      cmocka_unit_test(a_request_that_is_answered_or_waits_is_not_its_peers_fault),
  };
  return cmocka_run_group_tests_name("deadlines", tests, NULL, NULL);
}
