#include "process/hash_queue.h"

#include <stdlib.h>
#include <string.h>

#include "process/hash_failures.h"

enum {
  PLACES = UA_MAX_HASHES + UA_HASH_TURNS, /* entries with a lapsed turn wait beyond the bound */
  TURNS_BEFORE_OTHERS = 3                 /* of sources without failures; the fourth goes to the others */
};

typedef enum hash_state {
  HASH_WAITS,
  HASH_HAS_TURN,
  HASH_LAPSED, /* had its turn, but its job has not arrived */
  HASH_LATE,   /* has its job, and waits for another turn */
  HASH_RUNS
} hash_state;

typedef struct place {
  ua_hash_entry entry;
  hash_state state;
  uint64_t ticket; /* the order of arrival */
  int64_t turn_ms; /* when it got its turn */
  size_t source;
} place;

typedef struct source {
  unsigned char digest[UA_SHA256_BYTES];
  size_t entries; /* 0: unused */
  size_t able;    /* of those, entries that can get a turn: not those of a stalled worker */
  size_t turns;
  size_t tally;    /* used to find the source that makes room */
  uint64_t ticket; /* the order of the round */
} source;

struct ua_hash_queue {
  uint64_t last_ticket;
  size_t passed; /* consecutive turns given while sources with failures waited */
  size_t count;
  size_t waiting;
  size_t turns;
  size_t source_count; /* beyond it all are unused */
  place place[PLACES];
  source source[PLACES];
  ua_hash_failures failures;
};

ua_hash_queue *ua_process_hash_queue_create(void)
{
  return calloc(1, sizeof(ua_hash_queue));
}

void ua_process_hash_queue_destroy(ua_hash_queue **queue)
{
  free(*queue);
  *queue = NULL;
}

static bool is_waiting(hash_state state)
{
  return state == HASH_WAITS || state == HASH_LAPSED || state == HASH_LATE;
}

static bool is_able(hash_state state)
{
  return state == HASH_WAITS || state == HASH_LATE;
}

/* Updates the counts: `sign` is 1 for an added entry, -1 for a removed one. */
static void count(ua_hash_queue *queue, const place *entry, size_t sign)
{
  source *of = &queue->source[entry->source];
  size_t waits = is_waiting(entry->state) ? sign : 0;
  size_t has_turn = is_waiting(entry->state) ? 0 : sign;
  of->entries += sign;
  of->able += is_able(entry->state) ? sign : 0;
  of->turns += has_turn;
  queue->waiting += waits;
  queue->turns += has_turn;
}

static void set_state(ua_hash_queue *queue, place *entry, hash_state state)
{
  count(queue, entry, (size_t)-1);
  entry->state = state;
  count(queue, entry, 1);
}

static place *find(ua_hash_queue *queue, uint64_t owner, uint64_t request)
{
  for (size_t i = 0; i < queue->count; i++) {
    if (queue->place[i].entry.owner == owner && queue->place[i].entry.request == request) {
      return &queue->place[i];
    }
  }
  return NULL;
}

/* The last entry moves to its place. */
static void take_out(ua_hash_queue *queue, place *entry, ua_hash_entry *entry_r)
{
  *entry_r = entry->entry;
  count(queue, entry, (size_t)-1);
  *entry = queue->place[--queue->count];
  queue->place[queue->count] = (place){.state = HASH_WAITS};
  while (queue->source_count > 0 && queue->source[queue->source_count - 1].entries == 0) {
    queue->source_count--;
  }
}

/* The source's place; a new one is the last of the round. */
static size_t source_of(ua_hash_queue *queue, const unsigned char *digest)
{
  size_t unused = queue->source_count;
  for (size_t i = 0; i < queue->source_count; i++) {
    if (queue->source[i].entries == 0) {
      unused = i;
    } else if (memcmp(queue->source[i].digest, digest, UA_SHA256_BYTES) == 0) {
      return i;
    }
  }
  queue->source[unused] = (source){.ticket = ++queue->last_ticket};
  memcpy(queue->source[unused].digest, digest, UA_SHA256_BYTES);
  queue->source_count += unused == queue->source_count;
  return unused;
}

static bool has_failed(const ua_hash_queue *queue, const source *of, int64_t now_ms)
{
  return ua_process_hash_failures_has(&queue->failures, of->digest, now_ms);
}

static size_t waiting_of(const ua_hash_queue *queue, uint64_t owner)
{
  size_t waiting = 0;
  for (size_t i = 0; i < queue->count; i++) {
    waiting += queue->place[i].entry.owner == owner && is_waiting(queue->place[i].state);
  }
  return waiting;
}

/* Counts each source's entries that could make room, of one owner or (NULL) of any. Returns the number for
 * the source `digest`. */
