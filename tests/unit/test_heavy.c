#include <stdlib.h>
#include <string.h>

#include "process/heavy.h"
#include "unit.h"

enum {
  ROUNDS = 40,
  STEPS = 2000,
  MOST_WORKERS = 6,
  MOST_CALLERS = 5,
  MOST_LIMIT = 4,
  A = 1,
  B = 2,
  C = 3,
};

static int create(void **state)
{
  ua_heavy *heavy = calloc(1, sizeof *heavy);
  *state = heavy;
  return heavy == NULL;
}

static int destroy(void **state)
{
  free(*state);
  return 0;
}

static ua_heavy *with_limit(void **state, size_t limit)
{
  ua_heavy *heavy = *state;
  atomic_store(&heavy->limit, limit);
  return heavy;
}

static void assert_runs(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller)
{
  assert_int_equal(ua_process_heavy_ask(heavy, worker, request, caller), UA_OK);
}

static void assert_waits(ua_heavy *heavy, size_t worker, uint64_t request, int32_t caller)
{
  assert_int_equal(ua_process_heavy_ask(heavy, worker, request, caller), UA_PENDING);
}

static void a_second_search_of_a_caller_waits_for_the_first(void **state)
{
  ua_heavy *heavy = with_limit(state, 4);
  assert_runs(heavy, 0, 1, A);
  assert_waits(heavy, 1, 1, A);
  assert_true(ua_process_heavy_must_wait(heavy, 1, 1));
  assert_runs(heavy, 2, 1, B);
  assert_true(ua_process_heavy_end(heavy, 0, 1));
  assert_false(ua_process_heavy_must_wait(heavy, 1, 1));
  assert_runs(heavy, 1, 1, A);
}

static void no_more_search_at_a_time_than_may(void **state)
{
  ua_heavy *heavy = with_limit(state, 2);
  assert_runs(heavy, 0, 1, A);
  assert_runs(heavy, 1, 1, B);
  assert_waits(heavy, 2, 1, C);
  assert_true(ua_process_heavy_end(heavy, 1, 1));
  assert_runs(heavy, 2, 1, C);
}

static void the_oldest_goes_first_whoever_asks_first(void **state)
{
  ua_heavy *heavy = with_limit(state, 1);
  assert_runs(heavy, 0, 1, A);
  assert_waits(heavy, 1, 1, B);
  assert_waits(heavy, 2, 1, C);
  assert_true(ua_process_heavy_end(heavy, 0, 1));
  assert_waits(heavy, 0, 2, A);
  assert_waits(heavy, 2, 1, C);
  assert_runs(heavy, 1, 1, B);
  assert_true(ua_process_heavy_end(heavy, 1, 1));
  assert_waits(heavy, 0, 2, A);
  assert_runs(heavy, 2, 1, C);
}

static void a_search_that_waits_in_a_busy_worker_lets_younger_ones_pass(void **state)
{
  ua_heavy *heavy = with_limit(state, 2);
  assert_runs(heavy, 0, 1, A);
  assert_waits(heavy, 1, 2, A);
  assert_runs(heavy, 1, 3, B);
  assert_waits(heavy, 2, 1, C);
  assert_true(ua_process_heavy_end(heavy, 0, 1));
  assert_runs(heavy, 2, 1, C);
}

static void the_ninth_of_a_caller_is_refused_and_not_kept(void **state)
{
  ua_heavy *heavy = with_limit(state, 1);
  assert_runs(heavy, 0, 1, A);
  for (uint64_t i = 2; i <= UA_MAX_SEARCHES_OF_CALLER; i++) {
    assert_waits(heavy, 1, i, A);
  }
  assert_int_equal(ua_process_heavy_ask(heavy, 2, 9, A), UA_TOO_MANY_REQUESTS);
  assert_false(ua_process_heavy_end(heavy, 2, 9));
  assert_waits(heavy, 1, 2, A); /* waiting requests may ask as often as they like */
  assert_waits(heavy, 2, 9, B);
  assert_true(ua_process_heavy_end(heavy, 1, 5));
  assert_waits(heavy, 2, 10, A);
}

