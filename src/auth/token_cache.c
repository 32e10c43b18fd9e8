#include "auth/token_cache.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
  USUAL_ENTRY = 512,                /* typical size of a token's claims */
  PART_OF_BOUND = 16,               /* no token takes more than a sixteenth */
  MALLOC_BYTES = 2 * sizeof(size_t) /* that malloc() takes for itself, in each allocation */
};

/* The claims of one token. Its digest selects its bucket; a second list has the order of use. */
typedef struct kept {
  struct kept *next; /* of the bucket */
  struct kept *newer;
  struct kept *older;
  size_t bytes; /* of `flat` */
  unsigned char digest[UA_SHA256_BYTES];
  ua_claims claims;
  alignas(ua_role) unsigned char flat[]; /* the claims' roles, then all texts */
} kept;

struct ua_token_cache {
  size_t bound;
  size_t held; /* bytes, of the bound */
  kept *newest;
  kept *oldest;
  size_t buckets; /* a power of two */
  kept *bucket[];
};

/* --- the form of claims that takes one piece of memory --- */

/* Adds to *bytes what the copy of a text takes; false if it becomes more than `most`. */
static bool count_text(size_t *bytes, size_t most, ua_text text)
{
  if (text.data == NULL) {
    return true;
  }
  if (text.length >= most - *bytes) {
    return false;
  }
  *bytes += text.length + 1;
  return true;
}

/* What copy_claims needs; false if it is more than `most`. */
static bool count_claims(const ua_claims *claims, size_t most, size_t *bytes_r)
{
  const ua_user *user = &claims->user;
  if (user->role_count > most / sizeof(ua_role)) {
    return false;
  }
  size_t bytes = user->role_count * sizeof(ua_role);
  bool fits = count_text(&bytes, most, user->email) && count_text(&bytes, most, user->name);
  for (size_t i = 0; i < user->role_count && fits; i++) {
    fits = count_text(&bytes, most, user->roles[i].code) && count_text(&bytes, most, user->roles[i].name);
  }
  *bytes_r = bytes;
  return fits;
}

/* A NUL-terminated copy at *end, which moves behind it; an absent text stays absent. */
static ua_text copy_text(ua_text text, char **end)
{
  if (text.data == NULL) {
    return text;
  }
  char *copy = *end;
  memcpy(copy, text.data, text.length);
  copy[text.length] = '\0';
  *end += text.length + 1;
  return (ua_text){copy, text.length};
}

/* The claims, whose roles and texts are copied into `flat`. */
static ua_claims copy_claims(const ua_claims *claims, void *flat)
{
  ua_claims copy = *claims;
  ua_role *roles = flat;
  char *end = (char *)(roles + claims->user.role_count);
  copy.user.email = copy_text(claims->user.email, &end);
  copy.user.name = copy_text(claims->user.name, &end);
  for (size_t i = 0; i < claims->user.role_count; i++) {
    roles[i] = claims->user.roles[i];
    roles[i].code = copy_text(roles[i].code, &end);
    roles[i].name = copy_text(roles[i].name, &end);
  }
  copy.user.roles = roles;
  return copy;
}

/* --- the cache --- */

ua_token_cache *ua_auth_token_cache_create(size_t bytes)
{
  size_t buckets = 1;
  while (buckets < bytes / USUAL_ENTRY) {
    buckets *= 2;
  }
  size_t size = sizeof(ua_token_cache) + buckets * sizeof(kept *);
  ua_token_cache *cache = calloc(1, size);
  if (cache == NULL) {
    return NULL;
  }
  cache->bound = bytes;
  cache->held = size + MALLOC_BYTES;
  cache->buckets = buckets;
  return cache;
}

/* The link of a bucket that refers to the token's claims, or would if it had them. */
static kept **link_to(ua_token_cache *cache, const unsigned char digest[UA_SHA256_BYTES])
{
  size_t word;
  memcpy(&word, digest, sizeof word);
  kept **link = &cache->bucket[word & (cache->buckets - 1)];
  while (*link != NULL && memcmp((*link)->digest, digest, UA_SHA256_BYTES) != 0) {
    link = &(*link)->next;
  }
  return link;
}

static void take_from_order(ua_token_cache *cache, const kept *taken)
{
  *(taken->newer == NULL ? &cache->newest : &taken->newer->older) = taken->older;
  *(taken->older == NULL ? &cache->oldest : &taken->older->newer) = taken->newer;
}

static void put_newest(ua_token_cache *cache, kept *used)
{
  used->newer = NULL;
  used->older = cache->newest;
  *(cache->newest == NULL ? &cache->oldest : &cache->newest->newer) = used;
  cache->newest = used;
}

static size_t memory_of(size_t flat_bytes)
{
  return sizeof(kept) + flat_bytes + MALLOC_BYTES;
}

static void drop_oldest(ua_token_cache *cache)
{
  kept *dropped = cache->oldest;
  cache->oldest = dropped->newer;
  *(cache->oldest == NULL ? &cache->newest : &cache->oldest->older) = NULL;
  *link_to(cache, dropped->digest) = dropped->next;
  cache->held -= memory_of(dropped->bytes);
  free(dropped);
}

void ua_auth_token_cache_destroy(ua_token_cache **cache)
{
  ua_token_cache *gone = *cache;
  *cache = NULL;
  if (gone == NULL) {
    return;
  }
  while (gone->oldest != NULL) {
    drop_oldest(gone);
  }
  free(gone);
}

bool ua_auth_token_cache_find(ua_token_cache *cache, ua_arena *arena,
                              const unsigned char digest[UA_SHA256_BYTES], ua_claims *claims_r)
{
  kept *found = *link_to(cache, digest);
  void *flat = found == NULL ? NULL : ua_arena_alloc(arena, found->bytes);
  if (flat == NULL) {
    return false;
  }
  take_from_order(cache, found);
  put_newest(cache, found);
  *claims_r = copy_claims(&found->claims, flat);
  return true;
}

void ua_auth_token_cache_add(ua_token_cache *cache, const unsigned char digest[UA_SHA256_BYTES],
                             const ua_claims *claims)
{
  size_t most = cache->bound / PART_OF_BOUND;
  size_t bytes;
  if (!count_claims(claims, most, &bytes) || memory_of(bytes) > most || *link_to(cache, digest) != NULL) {
    return;
  }
  while (cache->oldest != NULL && cache->held + memory_of(bytes) > cache->bound) {
    drop_oldest(cache);
  }
  kept *added = malloc(sizeof *added + bytes);
  if (added == NULL) {
    return;
  }
  added->next = NULL;
  added->bytes = bytes;
  memcpy(added->digest, digest, sizeof added->digest);
  added->claims = copy_claims(claims, added->flat);
  put_newest(cache, added);
  *link_to(cache, digest) = added;
  cache->held += memory_of(bytes);
}
