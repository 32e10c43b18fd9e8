/* What there is to say of a token. Private to token*.c. */
#ifndef UA_ADMIN_TOKEN_REPORT_H
#define UA_ADMIN_TOKEN_REPORT_H

#include "admin/session.h"
#include "operator/tokens.h"

typedef struct ua_admin_token_report {
  ua_token_content content;
  bool asked; /* the database; `state` is what it said */
  ua_operator_token_state state;
} ua_admin_token_report;

/* Whether the service would accept the token now, as far as was looked. */
bool ua_admin_token_counts(const ua_admin_token_report *report);

/* Prints the claims and what is to be said of them: a line each, or a JSON object. An exit code. */
UA_CHECK int ua_admin_token_print_report(const ua_admin_session *session,
                                         const ua_admin_token_report *report);

/* Prints {"claims":…,…}: the claims, and behind them the members of the object that was written, which is
 * destroyed. An exit code. */
UA_CHECK int ua_admin_token_print_with_claims(const ua_admin_session *session, ua_text claims,
                                              ua_json_writer **writer);

#endif