static size_t tally(ua_hash_queue *queue, const uint64_t *owner, const unsigned char *digest)
{
  size_t own = 0;
  for (size_t i = 0; i < queue->source_count; i++) {
    queue->source[i].tally = 0;
  }
  for (size_t i = 0; i < queue->count; i++) {
    const place *entry = &queue->place[i];
    if (entry->state == HASH_WAITS && (owner == NULL || entry->entry.owner == *owner)) {
      source *of = &queue->source[entry->source];
      of->tally++;
      own = memcmp(of->digest, digest, UA_SHA256_BYTES) == 0 ? of->tally : own;
    }
  }
  return own;
}

/* The source that has to make room: if the newcomer has no failures, a source with failures, however few
 * entries wait; else one of the same kind with more waiting entries than the newcomer would have. NULL: there
 * is none. */
static source *find_unwanted(ua_hash_queue *queue, size_t own, bool newcomer_failed, int64_t now_ms)
{
  source *most = NULL;
  bool most_failed = false;
  for (size_t i = 0; i < queue->source_count; i++) {
    source *of = &queue->source[i];
    bool failed = of->tally > 0 && has_failed(queue, of, now_ms);
    bool yields = failed == newcomer_failed ? of->tally > own + 1 : failed;
    bool is_worse = most == NULL || (failed == most_failed ? of->tally > most->tally : failed);
    if (yields && is_worse) {
      most = of;
      most_failed = failed;
    }
  }
  return most;
}

/* UA_OK, if necessary after another entry was removed: a source with many waiting entries cannot keep out one
 * with few. */
static ua_status make_room(ua_hash_queue *queue, const ua_hash_entry *entry, int64_t now_ms,
                           bool *pushes_out_r, ua_hash_entry *pushed_out_r)
{
  bool is_owners = waiting_of(queue, entry->owner) >= UA_MAX_HASHES_OF_WORKER;
  const uint64_t *owner = is_owners ? &entry->owner : NULL;
  place *youngest = NULL;
  *pushes_out_r = false;
  if (!is_owners && queue->waiting < UA_MAX_HASHES) {
    return UA_OK;
  }
  bool failed = ua_process_hash_failures_has(&queue->failures, entry->source, now_ms);
  size_t own = tally(queue, owner, entry->source);
  const source *unwanted = find_unwanted(queue, own, failed, now_ms);
  for (size_t i = 0; unwanted != NULL && i < queue->count; i++) {
    place *one = &queue->place[i];
    if (&queue->source[one->source] == unwanted && one->state == HASH_WAITS &&
        (owner == NULL || one->entry.owner == *owner) &&
        (youngest == NULL || one->ticket > youngest->ticket)) {
      youngest = one;
    }
  }
  if (youngest == NULL) {
    return UA_BUSY;
  }
  take_out(queue, youngest, pushed_out_r);
  *pushes_out_r = true;
  return UA_OK;
}

static bool has_enough(const ua_hash_queue *queue, const ua_hash_entry *entry)
{
  static const unsigned char unknown[UA_SHA256_BYTES];
  size_t of_address = 0;
  for (size_t i = 0; i < queue->source_count; i++) {
    const source *of = &queue->source[i];
    if (of->able >= UA_MAX_HASHES_OF_SOURCE && memcmp(of->digest, entry->source, UA_SHA256_BYTES) == 0) {
      return true;
    }
  }
  for (size_t i = 0; i < queue->count; i++) {
    const place *other = &queue->place[i];
    of_address += is_able(other->state) && memcmp(other->entry.address, entry->address, UA_SHA256_BYTES) == 0;
  }
  return of_address >= UA_MAX_HASHES_OF_ADDRESS && memcmp(entry->address, unknown, sizeof(unknown)) != 0;
}

ua_status ua_process_hash_queue_push(ua_hash_queue *queue, const ua_hash_entry *entry, int64_t now_ms,
                                     bool *pushes_out_r, ua_hash_entry *pushed_out_r)
{
  *pushes_out_r = false;
  if (find(queue, entry->owner, entry->request) != NULL) {
    return UA_CONFLICT;
  }
  if (has_enough(queue, entry)) {
    return UA_TOO_MANY_REQUESTS;
  }
  ua_status status = make_room(queue, entry, now_ms, pushes_out_r, pushed_out_r);
  if (status != UA_OK) {
    return status;
  }
  place *fresh = &queue->place[queue->count++];
  *fresh = (place){.entry = *entry, .state = HASH_WAITS, .ticket = ++queue->last_ticket};
  fresh->source = source_of(queue, entry->source);
  count(queue, fresh, 1);
  return UA_OK;
}

