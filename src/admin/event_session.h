/* What the event commands share: the choice of events, reading page by page, and the JSON of an event. They
 * read by the service's rules, so they print what the API answers. */
#ifndef UA_ADMIN_EVENT_SESSION_H
#define UA_ADMIN_EVENT_SESSION_H

#include "admin/session.h"
#include "service/events.h"

/* The first options of each command. */
enum {
  UA_ADMIN_EVENT_CUSTOMER = UA_ADMIN_SESSION_OPTIONS,
  UA_ADMIN_EVENT_KIND,
  UA_ADMIN_EVENT_AFTER,
  UA_ADMIN_EVENT_OPTIONS
};

/* clang-format off */
#define UA_ADMIN_EVENT_CHOICE_ROWS                                                                             \
  [UA_ADMIN_EVENT_CUSTOMER] = {"--customer", "ID", "only events of this customer"},                            \
  [UA_ADMIN_EVENT_KIND] = {"--kind", "KIND", "only events of this kind, such as user.created"}
/* clang-format on */

enum { UA_ADMIN_EVENT_PAGE = 1000 };

/* Reads these options; the command itself sets by_after. Returns an exit code. */
UA_CHECK int ua_admin_event_search(const ua_cli_arguments *arguments, ua_event_search *search_r);

/* Takes one event, whose texts live as long as the call. Any status except UA_OK ends the reading. */
typedef ua_status ua_admin_event_fn(void *context, const ua_event *event);

/* Calls `look` with at most `most` events (search.limit is ignored). Reads a page at a time, so memory is
 * bounded for any number of events. */
UA_CHECK ua_status ua_admin_event_each(const ua_service *service, ua_event_search search, int64_t most,
                                       ua_admin_event_fn *look, void *context);

/* Writes the reason why reading failed into the session's error. */
void ua_admin_event_explain(ua_admin_session *session, ua_status status);

/* The event as the API renders it, in the arena. */
UA_CHECK ua_status ua_admin_event_render(ua_arena *arena, const ua_event *event, bool newline,
                                         ua_text *text_r);

#endif
