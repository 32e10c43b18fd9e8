/* What every rule needs: one database connection, the token secrets, the password policy. Handlers and the
 * library use the database only through this directory. */
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

/* Called with the user, roles included, after a change was committed; either may be NULL. */
typedef struct ua_user_watcher {
  void (*created)(void *context, const ua_user *user);
  void (*updated)(void *context, const ua_user *user);
  void *context;
} ua_user_watcher;

/* What a serving process remembers. */
typedef struct ua_service_marks {
  int64_t months_at; /* when the months of events may be maintained next, on the monotonic clock (ms) */
  bool newer_schema; /* the log has mentioned it */
} ua_service_marks;

typedef struct ua_service {
  ua_db *db;                /* owned, if ua_service_open made it */
  ua_token_secrets secrets; /* views */
  int64_t token_lifetime_seconds;
  int bcrypt_cost;                    /* adding 1 doubles the time of a hash */
  int bcrypt_limit;                   /* a stored hash of a higher cost is not verified */
  bool upgrade_hashes;                /* replace weaker ones at login */
  ua_password_policy password_policy; /* of new passwords; zeroed: any is accepted */
  bool enforce_quota;
  int64_t event_days;        /* how long events are kept, at least */
  ua_service_marks *marks;   /* owned, if ua_service_open made it; NULL: it does not serve */
  const char *operator_role; /* code; NULL: there are no operators */
  ua_hasher hasher;
  ua_sessions sessions;
  ua_throttle_limits login_limits;
  ua_user_watcher watcher;
} ua_service;

/* Gives `service` its database connection, which is opened by the first statement. UA_INTERNAL when out of
 * memory. `database->url` must outlive the service. */
UA_CHECK ua_status ua_service_open(ua_service *service, const ua_db_settings *database);

/* Closes the database connection. Does nothing to a service that was not opened. */
void ua_service_close(ua_service *service);

/* As ua_service_close, in a process that inherited the service by fork: the parent's database session stays
 * open. */
void ua_service_abandon(ua_service *service);

/* At the end of every request: rolls back a transaction that was left open. */
void ua_service_settle(const ua_service *service);

/* Sets the cause that events record for the changes of a request from now on; NULL: none. */
void ua_service_audit(const ua_service *service, const ua_audit *audit);

/* The cause that is set now; its texts are valid until another is set. False: none. */
bool ua_service_audit_now(const ua_service *service, ua_audit *audit_r);

/* Whether the database answers, has the schema that this program needs, and returns its rows correctly: else
 * UA_UNAVAILABLE. The log says why; so does the refusal when there is no schema. A newer schema is accepted;
 * each process logs that once. Blocks for one statement. */
UA_CHECK ua_status ua_service_schema_check(const ua_service *service, ua_refusal *refusal);

/* For the functions of this directory: ends the transaction by the status of its statements. For UA_OK it
 * commits and returns that result; otherwise it rolls back and returns `status`. Read what you want to answer
 * before: a read after the commit could fail, and would report a change that was made as failed. */
UA_CHECK ua_status ua_service_end_transaction(const ua_service *service, ua_status status);

/* Likewise, for a change that may end a user's tokens. Whatever the result, all processes of this machine ask
 * the database before they accept one of these tokens again. */
UA_CHECK ua_status ua_service_end_transaction_of(const ua_service *service, ua_status status,
                                                 int32_t user_id);

/* Likewise: calls `watch`, a function of the service's watcher or NULL, with a user. */
void ua_service_announce(const ua_service *service, void (*watch)(void *context, const ua_user *user),
                         const ua_user *user);

/* The guard of this service's tokens; it refers to `service`, which must outlive it. `grace`: the rest of the
 * request needs no database. */
ua_guard ua_service_guard(const ua_service *service, bool grace);

#endif
