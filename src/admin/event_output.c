/* The JSON of an event. The API renders the same event in the same words. */
#include "admin/event_session.h"
#include "api/render.h"

ua_status ua_admin_event_render(ua_arena *arena, const ua_event *event, bool newline, ua_text *text_r)
{
  ua_json_writer *writer = ua_json_writer_create();
  ua_status status = ua_api_render_event(writer, NULL, arena, event);
  if (status != UA_OK) {
    ua_json_discard(&writer);
    return status;
  }
  return ua_json_finish(&writer, arena, newline, text_r);
}
