/* A worker's side of the hasher: what of its requests waits for a turn, is being hashed or has its outcome.
 * Connects when the first request asks, and again when the hasher has died: those that wait keep waiting, and
 * those whose hash was under way get UA_BUSY. Never blocks, except for requests that cannot wait (0). One
 * thread uses it. */
#ifndef UA_PROCESS_HASH_CLIENT_H
#define UA_PROCESS_HASH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tally.h"

struct ua_hasher;

typedef struct ua_hash_client ua_hash_client;

typedef struct ua_hash_client_settings {
  int channel_fd;       /* the worker's end of the hasher's; stays the caller's */
  int epoll_fd;         /* watches the connection; stays the caller's */
  uint64_t epoll_data;  /* of its events: call ua_process_hash_client_read then */
  int64_t hash_wait_ms; /* longest wait for a turn */
  int64_t watchdog_ms;  /* in addition to that: longest wait for an outcome; 0: an hour */
  /* A request has something to do: call ua_hasher.enter again. May be called within every function here; it
   * only makes a note. */
  void (*wake)(void *context, uint64_t request);
  void *context;
  ua_tally *refused; /* requests that `enter` or `run` turned away for want of capacity; NULL: not counted */
} ua_hash_client_settings;

/* Connects to nothing yet. UA_INTERNAL when out of memory, and *client_r is NULL. */
UA_CHECK ua_status ua_process_hash_client_open(const ua_hash_client_settings *settings,
                                               ua_hash_client **client_r);

/* Gives up all requests, and wipes what is left of them. Does nothing for NULL. */
void ua_process_hash_client_close(ua_hash_client **client);

/* The functions for the service (service/hasher.h); `client` outlives them. `enter` and `run` are called as
 * often as one likes; what `run` has returned stays until `leave`, which each request must end with. Only
 * what cannot wait is gone when `run` returns: the next one of its kind is another. A request whose hash
 * began and cannot be finished enters with UA_OK and began_r set, and `run` says UA_BUSY. */
void ua_process_hash_client_hasher(ua_hash_client *client, struct ua_hasher *hasher_r);

/* Takes what has come from the hasher; also notices its end. */
void ua_process_hash_client_read(ua_hash_client *client);

/* Milliseconds until ua_process_hash_client_expire has something to do; -1: nothing is waited for. */
int64_t ua_process_hash_client_due(const ua_hash_client *client, int64_t now_ms);

/* Ends what has waited too long, and connects again where that failed before. */
void ua_process_hash_client_expire(ua_hash_client *client, int64_t now_ms);

/* The worker ends: from that moment on nobody waits, and who does gets UA_BUSY. */
void ua_process_hash_client_end_by(ua_hash_client *client, int64_t end_ms);

/* Whether the request waits to be woken: trying it again before is in vain. */
bool ua_process_hash_client_sleeps(const ua_hash_client *client, uint64_t request);

/* The request's peer has gone: as ua_hasher.leave. A hash that is under way is finished for nobody. */
void ua_process_hash_client_forget(ua_hash_client *client, uint64_t request);

#endif
