/* On whose behalf a program asks for a change, as the service has it. */
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

/* Whether the program's terms, which may be NULL, are those of some version of the header, and say who asks.
 */
bool ua_embed_terms_are_known(const user_api_terms *terms);

/* The same, for what knows no condition: one that was ignored would be a lost update. */
bool ua_embed_terms_are_unconditional(const user_api_terms *terms);

/* For UA_NOT_FOUND, says which customer is missing. Over HTTP the customer is the caller's, and there.
 * Returns `status`. */
ua_status ua_embed_terms_missing_customer(ua_embed_call *call, ua_status status, int32_t customer_id);

/* The scope of `customer_id`. UA_FORBIDDEN when the caller lacks the right, UA_USER_INACTIVE for one who is
 * not active, UA_NOT_FOUND when the customer is not the caller's, or for an operator not there. Stays where
 * it was filled: parts of it point to others. */
UA_CHECK ua_status ua_embed_terms_read(ua_embed_call *call, const user_api_terms *terms, int32_t customer_id,
                                       ua_right right, ua_embed_terms *terms_r);

#endif
