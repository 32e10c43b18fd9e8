/* The client's functions for the service. */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "process/hash_client_private.h"
#include "service/hasher.h"

enum {
  LONGEST_HASH_MS = 60 * 60 * 1000,
  SHARE_OF_TURN = 4, /* of the watchdog's time, for a request that blocks the whole worker */
  SHARE_OF_HASH = 2
};

/* The worker does nothing else until the entry's state changes. */
static void wait_while(ua_hash_client *self, const ua_hash_call *one, ua_hash_call_state state)
{
  int64_t now = ua_clock_monotonic_ms();
  ua_process_hash_client_expire(self, now);
  while (one->state == state) {
    struct pollfd connection = {.fd = self->fd, .events = POLLIN};
    (void)poll(&connection, 1, (int)ua_process_hash_client_due(self, now));
    ua_process_hash_client_read(self);
    now = ua_clock_monotonic_ms();
    ua_process_hash_client_expire(self, now);
  }
}

/* `longest_ms`, or less for a request that cannot wait: the watchdog kills a worker that is busy for too
 * long. */
static int64_t deadline_of(const ua_hash_client *self, uint64_t request, int64_t longest_ms, int64_t share)
{
  int64_t watchdog_ms = self->settings.watchdog_ms;
  bool is_bounded = request == 0 && watchdog_ms > 0 && watchdog_ms / share < longest_ms;
  return ua_clock_monotonic_ms() + (is_bounded ? watchdog_ms / share : longest_ms);
}

/* NULL when there is no place. */
static ua_hash_call *add(ua_hash_client *self, const ua_hash_ticket *ticket)
{
  ua_hash_call *fresh = NULL;
  for (size_t i = 0; fresh == NULL && i < UA_HASH_CALLS; i++) {
    fresh = self->call[i].state == UA_HASH_CALL_NONE ? &self->call[i] : NULL;
  }
  if (fresh == NULL) {
    return NULL;
  }
  *fresh = (ua_hash_call){.state = UA_HASH_CALL_ASKED, .request = ticket->request, .name = ++self->last_name};
  self->used++;
  fresh->deadline_ms = deadline_of(self, ticket->request, self->settings.hash_wait_ms, SHARE_OF_TURN);
  memcpy(fresh->source, ticket->source, sizeof(fresh->source));
  memcpy(fresh->address, ticket->address, sizeof(fresh->address));
  ua_process_hash_client_ask(self, fresh);
  return fresh;
}

static ua_status refuse(const ua_hash_client *self, ua_status status)
{
  ua_tally_add(self->settings.refused, 1);
  return status;
}

static ua_status enter(void *context, ua_hash_ticket *ticket, bool *began_r)
{
  ua_hash_client *self = context;
  ua_hash_call *own = ua_process_hash_client_find(self, ticket->request);
  bool can_wait = ticket->request != 0;
  *began_r = false;
  if (own == NULL) {
    own = ticket->last_try && can_wait ? NULL : add(self, ticket);
  }
  if (own == NULL) {
    return refuse(self, UA_BUSY);
  }
  if (!can_wait) {
    wait_while(self, own, UA_HASH_CALL_ASKED);
  }
  if (own->state == UA_HASH_CALL_FAILED && !own->began) {
    ua_status status = own->status;
    ua_process_hash_client_clear(self, own);
    return refuse(self, status);
  }
  *began_r = own->state != UA_HASH_CALL_ASKED && own->state != UA_HASH_CALL_TURN;
  if (*began_r) {
    ticket->counted = own->counted;
  }
  return own->state == UA_HASH_CALL_ASKED ? UA_PENDING : UA_OK;
}

/* Hands the job over; its digest distinguishes it from other jobs. */
static void hand_over(ua_hash_client *self, ua_hash_call *own, const ua_hash_job *job,
                      const unsigned char *digest)
{
  ua_hash_message message = {.kind = UA_HASH_GO, .request = own->name, .job = *job};
  int64_t longest_ms = self->settings.watchdog_ms > 0
                           ? self->settings.watchdog_ms + self->settings.hash_wait_ms
                           : LONGEST_HASH_MS;
  memcpy(own->digest, digest, sizeof(own->digest));
  own->state = UA_HASH_CALL_UNDER_WAY;
  own->deadline_ms = deadline_of(self, own->request, longest_ms, SHARE_OF_HASH);
  if (self->fd < 0) {
    ua_process_hash_client_fail(self, own, UA_BUSY);
  }
  ua_process_hash_client_send(self, &message);
}

/* False when OpenSSL fails, or for a job that the hasher would not take. */
static bool digest_of(const ua_hash_job *job, unsigned char digest_r[UA_SHA256_BYTES])
{
  unsigned char bytes[UA_HASH_MESSAGE_BYTES];
  size_t length = ua_process_hash_messages_write(&(ua_hash_message){.kind = UA_HASH_GO, .job = *job}, bytes);
  bool made = length > 0 && ua_crypto_sha256((ua_text){(const char *)bytes, length}, digest_r);
  explicit_bzero(bytes, sizeof(bytes));
  return made;
}

static ua_status run(void *context, const ua_hash_ticket *ticket, const ua_hash_job *job,
                     ua_hash_outcome *outcome_r)
{
  ua_hash_client *self = context;
  ua_hash_call *own = ua_process_hash_client_find(self, ticket->request);
  unsigned char digest[UA_SHA256_BYTES];
  if (own == NULL) {
    return refuse(self, UA_BUSY);
  }
  if (!digest_of(job, digest)) {
    ua_process_hash_client_drop(self, own);
    return UA_INTERNAL;
  }
  if (own->state == UA_HASH_CALL_TURN) {
    own->counted = ticket->counted;
    hand_over(self, own, job, digest);
  }
  if (own->state == UA_HASH_CALL_UNDER_WAY && ticket->request == 0) {
    wait_while(self, own, UA_HASH_CALL_UNDER_WAY);
  }
  bool is_same = memcmp(own->digest, digest, sizeof(digest)) == 0;
  explicit_bzero(digest, sizeof(digest));
  if (is_same && own->state == UA_HASH_CALL_UNDER_WAY) {
    return UA_PENDING;
  }
  bool is_done = is_same && own->state == UA_HASH_CALL_DONE;
  if (is_done) {
    *outcome_r = own->outcome;
  }
  if (!is_done || ticket->request == 0) { /* one that cannot wait (0) does not come again, but others may */
    ua_process_hash_client_drop(self, own);
  }
  if (is_done) {
    return UA_OK;
  }
  return is_same ? refuse(self, UA_BUSY) : UA_CONFLICT;
}

static bool has_asked(void *context, uint64_t request)
{
  return ua_process_hash_client_find(context, request) != NULL;
}

static void leave(void *context, uint64_t request)
{
  ua_process_hash_client_forget(context, request);
}

void ua_process_hash_client_hasher(ua_hash_client *client, ua_hasher *hasher_r)
{
  *hasher_r =
      (ua_hasher){.has_asked = has_asked, .enter = enter, .run = run, .leave = leave, .context = client};
}
