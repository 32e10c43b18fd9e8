/* On whose behalf a program makes a change, in the service's terms. */
#ifndef UA_EMBED_TERMS_H
#define UA_EMBED_TERMS_H

#include "embed/instance.h"
#include "service/precondition.h"
#include "service/scope.h"

typedef struct ua_embed_terms {
  ua_scope scope;
  ua_precondition precondition;
  ua_claims caller; /* what scope.caller points to */
  ua_text if_match; /* what the precondition's context points to */
} ua_embed_terms;

/* Whether the program's terms, which may be NULL, are of a known version of the header, and state who
 * acts. */
bool ua_embed_terms_are_known(const user_api_terms *terms);

/* The same, for functions that support no condition: an ignored condition would be a lost update. */
bool ua_embed_terms_are_unconditional(const user_api_terms *terms);

/* For UA_NOT_FOUND, sets the message to the missing customer. Over HTTP the customer is the caller's, so it
 * exists. Returns `status`. */
ua_status ua_embed_terms_missing_customer(ua_embed_call *call, ua_status status, int32_t customer_id);

/* The scope of `customer_id`. UA_FORBIDDEN when the caller lacks the right, UA_USER_INACTIVE for a caller who
 * is not active, UA_NOT_FOUND when the customer is not the caller's or, for an operator, does not exist. Do
 * not copy *terms_r: its parts point to each other. */
UA_CHECK ua_status ua_embed_terms_read(ua_embed_call *call, const user_api_terms *terms, int32_t customer_id,
                                       ua_right right, ua_embed_terms *terms_r);

#endif