static void the_table_is_bounded(void **state)
{
  ua_heavy *heavy = with_limit(state, 1);
  assert_runs(heavy, 0, 1, 0);
  for (int32_t caller = 1; caller < UA_MAX_SEARCHES; caller++) {
    assert_waits(heavy, 1, (uint64_t)caller, caller);
  }
  assert_int_equal(ua_process_heavy_ask(heavy, 2, 1, UA_MAX_SEARCHES), UA_TOO_MANY_REQUESTS);
  assert_true(ua_process_heavy_end(heavy, 1, 7));
  assert_waits(heavy, 2, 1, UA_MAX_SEARCHES);
}

static void a_workers_searches_vanish_with_it(void **state)
{
  ua_heavy *heavy = with_limit(state, 1);
  assert_runs(heavy, 0, 1, A);
  assert_waits(heavy, 1, 1, A);
  assert_waits(heavy, 0, 2, B);
  assert_true(ua_process_heavy_end_worker(heavy, 0));
  assert_false(ua_process_heavy_end_worker(heavy, 0));
  assert_false(ua_process_heavy_end(heavy, 0, 2));
  assert_runs(heavy, 1, 1, A);
}

static void requests_of_the_same_number_in_two_workers_are_two(void **state)
{
  ua_heavy *heavy = with_limit(state, 2);
  assert_runs(heavy, 0, 7, A);
  assert_runs(heavy, 1, 7, B);
  assert_true(ua_process_heavy_end(heavy, 0, 7));
  assert_true(ua_process_heavy_end(heavy, 1, 7));
}

/* --- a model: a list in the order of arrival --- */

typedef struct model_claim {
  size_t worker;
  uint64_t request;
  int32_t caller;
  bool runs;
} model_claim;

typedef struct queue_model {
  size_t limit;
  size_t count;
  model_claim claim[MOST_CALLERS * UA_MAX_SEARCHES_OF_CALLER];
} queue_model;

static size_t model_find(const queue_model *model, size_t worker, uint64_t request)
{
  size_t i = 0;
  while (i < model->count && (model->claim[i].worker != worker || model->claim[i].request != request)) {
    i++;
  }
  return i;
}

static bool model_worker_runs(const queue_model *model, size_t worker)
{
  bool runs = false;
  for (size_t i = 0; i < model->count; i++) {
    runs = runs || (model->claim[i].worker == worker && model->claim[i].runs);
  }
  return runs;
}

/* Gives free turns to the queue, in its order. */
static bool model_may_begin(const queue_model *model, size_t asking)
{
  bool served[MOST_CALLERS] = {false};
  size_t places = 0;
  for (size_t i = 0; i < model->count; i++) {
    if (model->claim[i].runs) {
      served[model->claim[i].caller] = true;
      places++;
    }
  }
  for (size_t i = 0; i < model->count && places < model->limit; i++) {
    const model_claim *claim = &model->claim[i];
    if (!claim->runs && !served[claim->caller] && !model_worker_runs(model, claim->worker)) {
      if (i == asking) {
        return true;
      }
      served[claim->caller] = true;
      places++;
    }
  }
  return false;
}

static ua_status model_ask(queue_model *model, size_t worker, uint64_t request, int32_t caller)
{
  size_t i = model_find(model, worker, request);
  if (i == model->count) {
    size_t of_caller = 0;
    for (size_t other = 0; other < model->count; other++) {
      of_caller += model->claim[other].caller == caller;
    }
    if (of_caller == UA_MAX_SEARCHES_OF_CALLER) {
      return UA_TOO_MANY_REQUESTS;
    }
    model->claim[model->count++] = (model_claim){worker, request, caller, false};
  }
  model->claim[i].runs = model_may_begin(model, i);
  return model->claim[i].runs ? UA_OK : UA_PENDING;
}

