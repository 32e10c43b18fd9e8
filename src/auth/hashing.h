/* One job of password hashing, as data that can be passed to another thread or process. */
#ifndef UA_AUTH_HASHING_H
#define UA_AUTH_HASHING_H

#include <pthread.h>
#include <stdbool.h>

#include "auth/columns.h"
#include "auth/password.h"
#include "base/error.h"
#include "base/text.h"

typedef enum ua_hash_kind { UA_HASH_NEW, UA_HASH_VERIFY } ua_hash_kind;

typedef struct ua_hash_job {
  ua_hash_kind kind;
  int cost;           /* bcrypt cost of new hashes */
  int limit;          /* of VERIFY: a stored hash of a higher cost is not tried */
  bool upgrade;       /* of VERIFY: an outdated match is hashed again in the same job */
  ua_text password;   /* longer than UA_MAX_TRIED_PASSWORD_BYTES: never matches */
  ua_text hash, salt; /* of VERIFY; absent: an unknown user, costs the same time */
} ua_hash_job;

typedef struct ua_hash_outcome {
  ua_status status;            /* UA_OK, or why there is none */
  ua_password_verdict verdict; /* of VERIFY */
  bool has_record;             /* NEW, or VERIFY that was upgraded; an upgrade that fails is no failure */
  ua_password_record record;
} ua_hash_outcome;

/* Does the job in the calling thread. New passwords are hashed in NFC; one to verify is tried as typed, then
 * in NFC if that differs. Blocks for one hash, and for one more each for the second try and the upgrade of a
 * match. The caller wipes the outcome. */
void ua_auth_hashing_run(const ua_hash_job *job, ua_hash_outcome *outcome_r);

/* The same in a thread of low priority, for which it waits: requests that hash nothing go first. For programs
 * without a hasher. UA_BUSY if no thread can be created. */
void ua_auth_hashing_run_aside(const ua_hash_job *job, ua_hash_outcome *outcome_r);

/* A job under way in a thread of low priority. */
typedef struct ua_hashing {
  const ua_hash_job *job;
  ua_hash_outcome *outcome;
  void (*done)(void *context); /* called in that thread when the outcome is ready; NULL: no call */
  void *context;
  pthread_t thread; /* set by ua_auth_hashing_begin */
} ua_hashing;

/* Begins it; `hashing` and all that it refers to must stay in place until ua_auth_hashing_end. False, and
 * nothing runs, if no thread can be created. */
UA_CHECK bool ua_auth_hashing_begin(ua_hashing *hashing);

/* Waits for the end of its thread. */
void ua_auth_hashing_end(const ua_hashing *hashing);

#endif
