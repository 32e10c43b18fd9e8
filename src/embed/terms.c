#include "embed/terms.h"

#include <assert.h>
#include <stddef.h>

#include "embed/versions.h"
#include "http/etag.h"

/* If a later version put a member into padding, it could not distinguish it from random bytes of a program of
 * this version. */
static_assert(offsetof(user_api_terms, reserved) + sizeof((user_api_terms *)NULL)->reserved ==
                      offsetof(user_api_terms, address) &&
                  offsetof(user_api_terms, request_id) + sizeof(char *) == sizeof(user_api_terms),
              "user_api_terms has no padding behind what a version knew");

/* The size in programs that were built before the member `address` existed. */
enum { WITHOUT_CAUSE = offsetof(user_api_terms, address) };

static bool has_known_size(const user_api_terms *terms)
{
  return (terms->size == WITHOUT_CAUSE || terms->size >= sizeof *terms) &&
         ua_embed_is_known(terms, terms->size, WITHOUT_CAUSE, sizeof *terms);
}

/* Either there is a caller, or the program states that it acts for itself. A NULL caller alone is not enough:
 * it may be the missing identity of a request. */
bool ua_embed_terms_are_known(const user_api_terms *terms)
{
  return terms == NULL ||
         (has_known_size(terms) && ua_embed_is_unused(terms->reserved, sizeof terms->reserved) &&
          terms->by_program == (terms->caller == NULL));
}

bool ua_embed_terms_are_unconditional(const user_api_terms *terms)
{
  return ua_embed_terms_are_known(terms) && (terms == NULL || terms->if_match == NULL);
}

ua_status ua_embed_terms_missing_customer(ua_embed_call *call, ua_status status, int32_t customer_id)
{
  if (status == UA_NOT_FOUND) {
    call->refusal.message = ua_arena_printf(call->arena, "Customer '%ld' doesn't exist.", (long)customer_id);
  }
  return status;
}

static bool names_tag(const void *if_match, ua_text tag)
{
  return ua_http_etag_is_named(*(const ua_text *)if_match, tag, UA_ETAG_STRONG);
}

/* Sets who makes the changes, and from which address. With `by_program` there is no caller: within a request
 * the cause stays the request's. */
static ua_status say_cause(ua_embed_call *call, const user_api_terms *terms)
{
  bool knows = terms->size >= sizeof *terms;
  return ua_embed_call_say(call, terms->caller == NULL ? 0 : terms->caller->user.id,
                           knows ? terms->address : NULL, knows ? terms->request_id : NULL);
}

ua_status ua_embed_terms_read(ua_embed_call *call, const user_api_terms *terms, int32_t customer_id,
                              ua_right right, ua_embed_terms *terms_r)
{
  *terms_r = (ua_embed_terms){.scope = {.customer_id = customer_id}};
  if (terms == NULL) {
    return UA_OK;
  }
  ua_status status = say_cause(call, terms);
  if (status != UA_OK) {
    return status;
  }
  if (terms->if_match != NULL) {
    terms_r->if_match = ua_text_of(terms->if_match);
    terms_r->precondition = (ua_precondition){names_tag, &terms_r->if_match};
  }
  if (terms->caller == NULL) {
    return UA_OK;
  }
  status = ua_embed_user_inside(call->arena, &terms->caller->user, &terms_r->caller.user);
  if (status == UA_OK) {
    status = ua_service_scope_open(call->service, &terms_r->caller, right, &terms_r->scope, &call->refusal);
  }
  if (status == UA_OK && !terms->caller->user.active) {
    status = UA_USER_INACTIVE;
  }
  if (status == UA_OK) {
    status = ua_service_scope_enter_customer(call->service, customer_id, &terms_r->scope);
  }
  return ua_embed_terms_missing_customer(call, status, customer_id);
}
