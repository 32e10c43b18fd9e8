#include "embed/terms.h"

#include <string.h>

#include "http/etag.h"

bool ua_embed_terms_are_known(const user_api_terms *terms)
{
  return terms == NULL || terms->size >= sizeof *terms;
}

static bool names_tag(const void *if_match, ua_text tag)
{
  return ua_http_etag_is_named(*(const ua_text *)if_match, tag, UA_ETAG_STRONG);
}

ua_status ua_embed_terms_read(ua_embed_call *call, const user_api_terms *terms, int32_t customer_id,
                              ua_right right, ua_embed_terms *terms_r)
{
  *terms_r = (ua_embed_terms){.scope = {.customer_id = customer_id}};
  if (terms == NULL) {
    return UA_OK;
  }
  if (terms->if_match != NULL) {
    terms_r->if_match = ua_text_of(terms->if_match);
    terms_r->precondition = (ua_precondition){names_tag, &terms_r->if_match};
  }
  if (terms->caller == NULL) {
    return UA_OK;
  }
  ua_status status = ua_embed_user_inside(call->arena, &terms->caller->user, &terms_r->caller.user);
  if (status == UA_OK) {
    status = ua_service_scope_open(call->service, &terms_r->caller, right, &terms_r->scope, &call->refusal);
  }
  return status == UA_OK ? ua_service_scope_enter_customer(call->service, customer_id, &terms_r->scope)
                         : status;
}
