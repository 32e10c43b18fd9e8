#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/token_cache.h"
#include "base/limits.h"
#include "unit.h"

enum { KIB = 1024, BOUND = 256 * KIB, BLOCK = 32 * KIB, LIMIT = 8 * KIB * KIB };

typedef struct fixture {
  ua_token_cache *cache;
  ua_arena *arena;
} fixture;

static int set_up(void **state)
{
  fixture *self = malloc(sizeof *self);
  assert_non_null(self);
  self->cache = ua_auth_token_cache_create(BOUND);
  self->arena = ua_arena_create(BLOCK, LIMIT);
  assert_true(self->cache != NULL && self->arena != NULL);
  *state = self;
  return 0;
}

static int tear_down(void **state)
{
  fixture *self = *state;
  ua_auth_token_cache_destroy(&self->cache);
  assert_null(self->cache);
  ua_auth_token_cache_destroy(&self->cache);
  ua_arena_destroy(&self->arena);
  free(self);
  return 0;
}

static const unsigned char *digest_of(int32_t token)
{
  static unsigned char digest[UA_SHA256_BYTES];
  assert_true(ua_crypto_sha256((ua_text){(const char *)&token, sizeof token}, digest));
  return digest;
}

static ua_claims claims_of(int32_t id, const ua_role *roles, size_t role_count)
{
  ua_claims claims = {.user = {.id = id,
                               .customer_id = id + 1,
                               .email = UA_TEXT("ann@example.org"),
                               .name = UA_TEXT("Ann"),
                               .active = true,
                               .epoch = 7,
                               .roles = roles,
                               .role_count = role_count},
                      .not_before = INT64_MIN,
                      .expires_at = INT64_C(1) << 40,
                      .key = {.user_id = id, .customer_id = id + 1}};
  memcpy(claims.key.digest, digest_of(-id), sizeof claims.key.digest);
  return claims;
}

static void assert_same_text(ua_text text, ua_text expected)
{
  assert_int_equal(text.data == NULL, expected.data == NULL);
  assert_int_equal(text.length, expected.length);
  if (expected.data != NULL) {
    assert_ptr_not_equal(text.data, expected.data);
    assert_memory_equal(text.data, expected.data, expected.length);
    assert_int_equal(text.data[text.length], '\0');
  }
}

static void assert_same_claims(const ua_claims *claims, const ua_claims *expected)
{
  assert_int_equal(claims->user.id, expected->user.id);
  assert_int_equal(claims->user.customer_id, expected->user.customer_id);
  assert_same_text(claims->user.email, expected->user.email);
  assert_same_text(claims->user.name, expected->user.name);
  assert_int_equal(claims->user.active, expected->user.active);
  assert_int_equal(claims->user.epoch, expected->user.epoch);
  assert_int_equal(claims->user.role_count, expected->user.role_count);
  for (size_t i = 0; i < expected->user.role_count; i++) {
    assert_int_equal(claims->user.roles[i].id, expected->user.roles[i].id);
    assert_same_text(claims->user.roles[i].code, expected->user.roles[i].code);
    assert_same_text(claims->user.roles[i].name, expected->user.roles[i].name);
    assert_int_equal(claims->user.roles[i].assignable, expected->user.roles[i].assignable);
  }
  assert_int_equal(claims->not_before, expected->not_before);
  assert_int_equal(claims->expires_at, expected->expires_at);
  assert_int_equal(claims->key.user_id, expected->key.user_id);
  assert_int_equal(claims->key.customer_id, expected->key.customer_id);
  assert_memory_equal(claims->key.digest, expected->key.digest, sizeof expected->key.digest);
}

static bool has(fixture *self, int32_t token)
{
  ua_claims claims;
  bool found = ua_auth_token_cache_find(self->cache, self->arena, digest_of(token), &claims);
  ua_arena_reset(self->arena);
  return found;
}

static void assert_kept(fixture *self, const ua_claims *claims)
{
  ua_claims found;
  ua_auth_token_cache_add(self->cache, digest_of(claims->user.id), claims);
  assert_true(ua_auth_token_cache_find(self->cache, self->arena, digest_of(claims->user.id), &found));
  assert_same_claims(&found, claims);
}

static void claims_survive_unchanged(void **state)
{
  const ua_role roles[] = {{1, UA_TEXT("admin"), UA_TEXT("Administrator"), true},
                           {2, UA_TEXT(""), UA_TEXT_ABSENT, false},
                           {INT32_MAX, UA_TEXT_ABSENT, UA_TEXT(""), true}};
  ua_claims claims = claims_of(1, roles, 3);
  assert_kept(*state, &claims);
  claims = claims_of(2, roles, 0);
  claims.user.email = UA_TEXT("");
  claims.user.name = UA_TEXT_ABSENT;
  claims.user.active = false;
  claims.not_before = INT64_MAX;
  claims.expires_at = INT64_MIN;
  assert_kept(*state, &claims);
  claims = claims_of(INT32_MAX - 1, NULL, 0);
  claims.user.email = (ua_text){"a\0b", 3};
  assert_kept(*state, &claims);
}

