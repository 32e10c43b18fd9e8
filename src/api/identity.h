/* Decides on behalf of another application who may pass, and names the caller to it. */
#ifndef UA_API_IDENTITY_H
#define UA_API_IDENTITY_H

#include "api/exchange.h"
#include "auth/guard.h"

/* The names of the headers that say who the caller is; NULL leaves one out. */
typedef struct ua_identity_names {
  const char *id;
  const char *email;
  const char *name;
  const char *roles; /* codes, separated by commas */
  const char *customer;
  const char *remote_user; /* the email again */
} ua_identity_names;

/* The guard's decision for this request: what *access requires, and what the web server's parameters
 * USER_API_REQUIRE_ROLES and USER_API_REQUIRE_CUSTOMER require in addition. Fills exchange->caller, and on
 * UA_FORBIDDEN the message. If any requirement cannot be read, nobody passes: a caller with a session gets
 * UA_INTERNAL and a line in the log, others get the usual refusal. */
UA_CHECK ua_status ua_api_identity_decide(ua_exchange *exchange, ua_access *access);

/* Whether a client that was refused with `status` should be sent to the login page: a person who opens a page
 * with `method`, but not a program, a script's fetch(), or a form that would lose its content. */
bool ua_api_identity_may_login(const ua_exchange *exchange, ua_status status, ua_text method);

/* Whether a person waits for the answer, in a browser that shows it as a page, whatever the method. */
bool ua_api_identity_wants_html(const ua_exchange *exchange);

/* Adds the caller's identity to the response: printable ASCII as it is; every other byte, "%", and a comma
 * within a role's code as %XX. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_identity_add_headers(ua_exchange *exchange, const ua_identity_names *names);

#endif
