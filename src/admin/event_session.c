#include "admin/event_session.h"

#include <string.h>

#include "base/limits.h"

int ua_admin_event_search(const ua_cli_arguments *arguments, ua_event_search *search_r)
{
  const char *const *option = arguments->option;
  const char *kind = option[UA_ADMIN_EVENT_KIND];
  uint64_t customer = 0;
  uint64_t after = 0;
  int code = ua_admin_read_number("--customer", option[UA_ADMIN_EVENT_CUSTOMER], 1, INT32_MAX, &customer);
  if (code == UA_CLI_OK) {
    code = ua_admin_check_string("--kind", kind, 1);
  }
  if (code == UA_CLI_OK) {
    code = ua_admin_read_number("--after", option[UA_ADMIN_EVENT_AFTER], 0, INT64_MAX, &after);
  }
  if (code == UA_CLI_OK) {
    *search_r = (ua_event_search){.everywhere = option[UA_ADMIN_EVENT_CUSTOMER] == NULL,
                                  .customer_id = (int32_t)customer,
                                  .kind = kind == NULL ? UA_TEXT_ABSENT : ua_text_of(kind),
                                  .after = (int64_t)after,
                                  .before = INT64_MAX};
  }
  return code;
}

ua_status ua_admin_event_each(const ua_service *service, ua_event_search search, int64_t most,
                              ua_admin_event_fn *look, void *context)
{
  ua_event_list list = {.has_next = true};
  ua_arena *arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  ua_status status = arena == NULL ? UA_INTERNAL : UA_OK;
  while (status == UA_OK && list.has_next && most > 0) {
    ua_arena_reset(arena);
    search.limit = most < UA_ADMIN_EVENT_PAGE ? most : UA_ADMIN_EVENT_PAGE;
    status = ua_service_events_page(service, arena, &search, &list);
    for (size_t i = 0; status == UA_OK && i < list.count; i++) {
      search.after = list.events[i].id;
      search.before = list.events[i].id;
      status = look(context, &list.events[i]);
    }
    most -= status == UA_OK ? (int64_t)list.count : 0;
  }
  ua_arena_destroy(&arena);
  return status;
}

void ua_admin_event_explain(ua_admin_session *session, ua_status status)
{
  const char *sqlstate = ua_store_db_failure(session->service.db)->sqlstate;
  if (sqlstate[0] != '\0') {
    ua_error_line_set(&session->error, "the events cannot be read (SQLSTATE %s)%s", sqlstate,
                      strcmp(sqlstate, "42501") == 0 ? ": connect as an owner of the tables" : "");
  } else {
    ua_error_line_set(&session->error, "%s",
                      status == UA_UNAVAILABLE ? "the connection to the database broke" : "out of memory");
  }
}
