/* One turn of a worker's loop: what has come is read, answered, tried again. Of process/worker.c alone. */
#ifndef UA_PROCESS_WORKER_TURN_H
#define UA_PROCESS_WORKER_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "process/admission.h"
#include "process/hash_client.h"
#include "process/hasher_thread.h"
#include "process/worker.h"

/* Data of the worker's epoll: below the first, the listeners' numbers; above, pointers to connections. */
enum { UA_WORKER_SIGNAL_EVENT = UA_MAX_LISTENERS, UA_WORKER_HASHER_EVENT, UA_WORKER_EVENTS };

enum { UA_WORKER_SHORTEST_RETRY_MS = 1 /* of requests that wait for their turn */ };

typedef enum ua_worker_order { UA_ORDER_NONE, UA_ORDER_RETIRE, UA_ORDER_DRAIN } ua_worker_order;

typedef struct ua_worker {
  const ua_worker_setup *setup;
  struct ua_app *app;
  struct ua_fastcgi *fastcgi;
  int epoll_fd;
  int signal_fd;
  bool listens;         /* the listeners are in the epoll */
  int64_t accepted_ms;  /* the last time */
  int64_t retried_ms;   /* the last time that waiting requests were tried */
  bool woke;            /* a request was woken since */
  int64_t retry_ms;     /* until the next time: longer and longer while none has its turn */
  int due_ms;           /* until connections have to be looked after, -1: nothing is due */
  ua_worker_state rest; /* the state while nothing is answered */
  int64_t served;
  int64_t served_limit;  /* 0: none */
  ua_worker_turns turns; /* in a pool */
  ua_hash_client *hash_client;
  ua_hasher_thread *hasher_thread; /* of the single process */
  bool ends;                       /* it accepts no more by itself */
} ua_worker;

/* Adds the listeners to the epoll; false, with errno, when the system refuses. Takes them out again. */
UA_CHECK bool ua_process_worker_listen(ua_worker *self);
void ua_process_worker_listen_no_more(ua_worker *self);

/* Accepts one connection of a listener and serves what has come on it; false when there is none. */
bool ua_process_worker_serve_one(ua_worker *self, size_t listener);

/* Whether hardly a place is left for requests that wait. */
bool ua_process_worker_is_full(const ua_worker *self);

/* Waits for what comes next, at most so long (-1: for ever), and does it. */
ua_worker_order ua_process_worker_turn(ua_worker *self, int64_t longest_ms);

#endif