static void a_user_with_every_role_is_kept(void **state)
{
  ua_role roles[UA_MAX_ROLES];
  for (int32_t i = 0; i < UA_MAX_ROLES; i++) {
    roles[i] = (ua_role){i + 1, UA_TEXT("r"), UA_TEXT(""), i % 2 == 0};
  }
  ua_claims claims = claims_of(1, roles, UA_MAX_ROLES);
  assert_kept(*state, &claims);
}

static void what_was_found_outlives_the_cache_and_what_was_added(void **state)
{
  fixture *self = *state;
  char *email = strdup("ann@example.org");
  ua_role *roles = calloc(1, sizeof *roles);
  ua_claims expected = claims_of(1, (ua_role[]){{3, UA_TEXT("x"), UA_TEXT("X"), false}}, 1);
  ua_claims found;
  assert_true(email != NULL && roles != NULL);
  roles[0] = expected.user.roles[0];
  ua_claims claims = claims_of(1, roles, 1);
  claims.user.email = ua_text_of(email);
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  free(roles);
  free(email);
  assert_true(ua_auth_token_cache_find(self->cache, self->arena, digest_of(1), &found));
  ua_auth_token_cache_destroy(&self->cache);
  assert_same_claims(&found, &expected);
}

static void another_digest_is_not_found(void **state)
{
  fixture *self = *state;
  ua_claims claims = claims_of(1, NULL, 0);
  ua_claims untouched = {.expires_at = 42};
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  for (size_t bit = 0; bit < 8 * (size_t)UA_SHA256_BYTES; bit++) {
    unsigned char digest[UA_SHA256_BYTES];
    memcpy(digest, digest_of(1), sizeof digest);
    digest[bit / 8] ^= (unsigned char)(1 << bit % 8);
    assert_false(ua_auth_token_cache_find(self->cache, self->arena, digest, &untouched));
  }
  assert_int_equal(untouched.expires_at, 42);
}

static void the_first_claims_of_a_token_stay(void **state)
{
  fixture *self = *state;
  ua_claims claims = claims_of(1, NULL, 0);
  ua_claims again = claims_of(1, NULL, 0);
  again.user.epoch = 8;
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  ua_auth_token_cache_add(self->cache, digest_of(1), &again);
  ua_claims found;
  assert_true(ua_auth_token_cache_find(self->cache, self->arena, digest_of(1), &found));
  assert_same_claims(&found, &claims);
}

/* The memory that malloc() has given out; a sanitizer's malloc does not count this way. */
static size_t allocated(void)
{
  return mallinfo2().uordblks;
}

/* How many of the newest tokens are in the cache, which must hold no older ones. */
static int32_t count_newest(fixture *self, int32_t last)
{
  int32_t count = 0;
  while (count < last && has(self, last - count)) {
    count++;
  }
  for (int32_t token = last - count; token > 0; token--) {
    assert_false(has(self, token));
  }
  return count;
}

/* Adds many tokens with names of `name_bytes` bytes, and returns how many are in the cache at the end. */
static int32_t fill_with(fixture *self, size_t name_bytes)
{
  /* malloc also counts what it keeps for the thread's next requests: up to seven pieces of each size up to 1
   * KiB. */
  enum { MANY = 4000, KEPT_BY_MALLOC = 16 * 1024 };
  static const char name[UA_MAX_TOKEN_BYTES];
  size_t before = allocated();
  ua_token_cache *cache = ua_auth_token_cache_create(BOUND);
  assert_non_null(cache);
  ua_auth_token_cache_destroy(&self->cache);
  self->cache = cache;
  for (int32_t token = 1; token <= MANY; token++) {
    ua_claims claims = claims_of(token, NULL, 0);
    claims.user.name = (ua_text){name, name_bytes};
    ua_auth_token_cache_add(self->cache, digest_of(token), &claims);
    assert_true(allocated() <= before + BOUND + KEPT_BY_MALLOC);
  }
  return count_newest(self, MANY);
}

static void the_bound_holds_for_tokens_of_any_length(void **state)
{
  int32_t small = fill_with(*state, 20);
  int32_t middle = fill_with(*state, 1000);
  int32_t large = fill_with(*state, 6 * KIB);
  assert_in_range(small, BOUND / 400, BOUND / 200);
  assert_in_range(middle, BOUND / 1400, BOUND / 1000);
  assert_in_range(large, BOUND / (7 * KIB), BOUND / (6 * KIB));
}

