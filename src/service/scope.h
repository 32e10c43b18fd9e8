/* On whose behalf a rule is applied, and within which customer. It is resolved once, at the start of a
 * request; from then on every statement about users is bound to that one customer, an operator's too. */
#ifndef UA_SERVICE_SCOPE_H
#define UA_SERVICE_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/token.h"
#include "service/asker.h"
#include "service/refusal.h"
#include "service/service.h"

typedef struct ua_scope {
  int32_t customer_id;
  const ua_claims
      *caller;           /* NULL: the embedding program or the command line, which may grant what it likes */
  bool is_operator;      /* the caller is one */
  bool force;            /* a customer's last administrator may go, and a password may be a common one */
  const ua_asker *asker; /* where the request comes from; NULL: a zeroed one */
} ua_scope;

/* What a request needs beyond a session. */
typedef enum ua_right {
  UA_RIGHT_NONE = 0,
  UA_RIGHT_ADMIN,   /* the role admin; operators have it for every customer */
  UA_RIGHT_OPERATOR /* the role that the settings name */
} ua_right;

/* Whether the caller holds the operator role. */
bool ua_service_scope_is_operator(const ua_service *service, const ua_claims *caller);

/* Whether the caller, of whom there is one, has the right. */
bool ua_service_scope_has(const ua_scope *scope, ua_right right);

/* The scope of the caller's own customer. UA_FORBIDDEN, with what is missing, for a caller without the right.
 * Asks no database; *scope_r refers to `caller`. */
UA_CHECK ua_status ua_service_scope_open(const ua_service *service, const ua_claims *caller, ua_right right,
                                         ua_scope *scope_r, ua_refusal *refusal);

/* For operators, moves the scope to the customer with that id, of that user, or of the user with that email.
 * For everybody else the scope stays in the own customer, where nothing of another one is found; the id of
 * another customer is UA_NOT_FOUND. UA_NOT_FOUND, and the scope stays, when there is no such
 * customer or user. UA_UNAVAILABLE when the database is away. Block for one statement. */
UA_CHECK ua_status ua_service_scope_enter_customer(const ua_service *service, int64_t customer_id,
                                                   ua_scope *scope);
UA_CHECK ua_status ua_service_scope_enter_user(const ua_service *service, int32_t user_id, ua_scope *scope);
UA_CHECK ua_status ua_service_scope_enter_email(const ua_service *service, ua_arena *arena, ua_text email,
                                                ua_scope *scope);

#endif
