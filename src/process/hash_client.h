/* A worker's side of the hasher: its requests that wait for a turn, are being hashed or have an outcome.
 * Connects when the first request asks, and again when the hasher has died: then waiting requests keep
 * waiting, and requests whose hash was under way get UA_BUSY. Never blocks, except for requests that cannot
 * wait (0). One thread uses it. */
#ifndef UA_PROCESS_HASH_CLIENT_H
#define UA_PROCESS_HASH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tally.h"

struct ua_hasher;

typedef struct ua_hash_client ua_hash_client;

typedef struct ua_hash_client_settings {
  int channel_fd;       /* the worker's end of the channel; the caller owns it */
  int epoll_fd;         /* watches the connection; the caller owns it */
  uint64_t epoll_data;  /* of its events: call ua_process_hash_client_read then */
  int64_t hash_wait_ms; /* longest wait for a turn */
  int64_t watchdog_ms;  /* in addition to that: longest wait for an outcome; 0: an hour */
  /* A request can continue: call ua_hasher.enter again. Every function here may call this; it must only make
   * a note. */
  void (*wake)(void *context, uint64_t request);
  void *context;
  ua_tally *refused; /* requests that `enter` or `run` refused for lack of capacity; NULL: not counted */
} ua_hash_client_settings;

/* Does not connect yet. UA_INTERNAL when out of memory, and *client_r is NULL. */
UA_CHECK ua_status ua_process_hash_client_open(const ua_hash_client_settings *settings,
                                               ua_hash_client **client_r);

/* Gives up all requests, and wipes their data. Does nothing for NULL. */
void ua_process_hash_client_close(ua_hash_client **client);

/* The functions for the service (service/hasher.h); `client` must outlive them. `enter` and `run` may be
 * called any number of times; the result of `run` stays until `leave`, which must end each request. A request
 * that cannot wait (0) is forgotten when `run` returns: the next such request is a new one. If a hash began
 * and cannot be finished, `enter` says that it began and returns UA_OK, and `run` returns UA_BUSY. */
void ua_process_hash_client_hasher(ua_hash_client *client, struct ua_hasher *hasher_r);

/* Reads the messages of the hasher; also detects its end. */
void ua_process_hash_client_read(ua_hash_client *client);

/* Milliseconds until ua_process_hash_client_expire has something to do; -1: never. */
int64_t ua_process_hash_client_due(const ua_hash_client *client, int64_t now_ms);

/* Ends requests that have waited too long, and connects again if that failed before. */
void ua_process_hash_client_expire(ua_hash_client *client, int64_t now_ms);

/* The worker ends at `end_ms`: from then on no request waits, and a waiting one gets UA_BUSY. */
void ua_process_hash_client_end_by(ua_hash_client *client, int64_t end_ms);

/* Whether the request waits to be woken: trying it earlier is useless. */
bool ua_process_hash_client_sleeps(const ua_hash_client *client, uint64_t request);

/* The request's peer has closed the connection: as ua_hasher.leave. A hash that is under way is finished, and
 * its result discarded. */
void ua_process_hash_client_forget(ua_hash_client *client, uint64_t request);

#endif