static void small_tokens_make_room_for_a_large_one_and_the_reverse(void **state)
{
  static const char name[6 * KIB];
  fixture *self = *state;
  (void)fill_with(self, 20);
  ua_claims claims = claims_of(1, NULL, 0);
  claims.user.name = (ua_text){name, sizeof name};
  assert_kept(self, &claims);
  (void)fill_with(self, sizeof name);
  claims = claims_of(2, NULL, 0);
  assert_kept(self, &claims);
}

static void what_would_take_more_than_a_sixteenth_is_not_kept(void **state)
{
  enum { MOST = BOUND / 16, HEAD = 400 };
  static const char name[MOST];
  fixture *self = *state;
  ua_claims claims = claims_of(1, NULL, 0);
  int32_t kept = 0;
  for (int32_t length = MOST - HEAD; length <= MOST; length++) {
    claims.user.name = (ua_text){name, (size_t)length};
    ua_auth_token_cache_add(self->cache, digest_of(length), &claims);
    bool there = has(self, length);
    assert_false(there && MOST - HEAD + kept < length);
    kept += there;
  }
  assert_in_range(kept, 1, HEAD - 1);
  claims.user.name = (ua_text){name, SIZE_MAX};
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  assert_false(has(self, 1));
  claims = claims_of(1, (const ua_role *)(const void *)&claims, SIZE_MAX / 2);
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  assert_false(has(self, 1));
}

static void the_tokens_that_were_not_used_for_the_longest_time_go_first(void **state)
{
  fixture *self = *state;
  ua_claims claims = claims_of(1, NULL, 0);
  ua_auth_token_cache_add(self->cache, digest_of(0), &claims);
  for (int32_t token = 1; token <= 4000; token++) {
    assert_true(has(self, 0));
    ua_auth_token_cache_add(self->cache, digest_of(token), &claims);
  }
  assert_true(has(self, 0));
  assert_true(has(self, 4000));
  assert_false(has(self, 1));
}

static void a_cache_without_room_keeps_nothing(void **state)
{
  fixture *self = *state;
  for (size_t bound = 0; bound < 8 * (size_t)KIB; bound += 100) {
    size_t before = allocated();
    ua_claims claims = claims_of(1, NULL, 0);
    ua_auth_token_cache_destroy(&self->cache);
    self->cache = ua_auth_token_cache_create(bound);
    assert_non_null(self->cache);
    for (int32_t token = 1; token <= 100; token++) {
      ua_auth_token_cache_add(self->cache, digest_of(token), &claims);
    }
    assert_true(bound < KIB ? !has(self, 100) : allocated() <= before + bound);
    assert_true(bound < 4 * KIB || has(self, 100));
  }
}

static void an_arena_without_room_answers_not_found(void **state)
{
  fixture *self = *state;
  static const char name[KIB];
  ua_claims claims = claims_of(1, NULL, 0);
  ua_arena *arena = ua_arena_create(64, 256);
  ua_claims untouched = {.expires_at = 42};
  claims.user.name = (ua_text){name, sizeof name};
  assert_non_null(arena);
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  assert_false(ua_auth_token_cache_find(self->cache, arena, digest_of(1), &untouched));
  assert_int_equal(untouched.expires_at, 42);
  assert_true(has(self, 1));
  ua_arena_destroy(&arena);
}

static void a_forked_process_has_its_own(void **state)
{
  fixture *self = *state;
  ua_claims claims = claims_of(1, NULL, 0);
  ua_auth_token_cache_add(self->cache, digest_of(1), &claims);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    ua_auth_token_cache_add(self->cache, digest_of(2), &claims);
    _exit(has(self, 1) && has(self, 2) ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_true(has(self, 1));
  assert_false(has(self, 2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(claims_survive_unchanged),
      TEST(a_user_with_every_role_is_kept),
      TEST(what_was_found_outlives_the_cache_and_what_was_added),
      TEST(another_digest_is_not_found),
      TEST(the_first_claims_of_a_token_stay),
      TEST(the_bound_holds_for_tokens_of_any_length),
      TEST(small_tokens_make_room_for_a_large_one_and_the_reverse),
      TEST(what_would_take_more_than_a_sixteenth_is_not_kept),
      TEST(the_tokens_that_were_not_used_for_the_longest_time_go_first),
      TEST(a_cache_without_room_keeps_nothing),
      TEST(an_arena_without_room_answers_not_found),
      TEST(a_forked_process_has_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
