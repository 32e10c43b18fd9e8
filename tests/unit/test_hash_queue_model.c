/* The queue compared with a model that is as simple as possible, over random steps. */
#include <stdlib.h>

#include "hash_queue.h"
#include "unit.h"

enum {
  ROUNDS = 60,
  STEPS = 3000,
  MOST_OWNERS = 3,
  MOST_SOURCES = 8,
  MOST_SLOTS = 4,
  MOST_ENTRIES = 4096,
  NOW = 1000
};

static unsigned source_of(const ua_hash_entry *entry)
{
  unsigned source;
  memcpy(&source, entry->source, sizeof source);
  return source;
}

typedef enum model_state { GONE, WAITS, HAS_TURN, LAPSED, LATE, RUNS } model_state;

typedef struct model {
  ua_hash_queue *queue;
  unsigned owners, sources, slots;
  size_t count;
  struct {
    model_state state;
    uint64_t owner;
    unsigned source;
    int64_t turn_ms;
  } entry[MOST_ENTRIES];       /* the request is the place + 1 */
  size_t served[MOST_SOURCES]; /* when a source had its last turn, or arrived */
  bool failed[MOST_SOURCES];
  size_t clock;
  size_t passed;
  int64_t now;
} model;

static bool waits(const model *self, size_t i)
{
  return self->entry[i].state == WAITS || self->entry[i].state == LAPSED || self->entry[i].state == LATE;
}

static bool is_able(const model *self, size_t i)
{
  return self->entry[i].state == WAITS || self->entry[i].state == LATE;
}

static size_t turns_of(const model *self, unsigned source)
{
  size_t turns = 0;
  for (size_t i = 0; i < self->count; i++) {
    turns += self->entry[i].source == source && self->entry[i].state != GONE && !waits(self, i);
  }
  return turns;
}

static size_t all_turns(const model *self)
{
  size_t turns = 0;
  for (unsigned source = 0; source < self->sources; source++) {
    turns += turns_of(self, source);
  }
  return turns;
}

static bool is_there(const model *self, unsigned source)
{
  bool found = false;
  for (size_t i = 0; i < self->count; i++) {
    found = found || (self->entry[i].source == source && self->entry[i].state != GONE);
  }
  return found;
}

static size_t count_able(const model *self, unsigned source)
{
  size_t count = 0;
  for (size_t i = 0; i < self->count; i++) {
    count += self->entry[i].source == source && is_able(self, i);
  }
  return count;
}

/* The waiting requests of an owner and a source, or of any (-1). */
static size_t count_waiting(const model *self, int64_t owner, int64_t source, bool plainly)
{
  size_t count = 0;
  for (size_t i = 0; i < self->count; i++) {
    count += (plainly ? self->entry[i].state == WAITS : waits(self, i)) &&
             (owner < 0 || self->entry[i].owner == (uint64_t)owner) &&
             (source < 0 || self->entry[i].source == (unsigned)source);
  }
  return count;
}

/* Whether a request of `source` makes room for one of `newcomer`, when at least `most` wait. */
static bool yields(const model *self, uint64_t owner, unsigned source, unsigned newcomer, size_t most)
{
  size_t own = count_waiting(self, (int64_t)owner, newcomer, true);
  size_t count = count_waiting(self, (int64_t)owner, source, true);
  return count >= most &&
         (self->failed[source] == self->failed[newcomer] ? count > own + 1
                                                         : count > 0 && self->failed[source]);
}

static void assert_made_room(model *self, size_t out, uint64_t owner, unsigned newcomer)
{
  unsigned source = self->entry[out].source;
  size_t count = count_waiting(self, (int64_t)owner, source, true);
  assert_int_equal(self->entry[out].state, WAITS);
  assert_int_equal(self->entry[out].owner, owner);
  assert_true(yields(self, owner, source, newcomer, 0));
  for (unsigned other = 0; other < self->sources; other++) {
    size_t more = self->failed[other] == self->failed[source] ? count + 1 : 0;
    assert_false((self->failed[other] || !self->failed[source]) &&
                 yields(self, owner, other, newcomer, more));
  }
  for (size_t i = out + 1; i < self->count; i++) {
    assert_false(self->entry[i].state == WAITS && self->entry[i].source == source &&
                 self->entry[i].owner == owner);
  }
  self->entry[out].state = GONE;
}

