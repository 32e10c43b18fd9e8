/* Shared by the files of the hasher's client. */
#ifndef UA_PROCESS_HASH_CLIENT_PRIVATE_H
#define UA_PROCESS_HASH_CLIENT_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/limits.h"
#include "process/hash_client.h"
#include "process/hash_messages.h"
#include "service/hasher.h"

/* Waiting requests, the current one, and one that cannot wait. */
enum { UA_HASH_CALLS = UA_MAX_PARKED + 2 };

typedef enum ua_hash_call_state {
  UA_HASH_CALL_NONE = 0,
  UA_HASH_CALL_ASKED,
  UA_HASH_CALL_TURN,
  UA_HASH_CALL_UNDER_WAY,
  UA_HASH_CALL_DONE,
  UA_HASH_CALL_FAILED
} ua_hash_call_state;

typedef struct ua_hash_call {
  ua_hash_call_state state;
  bool began;       /* of UA_HASH_CALL_FAILED: its hash was under way */
  ua_status status; /* of UA_HASH_CALL_FAILED */
  uint64_t request;
  uint64_t name; /* its name at the hasher: never used again */
  int64_t deadline_ms;
  unsigned char source[UA_SHA256_BYTES];
  unsigned char address[UA_SHA256_BYTES];
  unsigned char digest[UA_SHA256_BYTES]; /* of the job, once it is under way */
  ua_counters counted;                   /* the ticket's when it began */
  ua_hash_outcome outcome;               /* of UA_HASH_CALL_DONE */
} ua_hash_call;

struct ua_hash_client {
  ua_hash_client_settings settings;
  int fd;               /* -1: not connected */
  int64_t reconnect_ms; /* not before */
  int64_t end_ms;       /* no request waits longer */
  uint64_t last_name;
  size_t used; /* calls in use: usually none, and then no search is needed */
  ua_hash_call call[UA_HASH_CALLS];
};

/* NULL when the request has asked for nothing. */
ua_hash_call *ua_process_hash_client_find(ua_hash_client *self, uint64_t request);

/* Records that there will be no outcome, and why. */
void ua_process_hash_client_fail(const ua_hash_client *self, ua_hash_call *call, ua_status status);

/* Forgets it here, and wipes it. */
void ua_process_hash_client_clear(ua_hash_client *self, ua_hash_call *call);

/* Removes it, here and from the hasher, and wipes it. */
void ua_process_hash_client_drop(ua_hash_client *self, ua_hash_call *call);

/* Does nothing without a connection; ends a connection that does not accept the message. */
void ua_process_hash_client_send(ua_hash_client *self, const ua_hash_message *message);

/* Asks for its turn, over a new connection if there is none; ua_process_hash_client_expire repeats that. */
void ua_process_hash_client_ask(ua_hash_client *self, const ua_hash_call *call);

#endif
