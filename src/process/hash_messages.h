/* The messages between a worker and the hasher, one a packet. Each side validates the other's messages: a
 * worker reads data of strangers, and an attacker may control it. Pure. */
#ifndef UA_PROCESS_HASH_MESSAGES_H
#define UA_PROCESS_HASH_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/hashing.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/limits.h"

enum {
  UA_HASH_COLUMN_BYTES = 128, /* of a stored hash or salt: no known kind reads more */
  UA_HASH_MESSAGE_BYTES = 32 + UA_MAX_TRIED_PASSWORD_BYTES + 1 + 2 * UA_HASH_COLUMN_BYTES
};

typedef enum ua_hash_message_kind {
  UA_HASH_ASK = 1, /* from a worker: a request wants a turn */
  UA_HASH_GO,      /* from a worker: what is to be hashed */
  UA_HASH_DROP,    /* from a worker: the request has gone */
  UA_HASH_TURN,    /* from the hasher: send GO */
  UA_HASH_DONE,    /* from the hasher */
  UA_HASH_REFUSED  /* from the hasher: there will be no turn */
} ua_hash_message_kind;

typedef struct ua_hash_message {
  ua_hash_message_kind kind;
  uint64_t request;                      /* the worker's id for it */
  unsigned char source[UA_SHA256_BYTES]; /* of ASK; so is the next */
  unsigned char address[UA_SHA256_BYTES];
  ua_hash_job job;         /* of GO: views */
  ua_hash_outcome outcome; /* of DONE; its status is UA_OK, _BAD_REQUEST, _INTERNAL or _BUSY */
  ua_status status;        /* of REFUSED: UA_TOO_MANY_REQUESTS or UA_BUSY */
} ua_hash_message;

/* The length of the packet in `bytes`; 0 for a message that _read would refuse. A password or stored column
 * that is longer than the maximum is cut to a length that still exceeds it. */
size_t ua_process_hash_messages_write(const ua_hash_message *message,
                                      unsigned char bytes[UA_HASH_MESSAGE_BYTES]);

/* Reads a packet of a worker or of the hasher; views point into it. False: neither of them sends such a
 * packet. */
UA_CHECK bool ua_process_hash_messages_read(const unsigned char *bytes, size_t length, bool is_workers,
                                            ua_hash_message *message_r);

#endif
