/* Which sources have recently sent a wrong password. Pure, of a fixed size: if it is full, the failure that
 * would expire first makes room. */
#ifndef UA_PROCESS_HASH_FAILURES_H
#define UA_PROCESS_HASH_FAILURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"

enum {
  UA_HASH_FAILURE_MS = 15 * 60 * 1000, /* how long a failure counts as recent */
  UA_HASH_FAILURE_SETS = 1024,         /* with the ways: more than four cores can hash in that time */
  UA_HASH_FAILURE_WAYS = 8,
  UA_HASH_FAILURE_KEY_BYTES = 16 /* of a source, which is a digest */
};

/* Zeroed memory is a valid state: no source has failed. */
typedef struct ua_hash_failures {
  struct {
    unsigned char key[UA_HASH_FAILURE_KEY_BYTES];
    int64_t ends_ms; /* 0: empty */
  } set[UA_HASH_FAILURE_SETS][UA_HASH_FAILURE_WAYS];
} ua_hash_failures;

/* The source has failed now. */
void ua_process_hash_failures_note(ua_hash_failures *failures, const unsigned char source[UA_SHA256_BYTES],
                                   int64_t now_ms);

/* Whether it has failed within UA_HASH_FAILURE_MS. */
bool ua_process_hash_failures_has(const ua_hash_failures *failures,
                                  const unsigned char source[UA_SHA256_BYTES], int64_t now_ms);

#endif
