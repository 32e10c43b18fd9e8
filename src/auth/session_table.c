#include "auth/session_table.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/mman.h>

#include "base/crypto.h"

/* The test of all interleavings stops at each step; otherwise it does nothing. */
#ifndef UA_SESSION_STEP
#define UA_SESSION_STEP() ((void)0)
#endif

enum { MIB = 1024 * 1024, MOST_MIB = 4096, CACHE_LINE = 64, ENTRIES_PER_BUCKET = 8 };

/* The words of an entry. */
enum { DIGEST = 0, USER_AND_SECONDS = 4, USER_GENERATION = 5, TOKEN_GENERATION = 6, CHECKSUM = 7, WORDS = 8 };

typedef struct slot {
  _Atomic uint64_t word[WORDS];
} slot;

typedef struct bucket {
  alignas(CACHE_LINE) slot slot[ENTRIES_PER_BUCKET];
} bucket;

/* What a slot holds, in the memory of one process: read from there, or about to be stored. */
typedef struct session_entry {
  uint64_t word[WORDS];
} session_entry;

/* The beginning of the mapping: a cache line that is written all the time, and one that hardly ever is. The
 * pointers are valid in every process, because all inherit one mapping by fork. */
struct ua_session_table {
  alignas(CACHE_LINE) ua_session_board board;
  size_t bytes;
  alignas(CACHE_LINE) _Atomic uint64_t all;
  uint64_t seed[2];
  size_t generations; /* as many for users as for tokens */
  _Atomic uint64_t *user;
  _Atomic uint64_t *token;
  size_t buckets;
  bucket *bucket;
};

/* A lock instead of an atomic instruction would work within one process only. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomic operations without locks");
_Static_assert(sizeof(bucket) == ENTRIES_PER_BUCKET * CACHE_LINE, "an entry is a cache line");
_Static_assert(UA_TOKEN_DIGEST_BYTES == USER_AND_SECONDS * sizeof(uint64_t), "a digest is four words");

/* Acquire and release, so that loads happen in the order of the source, and stores, too. */
static uint64_t load(const _Atomic uint64_t *from)
{
  UA_SESSION_STEP();
  return atomic_load_explicit(from, memory_order_acquire);
}

static void store(_Atomic uint64_t *to, uint64_t value)
{
  UA_SESSION_STEP();
  atomic_store_explicit(to, value, memory_order_release);
}

static void raise_generation(_Atomic uint64_t *generation)
{
  UA_SESSION_STEP();
  (void)atomic_fetch_add(generation, 1);
}

/* --- the mapping --- */

/* An eighth is for users, an eighth for tokens, the rest for entries. */
static void lay_out(ua_session_table *table, size_t bytes)
{
  size_t eighth = bytes / 8;
  char *rest = (char *)table + sizeof *table;
  table->bytes = bytes;
  table->generations = eighth / sizeof(uint64_t);
  table->user = (_Atomic uint64_t *)(void *)rest;
  table->token = (_Atomic uint64_t *)(void *)(rest + eighth);
  table->bucket = (bucket *)(void *)(rest + 2 * eighth);
  table->buckets = (bytes - sizeof *table - 2 * eighth) / sizeof(bucket);
}

ua_session_table *ua_auth_session_table_create(size_t mib)
{
  uint64_t seed[2];
  if (mib < 1 || mib > MOST_MIB || mib > SIZE_MAX / MIB) {
    errno = EINVAL;
    return NULL;
  }
  if (!ua_crypto_random((unsigned char *)seed, sizeof seed)) {
    errno = EIO;
    return NULL;
  }
  size_t bytes = mib * MIB;
  ua_session_table *table =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED) {
    return NULL;
  }
  (void)madvise(table, bytes, MADV_DONTDUMP);
  memcpy(table->seed, seed, sizeof seed);
  lay_out(table, bytes);
  return table;
}

void ua_auth_session_table_destroy(ua_session_table **table)
{
  if (*table != NULL) {
    (void)munmap(*table, (*table)->bytes);
    *table = NULL;
  }
}

