/* One turn of a worker's loop: reads, answers and retries requests. Only for process/worker.c. */
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

/* Data of the worker's epoll events: smaller values are the listeners' numbers, greater ones pointers to
 * connections. */
enum { UA_WORKER_SIGNAL_EVENT = UA_MAX_LISTENERS, UA_WORKER_HASHER_EVENT, UA_WORKER_EVENTS };

enum { UA_WORKER_SHORTEST_RETRY_MS = 1 /* for requests that wait for their turn */ };

typedef enum ua_worker_order { UA_ORDER_NONE, UA_ORDER_RETIRE, UA_ORDER_DRAIN } ua_worker_order;

typedef struct ua_worker {
  const ua_worker_setup *setup;
  struct ua_app *app;
  struct ua_fastcgi *fastcgi;
  int epoll_fd;
  int signal_fd;
  bool listens;         /* the listeners are in the epoll */
  int64_t accepted_ms;  /* the last time */
  int64_t retried_ms;   /* when waiting requests were last tried */
  bool woke;            /* a request was woken since */
  int64_t retry_ms;     /* until the next try: grows while no request gets its turn */
  int due_ms;           /* until connections need attention, -1: nothing is due */
  ua_worker_state rest; /* the state while it answers nothing */
  int64_t served;
  int64_t served_limit;  /* 0: none */
  ua_worker_turns turns; /* in a pool */
  ua_hash_client *hash_client;
  ua_hasher_thread *hasher_thread; /* of the single process */
  bool ends;                       /* it accepts no more requests on its own */
} ua_worker;

/* Adds the listeners to the epoll; false, with errno, when the system refuses. The second function removes
 * them. */
UA_CHECK bool ua_process_worker_listen(ua_worker *self);
void ua_process_worker_listen_no_more(ua_worker *self);

/* Accepts one connection of a listener and serves the data that has arrived; false when there is none. */
bool ua_process_worker_serve_one(ua_worker *self, size_t listener);

/* Whether few places are left for waiting requests. */
bool ua_process_worker_is_full(const ua_worker *self);

/* Waits for the next events, at most so long (-1: for ever), and handles them. */
ua_worker_order ua_process_worker_turn(ua_worker *self, int64_t longest_ms);

#endif
