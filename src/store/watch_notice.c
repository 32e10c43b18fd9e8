#include "store/watch_notice.h"

ua_watch_notice ua_store_watch_notice_read(ua_text payload)
{
  ua_watch_notice notice = {.kind = UA_WATCH_NOTICE_ALL};
  uint64_t id;
  ua_text value = payload;
  ua_text kind;
  if (!ua_text_split(&value, ' ', &kind)) {
    return notice;
  }
  if (ua_text_equal(kind, UA_TEXT("u")) && ua_text_to_uint(value, INT32_MAX, &id)) {
    notice.kind = UA_WATCH_NOTICE_USER;
    notice.user_id = (int32_t)id;
  } else if (ua_text_equal(kind, UA_TEXT("t")) && ua_text_unhex(value, notice.digest, sizeof notice.digest)) {
    notice.kind = UA_WATCH_NOTICE_TOKEN;
  }
  return notice;
}