ua_session_board *ua_auth_session_table_board(ua_session_table *table)
{
  return &table->board;
}

/* --- generations --- */

/* Consecutive ids, which most databases have, have separate generations. */
static _Atomic uint64_t *user_generation(const ua_session_table *table, int32_t user_id)
{
  return &table->user[(uint32_t)user_id % table->generations];
}

/* A number below `count`, which has at most 32 bits, of a digest's word. */
static size_t pick(uint64_t word, size_t count)
{
  return (size_t)((word >> 32) * count >> 32);
}

static _Atomic uint64_t *token_generation(const ua_session_table *table,
                                          const unsigned char digest[UA_TOKEN_DIGEST_BYTES])
{
  uint64_t word;
  memcpy(&word, digest + UA_TOKEN_DIGEST_BYTES - sizeof word, sizeof word);
  return &table->token[pick(word, table->generations)];
}

ua_session_moment ua_auth_session_table_now(const ua_session_table *table, const ua_token_key *key)
{
  ua_session_moment now;
  now.all = load(&table->all);
  now.user = load(user_generation(table, key->user_id));
  now.token = load(token_generation(table, key->digest));
  return now;
}

void ua_auth_session_table_end_user(ua_session_table *table, int32_t user_id)
{
  raise_generation(user_generation(table, user_id));
}

void ua_auth_session_table_end_token(ua_session_table *table,
                                     const unsigned char digest[UA_TOKEN_DIGEST_BYTES])
{
  raise_generation(token_generation(table, digest));
}

void ua_auth_session_table_end_all(ua_session_table *table)
{
  raise_generation(&table->all);
}

/* --- entries --- */

static uint64_t rotate(uint64_t word, unsigned bits)
{
  return word << bits | word >> (64 - bits);
}

/* Inline: a call would pass the state through memory, which takes as long as the rounds. */
static inline void sip_round(uint64_t v[4])
{
  v[0] += v[1];
  v[2] += v[3];
  v[1] = rotate(v[1], 13) ^ v[0];
  v[3] = rotate(v[3], 16) ^ v[2];
  v[0] = rotate(v[0], 32);
  v[2] += v[1];
  v[0] += v[3];
  v[1] = rotate(v[1], 17) ^ v[2];
  v[3] = rotate(v[3], 21) ^ v[0];
  v[2] = rotate(v[2], 32);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
  v[3] ^= word;
  sip_round(v);
  v[0] ^= word;
}

/* What an entry is valid for: a generation of the pool, under an `all`. */
typedef struct validity {
  uint64_t generation;
  uint64_t all;
} validity;

/* SipHash-1-3 (Aumasson and Bernstein, 2012) of the validity and of the other words. It is no MAC here: only
 * this pool writes to the table. It detects entries that were torn, or stored for another validity. */
