#include "service/users.h"

#include "api/handlers.h"
#include "api/heavy.h"
#include "api/render.h"
#include "api/scope.h"
#include "http/etag.h"

static ua_json_writer *render(const ua_user *user)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_user(writer, NULL, user, true);
  return writer;
}

static ua_status answer_user(ua_exchange *exchange, const ua_user *user)
{
  ua_json_writer *writer = render(user);
  return ua_api_exchange_answer(exchange, 200, &writer);
}

/* Whether If-Match names the tag. The header is a condition whenever it is there, even if it cannot be
 * parsed. */
static bool names_tag(const void *header, ua_text tag)
{
  return ua_http_etag_is_named(*(const ua_text *)header, tag, UA_ETAG_STRONG);
}

/* `header` must outlive the precondition. */
static ua_status read_if_match(ua_exchange *exchange, ua_text *header, ua_precondition *precondition_r)
{
  ua_status status = ua_http_request_joined(exchange->request, "HTTP_IF_MATCH", UA_TEXT(", "), header);
  *precondition_r =
      header->data == NULL ? (ua_precondition){.names = NULL} : (ua_precondition){names_tag, header};
  return status;
}

ua_status ua_api_handle_register(ua_exchange *exchange)
{
  ua_user user;
  ua_status status = ua_service_users_register(exchange->service, exchange->arena, &exchange->scope,
                                               &exchange->document.user, &user, &exchange->problem.refusal);
  if (status == UA_NOT_FOUND && exchange->document.has_customer) {
    return ua_api_scope_unknown_customer(exchange, UA_WRONG_DOCUMENT); /* deleted a moment ago */
  }
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = render(&user);
  return ua_api_exchange_answer_created(exchange, user.id, &writer);
}

ua_status ua_api_handle_update(ua_exchange *exchange)
{
  ua_user user;
  ua_session session;
  ua_text header;
  ua_precondition precondition;
  ua_status status = read_if_match(exchange, &header, &precondition);
  if (status == UA_OK) {
    status = ua_service_users_change(exchange->service, exchange->arena, &exchange->scope,
                                     exchange->match->parameter[0].integer, &exchange->document.user,
                                     &precondition, &user, &session, &exchange->problem.refusal);
  }
  if (status == UA_OK) {
    status = ua_api_exchange_renew_cookie(exchange, &session);
  }
  return status == UA_OK ? answer_user(exchange, &user) : status;
}

ua_status ua_api_handle_delete_user(ua_exchange *exchange)
{
  ua_text header;
  ua_precondition precondition;
  ua_status status = read_if_match(exchange, &header, &precondition);
  if (status == UA_OK) {
    status = ua_service_users_delete(exchange->service, exchange->arena, &exchange->scope,
                                     exchange->match->parameter[0].integer, &precondition, NULL,
                                     &exchange->problem.refusal);
  }
  return status == UA_OK ? ua_api_exchange_answer_nothing(exchange) : status;
}

ua_status ua_api_handle_logout_user(ua_exchange *exchange)
{
  ua_status status =
      ua_service_users_logout(exchange->service, exchange->arena, &exchange->scope,
                              exchange->match->parameter[0].integer, &exchange->problem.refusal);
  return status == UA_OK ? ua_api_exchange_answer_nothing(exchange) : status;
}

/* The user with its entity tag, or 304 if the client has this state already. */
static ua_status answer_tagged(ua_exchange *exchange, const ua_user *user)
{
  char tag[UA_USER_TAG_BYTES];
  ua_text known;
  ua_status status = ua_service_precondition_tag(exchange->arena, user, tag);
  if (status == UA_OK) {
    status = ua_http_request_joined(exchange->request, "HTTP_IF_NONE_MATCH", UA_TEXT(", "), &known);
  }
  if (status != UA_OK) {
    return status;
  }
  ua_text own = ua_arena_copy(exchange->arena, ua_text_of(tag));
  ua_http_response_add_header(&exchange->response, "ETag", own);
  if (ua_http_etag_is_named(known, own, UA_ETAG_WEAK)) {
    exchange->response.status = 304;
    return UA_OK;
  }
  return answer_user(exchange, user);
}

ua_status ua_api_handle_get_user(ua_exchange *exchange)
{
  const ua_path_parameter *id = &exchange->match->parameter[0];
  ua_user user;
  ua_status status =
      ua_service_users_get(exchange->service, exchange->arena, &exchange->scope, id->integer, &user);
  if (status == UA_NOT_FOUND) {
    exchange->problem.refusal.message =
        ua_arena_printf(exchange->arena, "User '%.*s' doesn't exist.", UA_TEXT_ARGS(id->text));
  }
  return status == UA_OK ? answer_tagged(exchange, &user) : status;
}

/* A search that no index helps continues after it gets a heavy turn. */
static ua_status find_page(ua_exchange *exchange, ua_user_search *search, ua_user_list *list_r)
{
  search->light = !ua_api_heavy_users(exchange);
  ua_status status =
      ua_service_users_page(exchange->service, exchange->arena, &exchange->scope, search, list_r);
  if (status != UA_OK || !list_r->is_unfinished) {
    return status;
  }
  status = ua_api_exchange_take_turn(exchange, UA_LOAD_HEAVY);
  search->light = false;
  return status == UA_OK
             ? ua_service_users_page(exchange->service, exchange->arena, &exchange->scope, search, list_r)
             : status;
}

ua_status ua_api_handle_list_users(ua_exchange *exchange)
{
  const ua_document *arguments = &exchange->document;
  ua_user_search search = arguments->search;
  ua_user_list list;
  search.email = arguments->user.email;
  search.name = arguments->user.name;
  ua_status status = find_page(exchange, &search, &list);
  if (status != UA_OK) {
    return status;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  if (search.count) {
    ua_json_add_integer(writer, "count", list.total);
  }
  ua_json_add_boolean(writer, "has_next", list.has_next);
  ua_json_begin_array(writer, "users");
  for (size_t i = 0; i < list.count; i++) {
    ua_api_render_user(writer, NULL, &list.users[i], false);
  }
  ua_json_end(writer);
  ua_json_end(writer);
  return ua_api_exchange_answer(exchange, 200, &writer);
}
