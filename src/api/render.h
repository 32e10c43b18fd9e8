/* Records as JSON members: the bodies of docs/api.md. Failures stick to the writer. */
#ifndef UA_API_RENDER_H
#define UA_API_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/token.h"
#include "base/arena.h"
#include "json/writer.h"
#include "service/roles.h"
#include "store/records.h"

/* {"active":…,"customer":{"id":…},"email":…,"id":…,"name":…} and, `with_roles`, "roles". `key` as in
 * json/writer.h. */
void ua_api_render_user(ua_json_writer *writer, const char *key, const ua_user *user, bool with_roles);

/* {"code":…,"id":…,"name":…} */
void ua_api_render_role(ua_json_writer *writer, const char *key, const ua_role *role);

/* {"assignable":…,"code":…,"id":…,"name":…,"users":…} */
void ua_api_render_role_details(ua_json_writer *writer, const char *key, const ua_role_details *details);

/* {"id":…,"max_user_quota":…,"name":…,"users":…} */
void ua_api_render_customer(ua_json_writer *writer, const char *key, const ua_customer *customer);

/* {"actor":…,"address":…,"at":…,"customer":…,"data":…,"id":…,"kind":…,"request_id":…,"user":…}; data that
 * cannot be read is {"unreadable":true}. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_render_event(ua_json_writer *writer, const char *key, ua_arena *arena,
                                       const ua_event *event);

/* Its data alone, as the API writes it. As above. */
UA_CHECK ua_status ua_api_render_event_data(ua_json_writer *writer, const char *key, ua_arena *arena,
                                            ua_text data);

/* A user with roles, and "created_at", unless it is absent, and "rights". */
void ua_api_render_account(ua_json_writer *writer, const char *key, const ua_user *user, ua_text created_at,
                           bool is_admin, bool is_operator);

/* A user with roles, and "exp". */
void ua_api_render_claims(ua_json_writer *writer, const char *key, const ua_claims *claims);

#endif