static uint64_t checksum(const ua_session_table *table, const session_entry *entry, validity of)
{
  uint64_t v[4] = {
      table->seed[0] ^ 0x736f6d6570736575,
      table->seed[1] ^ 0x646f72616e646f6d,
      table->seed[0] ^ 0x6c7967656e657261,
      table->seed[1] ^ 0x7465646279746573,
  };
  sip_word(v, of.generation);
  sip_word(v, of.all);
  for (size_t i = 0; i < CHECKSUM; i++) {
    sip_word(v, entry->word[i]);
  }
  v[2] ^= 0xff;
  sip_round(v);
  sip_round(v);
  sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static session_entry copy_entry(const slot *from)
{
  session_entry copy;
  for (size_t i = 0; i < WORDS; i++) {
    copy.word[i] = load(&from->word[i]);
  }
  return copy;
}

static int32_t user_of(const session_entry *entry)
{
  return (int32_t)(uint32_t)(entry->word[USER_AND_SECONDS] >> 32);
}

/* Whether the copied entry is whole, and nothing has ended it at `now`, which was taken after the copy. */
static bool holds(const ua_session_table *table, uint64_t generation, const session_entry *entry,
                  ua_session_moment now)
{
  return entry->word[USER_GENERATION] == now.user && entry->word[TOKEN_GENERATION] == now.token &&
         entry->word[CHECKSUM] == checksum(table, entry, (validity){generation, now.all});
}

static bool is_of(const session_entry *entry, const uint64_t digest[USER_AND_SECONDS])
{
  return memcmp(entry->word, digest, UA_TOKEN_DIGEST_BYTES) == 0;
}

/* Where a token's entry may be: in one bucket. The search begins at one of its entries, chosen by the token,
 * so that it finds most tokens on the first cache line. */
typedef struct token_place {
  bucket *bucket;
  size_t first;
  uint64_t digest[USER_AND_SECONDS];
} token_place;

static token_place place_of(const ua_session_table *table, const ua_token_key *key)
{
  token_place at;
  memcpy(at.digest, key->digest, sizeof at.digest);
  at.bucket = &table->bucket[pick(at.digest[0], table->buckets)];
  at.first = at.digest[1] % ENTRIES_PER_BUCKET;
  return at;
}

static slot *slot_at(const token_place *at, size_t i)
{
  return &at->bucket->slot[(at->first + i) % ENTRIES_PER_BUCKET];
}

bool ua_auth_session_table_find(const ua_session_table *table, uint64_t generation, const ua_token_key *key,
                                int64_t *asked_ms_r)
{
  token_place at = place_of(table, key);
  for (size_t i = 0; i < ENTRIES_PER_BUCKET; i++) {
    const slot *taken = slot_at(&at, i);
    if (load(&taken->word[DIGEST]) != at.digest[0]) {
      continue;
    }
    session_entry copy = copy_entry(taken);
    /* Two processes may have stored one token in two places: the next may be better. */
    if (is_of(&copy, at.digest) && user_of(&copy) == key->user_id &&
        holds(table, generation, &copy, ua_auth_session_table_now(table, key))) {
      *asked_ms_r = (int64_t)(uint32_t)copy.word[USER_AND_SECONDS] * 1000;
      return true;
    }
  }
  return false;
}

/* Whether a session would be lost with the entry. Entries of other generations are out of use. */
static bool is_of_use(const ua_session_table *table, uint64_t generation, const session_entry *entry)
{
  ua_token_key key = {.user_id = user_of(entry)};
  memcpy(key.digest, entry->word, sizeof key.digest);
  return holds(table, generation, entry, ua_auth_session_table_now(table, &key));
}

/* The token's own entry, or else one that is of no use, or else any. */
static slot *slot_to_replace(const ua_session_table *table, uint64_t generation, const token_place *at,
                             uint64_t random)
{
  slot *useless = NULL;
  for (size_t i = 0; i < ENTRIES_PER_BUCKET; i++) {
    slot *taken = slot_at(at, i);
    session_entry copy = copy_entry(taken);
    if (is_of(&copy, at->digest)) {
      return taken;
    }
    if (useless == NULL && !is_of_use(table, generation, &copy)) {
      useless = taken;
    }
  }
  return useless != NULL ? useless : slot_at(at, random % ENTRIES_PER_BUCKET);
}

void ua_auth_session_table_fill(ua_session_table *table, uint64_t generation, const ua_token_key *key,
                                ua_session_moment moment, int64_t asked_ms)
{
  token_place at = place_of(table, key);
  session_entry filled;
  if (asked_ms < 0 || asked_ms / 1000 > UINT32_MAX) {
    return;
  }
  memcpy(filled.word, at.digest, sizeof at.digest);
  filled.word[USER_AND_SECONDS] = (uint64_t)(uint32_t)key->user_id << 32 | (uint64_t)(asked_ms / 1000);
  filled.word[USER_GENERATION] = moment.user;
  filled.word[TOKEN_GENERATION] = moment.token;
  filled.word[CHECKSUM] = checksum(table, &filled, (validity){generation, moment.all});
  /* The time takes part in the choice, so that two tokens in use do not evict each other for ever. */
  slot *taken = slot_to_replace(table, generation, &at, filled.word[CHECKSUM] ^ (uint64_t)asked_ms);
  for (size_t i = 0; i < WORDS; i++) {
    store(&taken->word[i], filled.word[i]);
  }
}
