#include <stdarg.h>
#include <stdio.h>

#include "api/render.h"
#include "base/limits.h"
#include "base/log.h"
#include "embed/instance.h"

enum { FIRST_BLOCK = 4 * 1024 };

user_api_memory *ua_embed_memory(ua_arena *arena)
{
  return (user_api_memory *)(void *)arena;
}

ua_arena *ua_embed_arena(user_api_memory *memory)
{
  return (ua_arena *)(void *)memory;
}

user_api_memory *user_api_memory_create(void)
{
  return ua_embed_memory(ua_arena_create(FIRST_BLOCK, UA_ARENA_LIMIT));
}

/* Whether a request or an interrupted call still uses this memory. */
static bool is_in_use(user_api_memory *memory)
{
  bool in_use = memory != NULL && ua_arena_is_held(ua_embed_arena(memory));
  if (in_use) {
    ua_log(UA_LOG_ERROR, UA_EVENT("a user_api_memory in use is neither cleared nor destroyed"));
  }
  return in_use;
}

void user_api_memory_clear(user_api_memory *memory)
{
  if (memory != NULL && !is_in_use(memory)) {
    ua_arena_reset(ua_embed_arena(memory));
  }
}

void user_api_memory_destroy(user_api_memory **memory)
{
  if (memory != NULL && !is_in_use(*memory)) {
    ua_arena *arena = ua_embed_arena(*memory);
    ua_arena_destroy(&arena);
    *memory = NULL;
  }
}

const char *user_api_format(user_api_memory *memory, const char *format, ...)
{
  if (memory == NULL || format == NULL) {
    return NULL;
  }
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  char *text = length < 0 ? NULL : ua_arena_alloc(ua_embed_arena(memory), (size_t)length + 1);
  if (text != NULL) {
    (void)vsnprintf(text, (size_t)length + 1, format, again);
  }
  va_end(again);
  va_end(arguments);
  return text;
}

/* The finished document as a C string. */
static const char *finish(ua_json_writer **writer, user_api_memory *memory)
{
  ua_text text;
  ua_status status = ua_json_finish(writer, ua_embed_arena(memory), false, &text);
  return status == UA_OK ? ua_arena_copy(ua_embed_arena(memory), text).data : NULL;
}

const char *user_api_json_string(user_api_memory *memory, const char *text)
{
  if (memory == NULL || text == NULL || !ua_text_is_utf8(ua_text_of(text))) {
    return NULL;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_array(writer, NULL);
  ua_json_add_text(writer, NULL, ua_text_of(text));
  ua_json_end(writer);
  const char *list = finish(&writer, memory);
  if (list == NULL) {
    return NULL;
  }
  ua_text string = {list + 1, ua_text_of(list).length - 2}; /* without the brackets */
  return ua_arena_copy(ua_embed_arena(memory), string).data;
}

ua_status ua_embed_user_inside(ua_arena *arena, const user_api_user *user, ua_user *user_r)
{
  size_t count = user->roles == NULL ? 0 : user->role_count;
  ua_role *roles = ua_arena_calloc(arena, count, sizeof *roles);
  if (roles == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < count; i++) {
    roles[i] = (ua_role){.id = user->roles[i].id,
                         .code = ua_text_of(user->roles[i].code),
                         .name = ua_text_of(user->roles[i].name)};
  }
  *user_r = (ua_user){.id = user->id,
                      .customer_id = user->customer_id,
                      .email = ua_text_of(user->email),
                      .name = ua_text_of(user->name),
                      .active = user->active,
                      .roles = roles,
                      .role_count = count};
  return UA_OK;
}

const char *user_api_user_json(user_api_memory *memory, const user_api_user *user)
{
  ua_user record;
  if (memory == NULL || user == NULL ||
      ua_embed_user_inside(ua_embed_arena(memory), user, &record) != UA_OK) {
    return NULL;
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_user(writer, NULL, &record, true);
  return finish(&writer, memory);
}

const char *user_api_identity_json(user_api_memory *memory, const user_api_identity *identity)
{
  ua_claims claims = {0};
  if (memory == NULL || identity == NULL ||
      ua_embed_user_inside(ua_embed_arena(memory), &identity->user, &claims.user) != UA_OK) {
    return NULL;
  }
  claims.expires_at = identity->expires_at;
  ua_json_writer *writer = ua_json_writer_create();
  ua_api_render_claims(writer, NULL, &claims);
  return finish(&writer, memory);
}

ua_status ua_embed_roles(ua_arena *arena, const ua_role *roles, size_t count, const user_api_role **roles_r)
{
  user_api_role *list = ua_arena_calloc(arena, count, sizeof *list);
  if (list == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < count; i++) {
    list[i] = (user_api_role){.id = roles[i].id, .code = roles[i].code.data, .name = roles[i].name.data};
  }
  *roles_r = list;
  return UA_OK;
}

ua_status ua_embed_user(ua_arena *arena, const ua_user *user, user_api_user *user_r)
{
  const user_api_role *roles;
  ua_status status = ua_embed_roles(arena, user->roles, user->role_count, &roles);
  if (status != UA_OK) {
    return status;
  }
  *user_r = (user_api_user){.id = user->id,
                            .customer_id = user->customer_id,
                            .email = user->email.data,
                            .name = user->name.data,
                            .active = user->active,
                            .roles = roles,
                            .role_count = user->role_count};
  return UA_OK;
}

ua_status ua_embed_identity(ua_arena *arena, const ua_claims *claims, user_api_identity *identity_r)
{
  user_api_user user;
  ua_status status = ua_embed_user(arena, &claims->user, &user);
  if (status == UA_OK) {
    *identity_r = (user_api_identity){.user = user, .expires_at = claims->expires_at};
  }
  return status;
}
