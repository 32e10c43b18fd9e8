/* What the commands report about a token. Private to token*.c. */
#ifndef UA_ADMIN_TOKEN_REPORT_H
#define UA_ADMIN_TOKEN_REPORT_H

#include "admin/session.h"
#include "operator/tokens.h"

typedef struct ua_admin_token_report {
  ua_token_content content;
  bool asked; /* the database was asked; `state` is its answer */
  ua_operator_token_state state;
} ua_admin_token_report;

/* Whether the service would accept the token now, as far as it was checked. */
bool ua_admin_token_counts(const ua_admin_token_report *report);

/* Prints the claims and the report: a line each, or a JSON object. Returns an exit code. */
UA_CHECK int ua_admin_token_print_report(const ua_admin_session *session,
                                         const ua_admin_token_report *report);

/* Prints {"claims":…,…}: the claims, and then the members of the object that was written. Destroys the
 * writer. Returns an exit code. */
UA_CHECK int ua_admin_token_print_with_claims(const ua_admin_session *session, ua_text claims,
                                              ua_json_writer **writer);

#endif
