/* On whose behalf a rule is applied, and within which customer. A request resolves it once, at its start.
 * From then on every statement about users is bound to that one customer, also for an operator. */
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
  const ua_claims *caller; /* NULL: the embedding program or the command line, which may grant any role */
  bool is_operator;        /* the caller is an operator */
  bool force;              /* may remove a customer's last administrator and set a common password */
  const ua_asker *asker;   /* where the request comes from; NULL: a zeroed one */
} ua_scope;

/* What a request needs beyond a session. */
typedef enum ua_right {
  UA_RIGHT_NONE = 0,
  UA_RIGHT_ADMIN,   /* the role admin; operators have it for every customer */
  UA_RIGHT_OPERATOR /* the role that the settings name */
} ua_right;

/* Whether the caller holds the operator role. */
bool ua_service_scope_is_operator(const ua_service *service, const ua_claims *caller);

/* Whether the caller, which must not be NULL, has the right. */
bool ua_service_scope_has(const ua_scope *scope, ua_right right);

/* The scope of the caller's own customer. UA_FORBIDDEN, with what is missing, for a caller without the right.
 * Sends no statement; *scope_r refers to `caller`. */
UA_CHECK ua_status ua_service_scope_open(const ua_service *service, const ua_claims *caller, ua_right right,
                                         ua_scope *scope_r, ua_refusal *refusal);

/* For operators, moves the scope to the customer with that id, of that user, or of the user with that email.
 * For other callers the scope stays in their own customer, so they find nothing of another one; the id of
 * another customer is UA_NOT_FOUND. UA_NOT_FOUND, and the scope stays, when there is no such customer or
 * user. UA_UNAVAILABLE when the database is not available. Block for one statement. */
UA_CHECK ua_status ua_service_scope_enter_customer(const ua_service *service, int64_t customer_id,
                                                   ua_scope *scope);
UA_CHECK ua_status ua_service_scope_enter_user(const ua_service *service, int32_t user_id, ua_scope *scope);
UA_CHECK ua_status ua_service_scope_enter_email(const ua_service *service, ua_arena *arena, ua_text email,
                                                ua_scope *scope);

#endif