static bool model_end(queue_model *model, size_t worker, uint64_t request)
{
  size_t i = model_find(model, worker, request);
  if (i == model->count) {
    return false;
  }
  model->count--;
  memmove(&model->claim[i], &model->claim[i + 1], (model->count - i) * sizeof model->claim[0]);
  return true;
}

static void assert_rules_hold(const queue_model *model)
{
  for (size_t i = 0; i < model->count; i++) {
    for (size_t j = 0; j < i; j++) {
      const model_claim *a = &model->claim[i];
      const model_claim *b = &model->claim[j];
      assert_false(a->runs && b->runs && (a->caller == b->caller || a->worker == b->worker));
    }
  }
}

typedef struct random_numbers {
  uint64_t state;
} random_numbers;

static size_t below(random_numbers *numbers, size_t bound)
{
  numbers->state = numbers->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(numbers->state >> 33) % bound;
}

static void step(random_numbers *numbers, ua_heavy *heavy, queue_model *model, uint64_t *last_request)
{
  size_t worker = below(numbers, MOST_WORKERS);
  size_t what = below(numbers, 100);
  size_t some = model->count == 0 ? 0 : below(numbers, model->count);
  model_claim *claim = &model->claim[some];
  if (what < 35 && !model_worker_runs(model, worker)) {
    int32_t caller = (int32_t)below(numbers, MOST_CALLERS);
    uint64_t request = ++*last_request;
    assert_int_equal(ua_process_heavy_ask(heavy, worker, request, caller),
                     model_ask(model, worker, request, caller));
  } else if (what < 75 && model->count > 0 && !model_worker_runs(model, claim->worker)) {
    model_claim asked = *claim;
    assert_int_equal(ua_process_heavy_must_wait(heavy, asked.worker, asked.request),
                     !model_may_begin(model, some));
    assert_int_equal(ua_process_heavy_ask(heavy, asked.worker, asked.request, asked.caller),
                     model_ask(model, asked.worker, asked.request, asked.caller));
  } else if (what < 96 && model->count > 0) {
    model_claim ended = *claim;
    assert_true(ua_process_heavy_end(heavy, ended.worker, ended.request));
    assert_true(model_end(model, ended.worker, ended.request));
  } else if (what < 98) {
    bool any = false;
    for (size_t i = model->count; i-- > 0;) {
      any = (model->claim[i].worker == worker && model_end(model, worker, model->claim[i].request)) || any;
    }
    assert_int_equal(ua_process_heavy_end_worker(heavy, worker), any);
  } else {
    model->limit = 1 + below(numbers, MOST_LIMIT);
    atomic_store(&heavy->limit, model->limit);
  }
}

static void whatever_happens_the_table_decides_as_a_queue_would(void **state)
{
  size_t ran = 0;
  size_t refused = 0;
  for (uint64_t round = 0; round < ROUNDS; round++) {
    ua_heavy *heavy = *state;
    memset(heavy, 0, sizeof *heavy);
    queue_model model = {.limit = 1};
    random_numbers numbers = {.state = round};
    uint64_t last_request = 0;
    atomic_store(&heavy->limit, 1);
    for (size_t i = 0; i < STEPS; i++) {
      size_t before = model.count;
      uint64_t asked = last_request;
      step(&numbers, heavy, &model, &last_request);
      assert_rules_hold(&model);
      refused += last_request > asked && model.count == before;
      ran += model.count > 0 && model.claim[0].runs;
    }
  }
  assert_true(ran > 0);
  assert_true(refused > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_second_search_of_a_caller_waits_for_the_first),
      TEST(no_more_search_at_a_time_than_may),
      TEST(the_oldest_goes_first_whoever_asks_first),
      TEST(a_search_that_waits_in_a_busy_worker_lets_younger_ones_pass),
      TEST(the_ninth_of_a_caller_is_refused_and_not_kept),
      TEST(the_table_is_bounded),
      TEST(a_workers_searches_vanish_with_it),
      TEST(requests_of_the_same_number_in_two_workers_are_two),
      TEST(whatever_happens_the_table_decides_as_a_queue_would),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
