/* What every rule needs: one database connection, the token secrets, the password policy. Handlers and the
 * library reach the database through this room alone. */
#ifndef UA_SERVICE_SERVICE_H
#define UA_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/guard.h"
#include "auth/guessable.h"
#include "auth/token.h"
#include "base/arena.h"
#include "base/error.h"
#include "service/hasher.h"
#include "service/refusal.h"
#include "store/db.h"
#include "store/records.h"

/* How many logins may fail within a window. */
typedef struct ua_throttle_limits {
  int64_t account; /* 0: any number */
  int64_t address; /* likewise */
  int64_t window_seconds;
} ua_throttle_limits;

/* Told of users, roles included, after the change to them was committed; either may be NULL. */
typedef struct ua_user_watcher {
  void (*created)(void *context, const ua_user *user);
  void (*updated)(void *context, const ua_user *user);
  void *context;
} ua_user_watcher;

/* What a process that serves keeps in mind. */
typedef struct ua_service_marks {
  int64_t months_at; /* when the months of events may be looked after next, on the monotonic clock (ms) */
  bool newer_schema; /* the log has told of it */
} ua_service_marks;

typedef struct ua_service {
  ua_db *db;                /* owned, where ua_service_open made it */
  ua_token_secrets secrets; /* views */
  int64_t token_lifetime_seconds;
  int bcrypt_cost;                    /* one more doubles the time of a hash */
  int bcrypt_limit;                   /* a stored hash of a higher cost is not tried */
  bool upgrade_hashes;                /* replace weaker ones at login */
  ua_password_policy password_policy; /* of new passwords; zeroed: any will do */
  bool enforce_quota;
  int64_t event_days;        /* how long events are kept, at least */
  ua_service_marks *marks;   /* owned, where ua_service_open made it; NULL: it does not serve */
  const char *operator_role; /* code; NULL: there are no operators */
  ua_hasher hasher;
  ua_sessions sessions;
  ua_throttle_limits login_limits;
  ua_user_watcher watcher;
} ua_service;

/* Gives `service` its database connection, which connects to nothing before the first statement. UA_INTERNAL
 * when out of memory. `database->url` must outlive the service. */
UA_CHECK ua_status ua_service_open(ua_service *service, const ua_db_settings *database);

/* Closes the database connection. Does nothing to a service that was not opened. */
void ua_service_close(ua_service *service);

/* As ua_service_close, in a process that inherited the service by fork: the parent's database session goes
 * on. */
void ua_service_abandon(ua_service *service);

/* At the end of every request: whatever transaction was left open is rolled back. */
void ua_service_settle(const ua_service *service);

/* What the changes of a request, from now on, say of their cause; NULL: nothing. */
void ua_service_audit(const ua_service *service, const ua_audit *audit);

/* What they say now: its texts are valid until they say something else. False: nothing. */
bool ua_service_audit_now(const ua_service *service, ua_audit *audit_r);

/* Whether the database answers, has the schema that this program needs, and shows rows as they are: else
 * UA_UNAVAILABLE, and the log says why, as does the refusal where there is no schema. A schema that is newer
 * will do; the log of a process tells of it once. Blocks for one statement. */
UA_CHECK ua_status ua_service_schema_check(const ua_service *service, ua_refusal *refusal);

/* For the functions of this room: ends the transaction with what its statements came to: commits for UA_OK,
 * and returns what became of that, rolls back and returns `status` otherwise. What the caller wants to answer
 * has to be read before: read after the commit it could fail, and the change would be reported as one that
 * was not made. */
UA_CHECK ua_status ua_service_end_transaction(const ua_service *service, ua_status status);

/* Likewise, for a change that may end a user's tokens: whatever became of it, all processes of this machine
 * ask the database before they accept one of them again. */
UA_CHECK ua_status ua_service_end_transaction_of(const ua_service *service, ua_status status,
                                                 int32_t user_id);

/* Likewise: calls `watch`, a function of the service's watcher or NULL, with a user. */
void ua_service_announce(const ua_service *service, void (*watch)(void *context, const ua_user *user),
                         const ua_user *user);

/* The guard of this service's tokens; it refers to `service`, which must outlive it. `grace`: nothing follows
 * that needs the database. */
ua_guard ua_service_guard(const ua_service *service, bool grace);

#endif
