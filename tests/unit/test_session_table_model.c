/* The table's own code, stopped at each of its atomic steps. Processes of a pool, a watcher and a simplified
 * database take turns in an order that depends on a seed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "base/sanitizer.h"
#include "unit.h"

static void step(void);
#define UA_SESSION_STEP() step()
#include "auth/session_table.c"

#ifdef UA_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(fake, bottom, size)  ((void)(fake), (void)(bottom), (void)(size))
#define __sanitizer_finish_switch_fiber(fake, bottom, size) ((void)(fake), (void)(bottom), (void)(size))
#endif

enum {
  SEEDS = 3000,
  TURNS = 1000, /* of all processes, under one seed */
  WORKERS = 5,
  PROCESSES = WORKERS + 1, /* the last is the watcher */
  STACK_BYTES = 32 * 1024,
  USERS = 2,
  TOKENS = 48,
  MOST_SECONDS = TURNS + 2,
  MOST_CHANGES = TURNS
};

typedef struct process {
  ucontext_t context;
  void *fake_stack; /* AddressSanitizer's */
  bool is_alive;
  bool is_storing;
  alignas(max_align_t) char stack[STACK_BYTES];
} process;

typedef enum change_kind { TOKEN, USER, ALL } change_kind;

typedef struct change {
  change_kind kind;
  size_t token; /* or one of the user */
  uint64_t ended;
} change;

/* Sets of tokens are bits. */
typedef struct world {
  ua_session_table *table;
  ua_token_key key[TOKENS];
  uint64_t random;
  size_t calm;  /* one of this number of actions is a change */
  size_t width; /* number of tokens in use at a time */
  bool is_reloaded;

  /* the database */
  uint64_t born;
  uint64_t live;
  change committed[MOST_CHANGES];
  size_t commits;

  uint64_t applied; /* tokens whose end was applied to the table: no process may find them from now on */
  size_t token_of_second[MOST_SECONDS];
  uint64_t generation_of_second[MOST_SECONDS];
  size_t second;

  size_t hits, stores, kills_in_store, wrong_finds, wrong_times;
} world;

static world at;
static process processes[PROCESSES];
static process *running; /* NULL: the test itself, which is never stopped */
static unsigned quantum; /* steps before another process runs */
static bool dies;        /* after these steps it is killed instead */
static ucontext_t scheduler;
static const void *scheduler_stack;
static size_t scheduler_bytes;

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static size_t below(size_t bound)
{
  uint64_t word = at.random += 0x9e3779b97f4a7c15;
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
  word = (word ^ word >> 27) * 0x94d049bb133111eb;
  return (size_t)((word ^ word >> 31) % bound);
}

/* --- processes that take turns --- */

static void leave(process *from)
{
  __sanitizer_start_switch_fiber(dies ? NULL : &from->fake_stack, scheduler_stack, scheduler_bytes);
  (void)swapcontext(&from->context, &scheduler);
  __sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
}

static void step(void)
{
  if (running == NULL) {
    return;
  }
  while (quantum == 0) {
    leave(running);
  }
  quantum--;
}

static void live_as_worker(void);
static void live_as_watcher(void);

static void be_born(void)
{
  __sanitizer_finish_switch_fiber(NULL, &scheduler_stack, &scheduler_bytes);
  if (running == &processes[WORKERS]) {
    live_as_watcher();
  }
  live_as_worker();
}

static void resume(process *to, unsigned steps, bool to_death)
{
  void *fake_stack = NULL;
  if (!to->is_alive) {
    assert_int_equal(getcontext(&to->context), 0);
    to->context.uc_stack.ss_sp = to->stack;
    to->context.uc_stack.ss_size = sizeof to->stack;
    to->context.uc_link = NULL;
    makecontext(&to->context, be_born, 0);
    to->is_storing = false;
  }
  quantum = steps;
  dies = to_death;
  running = to;
  to->is_alive = !dies;
  __sanitizer_start_switch_fiber(&fake_stack, to->stack, sizeof to->stack);
  (void)swapcontext(&scheduler, &to->context);
  __sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
  running = NULL;
  at.kills_in_store += dies && to->is_storing;
}

/* --- what they do --- */

/* The pool's generation: workers from before a reload, and those from after it. */
static uint64_t generation(void)
{
  return at.is_reloaded && running < &processes[WORKERS / 2] ? 1 : 2;
}

static uint64_t bit(size_t token)
{
  return UINT64_C(1) << token;
}

static uint64_t tokens_of(int32_t user_id)
{
  uint64_t tokens = 0;
  for (size_t token = 0; token < TOKENS; token++) {
    tokens |= at.key[token].user_id == user_id ? bit(token) : 0;
  }
  return tokens;
}

/* The tokens in use change with time, because revoked tokens do not return. */
static size_t some_token(void)
{
  return (at.commits / 2 + below(at.width)) % TOKENS;
}

static void log_in(void)
{
  size_t token = some_token();
  if ((at.born & bit(token)) == 0) {
    at.born |= bit(token);
    at.live |= bit(token);
  }
}