static bool has_unwanted(const model *self, uint64_t owner, unsigned newcomer)
{
  bool found = false;
  for (unsigned source = 0; source < self->sources; source++) {
    found = found || yields(self, owner, source, newcomer, 0);
  }
  return found;
}

static void try_push(model *self)
{
  uint64_t owner = (uint64_t)rand() % self->owners;
  unsigned source = (unsigned)rand() % self->sources;
  ua_hash_entry entry = entry_of(owner, self->count + 1, source);
  ua_hash_entry pushed_out;
  bool pushes_out;
  bool comes_anew = !is_there(self, source);
  ua_status status = ua_process_hash_queue_push(self->queue, &entry, self->now, &pushes_out, &pushed_out);
  if (count_able(self, source) >= UA_MAX_HASHES_OF_SOURCE) {
    assert_int_equal(status, UA_TOO_MANY_REQUESTS);
    return;
  }
  bool is_full = count_waiting(self, (int64_t)owner, -1, false) >= UA_MAX_HASHES_OF_WORKER;
  if (is_full && !has_unwanted(self, owner, source)) {
    assert_int_equal(status, UA_BUSY);
    return;
  }
  assert_int_equal(status, UA_OK);
  assert_int_equal(pushes_out, is_full);
  if (pushes_out) {
    assert_made_room(self, (size_t)pushed_out.request - 1, owner, source);
  }
  self->served[source] = comes_anew ? ++self->clock : self->served[source];
  self->entry[self->count].state = WAITS;
  self->entry[self->count].owner = owner;
  self->entry[self->count].source = source;
  self->count++;
}

/* Whether `other` should have had the turn that `source` got. */
static bool goes_before(const model *self, unsigned other, unsigned source, bool others_turn)
{
  if (turns_of(self, other) != turns_of(self, source)) {
    return turns_of(self, other) < turns_of(self, source);
  }
  if (self->failed[other] != self->failed[source]) {
    return self->failed[other] == others_turn;
  }
  return self->served[other] < self->served[source];
}

static void try_next(model *self)
{
  ua_hash_entry entry = {.request = 0};
  if (all_turns(self) >= self->slots) {
    return;
  }
  bool given = ua_process_hash_queue_next(self->queue, self->now, &entry);
  assert_int_equal(given, count_waiting(self, -1, -1, false) > 0 && entry.request != 0);
  if (!given) {
    for (unsigned source = 0; source < self->sources; source++) {
      assert_int_equal(count_able(self, source), 0);
    }
    return;
  }
  size_t place = (size_t)entry.request - 1;
  unsigned source = source_of(&entry);
  bool failed_waits = false;
  bool others_turn = self->passed >= 3;
  assert_true(is_able(self, place));
  assert_int_equal(entry.job != NULL, self->entry[place].state == LATE);
  for (size_t i = 0; i < place; i++) {
    assert_false(is_able(self, i) && self->entry[i].source == source);
  }
  for (unsigned other = 0; other < self->sources; other++) {
    if (count_able(self, other) > 0) {
      assert_false(other != source && goes_before(self, other, source, others_turn));
      failed_waits = failed_waits || (self->failed[other] && turns_of(self, other) == turns_of(self, source));
    }
  }
  self->passed = self->failed[source] ? 0 : self->passed + failed_waits;
  assert_true(self->passed <= 3);
  self->entry[place].state = self->entry[place].state == LATE ? RUNS : HAS_TURN;
  self->entry[place].turn_ms = self->now;
  self->served[source] = ++self->clock;
}

static void try_go(model *self, size_t place)
{
  ua_status expected = self->entry[place].state == HAS_TURN ? UA_OK
                       : self->entry[place].state == LAPSED ? UA_PENDING
                                                            : UA_NOT_FOUND;
  assert_int_equal(
      ua_process_hash_queue_go(self->queue, self->entry[place].owner, place + 1, &self->entry[place]),
      expected);
  if (expected != UA_NOT_FOUND) {
    self->entry[place].state = expected == UA_OK ? RUNS : LATE;
  }
}