/* The first source of the round among those with `turns` turns, with or without failures; NULL: none. */
static source *first_of(ua_hash_queue *queue, size_t turns, bool failed, int64_t now_ms)
{
  source *first = NULL;
  for (size_t i = 0; i < queue->source_count; i++) {
    source *of = &queue->source[i];
    if (of->able > 0 && of->turns == turns && (first == NULL || of->ticket < first->ticket) &&
        has_failed(queue, of, now_ms) == failed) {
      first = of;
    }
  }
  return first;
}

static source *next_source(ua_hash_queue *queue, int64_t now_ms)
{
  size_t fewest = SIZE_MAX;
  for (size_t i = 0; i < queue->source_count; i++) {
    const source *of = &queue->source[i];
    fewest = of->able > 0 && of->turns < fewest ? of->turns : fewest;
  }
  source *good = first_of(queue, fewest, false, now_ms);
  source *failed = first_of(queue, fewest, true, now_ms);
  if (failed == NULL) {
    return good;
  }
  if (good == NULL || queue->passed >= TURNS_BEFORE_OTHERS) {
    queue->passed = 0;
    return failed;
  }
  queue->passed++;
  return good;
}

bool ua_process_hash_queue_next(ua_hash_queue *queue, int64_t now_ms, ua_hash_entry *entry_r)
{
  source *of = queue->turns < UA_HASH_TURNS ? next_source(queue, now_ms) : NULL;
  place *oldest = NULL;
  for (size_t i = 0; of != NULL && i < queue->count; i++) {
    place *entry = &queue->place[i];
    if (&queue->source[entry->source] == of && is_able(entry->state) &&
        (oldest == NULL || entry->ticket < oldest->ticket)) {
      oldest = entry;
    }
  }
  if (oldest == NULL) {
    return false;
  }
  of->ticket = ++queue->last_ticket;
  oldest->turn_ms = now_ms;
  set_state(queue, oldest, oldest->state == HASH_LATE ? HASH_RUNS : HASH_HAS_TURN);
  *entry_r = oldest->entry;
  oldest->entry.job = NULL;
  return true;
}

ua_status ua_process_hash_queue_go(ua_hash_queue *queue, uint64_t owner, uint64_t request, void *job)
{
  place *entry = find(queue, owner, request);
  if (entry == NULL || (entry->state != HASH_HAS_TURN && entry->state != HASH_LAPSED)) {
    return UA_NOT_FOUND;
  }
  if (entry->state == HASH_HAS_TURN) {
    set_state(queue, entry, HASH_RUNS);
    return UA_OK;
  }
  entry->entry.job = job; /* it is the oldest of its source, because it had its turn before the others */
  set_state(queue, entry, HASH_LATE);
  return UA_PENDING;
}

size_t ua_process_hash_queue_lapse(ua_hash_queue *queue, int64_t before_ms)
{
  size_t lapsed = 0;
  for (size_t i = 0; i < queue->count; i++) {
    if (queue->place[i].state == HASH_HAS_TURN && queue->place[i].turn_ms <= before_ms) {
      set_state(queue, &queue->place[i], HASH_LAPSED);
      lapsed++;
    }
  }
  return lapsed;
}

int64_t ua_process_hash_queue_oldest_turn(const ua_hash_queue *queue)
{
  int64_t oldest = -1;
  for (size_t i = 0; i < queue->count; i++) {
    const place *entry = &queue->place[i];
    if (entry->state == HASH_HAS_TURN && (oldest < 0 || entry->turn_ms < oldest)) {
      oldest = entry->turn_ms;
    }
  }
  return oldest;
}

void ua_process_hash_queue_done(ua_hash_queue *queue, uint64_t owner, uint64_t request, bool failed,
                                int64_t now_ms)
{
  place *entry = find(queue, owner, request);
  ua_hash_entry taken;
  if (entry == NULL || entry->state != HASH_RUNS) {
    return;
  }
  take_out(queue, entry, &taken);
  if (failed) {
    ua_process_hash_failures_note(&queue->failures, taken.source, now_ms);
  }
}

bool ua_process_hash_queue_drop(ua_hash_queue *queue, uint64_t owner, uint64_t request,
                                ua_hash_entry *entry_r)
{
  place *entry = find(queue, owner, request);
  if (entry == NULL || entry->state == HASH_RUNS) {
    return false;
  }
  take_out(queue, entry, entry_r);
  return true;
}

bool ua_process_hash_queue_drop_any(ua_hash_queue *queue, uint64_t owner, ua_hash_entry *entry_r)
{
  for (size_t i = 0; i < queue->count; i++) {
    if (queue->place[i].entry.owner == owner && queue->place[i].state != HASH_RUNS) {
      take_out(queue, &queue->place[i], entry_r);
      return true;
    }
  }
  return false;
}

size_t ua_process_hash_queue_turns(const ua_hash_queue *queue)
{
  return queue->turns;
}