/* A request with a token: asks the table, or else the database. */
static void check_token(void)
{
  size_t token = some_token();
  const ua_token_key *key = &at.key[token];
  bool is_over = (at.applied & bit(token)) != 0;
  int64_t asked_ms = -1;
  if (ua_auth_session_table_find(at.table, generation(), key, &asked_ms)) {
    size_t second = (size_t)asked_ms / 1000;
    at.hits++;
    at.wrong_finds += is_over;
    at.wrong_times += second < 1 || second > at.second || at.token_of_second[second] != token ||
                      at.generation_of_second[second] != generation();
    return;
  }
  ua_session_moment moment = ua_auth_session_table_now(at.table, key);
  step();
  if ((at.live & bit(token)) == 0) {
    return;
  }
  size_t second = ++at.second;
  at.token_of_second[second] = token;
  at.generation_of_second[second] = generation();
  step();
  running->is_storing = true;
  ua_auth_session_table_fill(at.table, generation(), key, moment,
                             (int64_t)second * 1000 + (int64_t)(second % 1000));
  running->is_storing = false;
  at.stores++;
}

static void apply(const change *heard)
{
  const ua_token_key *key = &at.key[heard->token];
  if (heard->kind == TOKEN) {
    ua_auth_session_table_end_token(at.table, key->digest);
  } else if (heard->kind == USER) {
    ua_auth_session_table_end_user(at.table, key->user_id);
  } else {
    ua_auth_session_table_end_all(at.table);
  }
  at.applied |= heard->ended;
}

/* Some change nothing in the database: they stand for changes of other tokens with the same generation. */
static void change_something(void)
{
  change made = {.kind = below(12) == 0 ? ALL : below(2) == 0 ? USER : TOKEN};
  made.token = some_token();
  if (below(2) == 0) {
    made.ended = made.kind == TOKEN  ? bit(made.token)
                 : made.kind == USER ? tokens_of(at.key[made.token].user_id)
                                     : ~UINT64_C(0);
    made.ended &= at.live;
  }
  at.live &= ~made.ended;
  at.committed[at.commits++] = made;
  step();
  apply(&made);
}

static void live_as_worker(void)
{
  for (;;) {
    size_t choice = below(at.calm);
    step();
    if (choice == 0) {
      change_something();
    } else if (choice < 3) {
      log_in();
    } else {
      check_token();
    }
  }
}

/* The watcher knows no change that was committed before it listened, so it ends everything. */
static void live_as_watcher(void)
{
  step();
  size_t heard = at.commits;
  const change before = {.kind = ALL, .ended = at.born & ~at.live};
  apply(&before);
  for (;;) {
    step();
    if (heard < at.commits) {
      apply(&at.committed[heard++]);
    }
  }
}

/* --- all interleavings --- */

/* All tokens compete for two buckets. The two tokens of a pair differ in one word of their digests. They have
 * the user and the token's generation in common, so a mixture of their entries looks valid. */
static void make_keys(void)
{
  for (size_t token = 0; token < TOKENS; token++) {
    size_t pair = token / 2;
    uint64_t digest[USER_AND_SECONDS] = {(uint64_t)(pair % 2) << 60 | pair << 8, pair << 8, pair << 8,
                                         (uint64_t)(pair % 3) << 62 | pair << 8};
    digest[pair / 2 % USER_AND_SECONDS] += token % 2 == 0 ? 0 : 8;
    at.key[token].user_id = (int32_t)(pair % USERS);
    memcpy(at.key[token].digest, digest, sizeof digest);
  }
}

static unsigned random_quantum(void)
{
  static const unsigned quanta[] = {1, 1, 1, 2, 3, 5, 8, 13, 21, 80};
  return quanta[below(sizeof quanta / sizeof *quanta)];
}

static void play(uint64_t seed)
{
  at.random = seed;
  at.calm = 4 + below(20);
  at.width = 2 + below(below(2) == 0 ? 4 : 30);
  at.is_reloaded = below(4) == 0;
  at.born = at.live = at.applied = 0;
  at.commits = at.second = 0;
  at.table = ua_auth_session_table_create(1);
  assert_non_null(at.table);
  at.table->seed[0] = seed; /* the order must not depend on real randomness */
  at.table->seed[1] = ~seed;
  for (size_t turn = 0; turn < TURNS; turn++) {
    process *next = &processes[below(PROCESSES)];
    unsigned steps = random_quantum();
    resume(next, steps, below(100) == 0);
  }
  for (size_t i = 0; i < PROCESSES; i++) {
    if (processes[i].is_alive) {
      resume(&processes[i], 0, true);
    }
  }
  ua_auth_session_table_destroy(&at.table);
}

static void no_interleaving_finds_a_token_whose_end_was_applied(void **state)
{
  (void)state;
  make_keys();
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    play(seed);
    if (at.wrong_finds + at.wrong_times > 0) {
      fail_msg("seed %" PRIu64 ": %zu finds of ended tokens, %zu of what was never stored", seed,
               at.wrong_finds, at.wrong_times);
    }
  }
  print_message("%zu stores, %zu hits, %zu processes killed while they stored\n", at.stores, at.hits,
                at.kills_in_store);
  /* Without this, the test would pass if hardly any token was found, or no process was killed. */
  assert_true(at.hits > at.stores / 10 && at.stores > SEEDS * (size_t)10);
  assert_true(at.kills_in_store > SEEDS / 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_interleaving_finds_a_token_whose_end_was_applied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