static void try_done(model *self, size_t place)
{
  bool failed = rand() % 3 == 0;
  unsigned source = self->entry[place].source;
  ua_process_hash_queue_done(self->queue, self->entry[place].owner, place + 1, failed, self->now);
  if (self->entry[place].state == RUNS) {
    self->entry[place].state = GONE;
    self->failed[source] = self->failed[source] || failed;
  }
}

static void try_drop(model *self, size_t place)
{
  ua_hash_entry dropped;
  bool there = self->entry[place].state != GONE && self->entry[place].state != RUNS;
  assert_int_equal(ua_process_hash_queue_drop(self->queue, self->entry[place].owner, place + 1, &dropped),
                   there);
  self->entry[place].state = there ? GONE : self->entry[place].state;
}

static void drop_owner(model *self)
{
  uint64_t owner = (uint64_t)rand() % self->owners;
  ua_hash_entry dropped;
  while (ua_process_hash_queue_drop_any(self->queue, owner, &dropped)) {
    size_t place = (size_t)dropped.request - 1;
    assert_int_equal(self->entry[place].owner, owner);
    assert_true(self->entry[place].state != GONE && self->entry[place].state != RUNS);
    self->entry[place].state = GONE;
  }
  for (size_t i = 0; i < self->count; i++) {
    assert_true(self->entry[i].owner != owner || self->entry[i].state == GONE ||
                self->entry[i].state == RUNS);
  }
}

static void lapse(model *self)
{
  size_t lapsed = ua_process_hash_queue_lapse(self->queue, self->now - 10);
  for (size_t i = 0; i < self->count; i++) {
    if (self->entry[i].state == HAS_TURN && self->entry[i].turn_ms <= self->now - 10) {
      self->entry[i].state = LAPSED;
      lapsed--;
    }
  }
  assert_int_equal(lapsed, 0);
}

static void step(model *self)
{
  size_t recent = self->count < 200 ? self->count : 200;
  size_t place = recent == 0 ? 0 : self->count - 1 - (size_t)rand() % recent;
  self->now++;
  switch (recent == 0 ? 0 : rand() % 16) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      try_push(self);
      break;
    case 6:
    case 7:
    case 8:
      try_next(self);
      break;
    case 9:
    case 10:
      try_go(self, place);
      break;
    case 11:
    case 12:
      try_done(self, place);
      break;
    case 13:
      try_drop(self, place);
      break;
    case 14:
      lapse(self);
      break;
    default:
      if (rand() % 200 == 0) {
        drop_owner(self);
      }
  }
  assert_int_equal(ua_process_hash_queue_turns(self->queue), all_turns(self));
}

/* Hashes the remaining requests, one after the other. */
static void drain(model *self)
{
  self->slots = UA_HASH_TURNS;
  for (size_t i = 0; i < self->count; i++) {
    try_go(self, i);
    try_done(self, i);
  }
  while (count_waiting(self, -1, -1, false) > 0) {
    try_next(self);
    for (size_t i = 0; i < self->count; i++) {
      if (self->entry[i].state == HAS_TURN) {
        try_go(self, i);
      }
      if (self->entry[i].state == RUNS) {
        try_done(self, i);
      }
    }
  }
  ua_hash_entry entry;
  assert_false(ua_process_hash_queue_next(self->queue, self->now, &entry));
  assert_int_equal(ua_process_hash_queue_turns(self->queue), 0);
}

static void whatever_happens_the_rules_hold(void **state)
{
  (void)state;
  model *self = malloc(sizeof *self);
  assert_non_null(self);
  srand(20261126);
  for (int round = 0; round < ROUNDS; round++) {
    *self = (model){.queue = ua_process_hash_queue_create(),
                    .owners = 1 + (unsigned)rand() % MOST_OWNERS,
                    .sources = 1 + (unsigned)rand() % MOST_SOURCES,
                    .slots = 1 + (unsigned)rand() % MOST_SLOTS,
                    .now = NOW};
    assert_non_null(self->queue);
    for (int i = 0; i < STEPS; i++) {
      step(self);
    }
    drain(self);
    ua_process_hash_queue_destroy(&self->queue);
  }
  free(self);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whatever_happens_the_rules_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
