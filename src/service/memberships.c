#include "service/memberships.h"

#include <stdbool.h>

#include "base/limits.h"
#include "store/users.h"

static bool has_role(const ua_user *user, int32_t role_id)
{
  for (size_t i = 0; i < user->role_count; i++) {
    if (user->roles[i].id == role_id) {
      return true;
    }
  }
  return false;
}

static bool is_repeated(const int32_t *role_ids, size_t at)
{
  for (size_t i = 0; i < at; i++) {
    if (role_ids[i] == role_ids[at]) {
      return true;
    }
  }
  return false;
}

/* A user with more roles could not be read any more, and so not log in. */
static bool would_be_too_many(const ua_user *user, const int32_t *role_ids, size_t count)
{
  size_t total = user->role_count;
  for (size_t i = 0; i < count; i++) {
    total += !has_role(user, role_ids[i]) && !is_repeated(role_ids, i);
  }
  return total > UA_MAX_ROLES;
}

static ua_status add_roles(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                           const int32_t *role_ids, size_t count, size_t *changed_r)
{
  ua_user user;
  ua_status status = ua_store_users_get(service->db, arena, customer_id, id, &user);
  if (status == UA_OK && would_be_too_many(&user, role_ids, count)) {
    status = UA_BAD_REQUEST;
  }
  return status == UA_OK
             ? ua_store_users_add_roles(service->db, arena, customer_id, id, role_ids, count, changed_r)
             : status;
}

/* As ua_store_users_remove_roles has it. */
typedef ua_status step_fn(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                          const int32_t *role_ids, size_t count, size_t *changed_r);

static ua_status remove_roles(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                              const int32_t *role_ids, size_t count, size_t *changed_r)
{
  return ua_store_users_remove_roles(service->db, arena, customer_id, id, role_ids, count, changed_r);
}

/* The user is locked first: what `step` then finds stays true until the end. */
static ua_status change_roles(const ua_service *service, ua_arena *arena, step_fn *step, int32_t customer_id,
                              int32_t id, const int32_t *role_ids, size_t count, ua_user *user_r,
                              size_t *changed_r)
{
  size_t changed = 0;
  ua_user user;
  ua_status status = ua_store_db_begin(service->db);
  if (status != UA_OK) {
    return status;
  }
  status = ua_store_users_lock(service->db, customer_id, id);
  if (status == UA_OK) {
    status = step(service, arena, customer_id, id, role_ids, count, &changed);
  }
  if (status == UA_OK && changed > 0) {
    status = ua_store_users_raise_epoch(service->db, customer_id, id);
  }
  if (status == UA_OK) {
    status = ua_store_users_get(service->db, arena, customer_id, id, &user);
  }
  if (status == UA_OK) {
    status = ua_store_db_commit(service->db);
  } else {
    ua_store_db_rollback(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  if (changed > 0 && service->watcher.updated != NULL) {
    service->watcher.updated(service->watcher.context, &user);
  }
  *user_r = user;
  *changed_r = changed;
  return UA_OK;
}

ua_status ua_service_memberships_grant(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                       int32_t id, const int32_t *role_ids, size_t count, ua_user *user_r,
                                       size_t *changed_r)
{
  return change_roles(service, arena, add_roles, customer_id, id, role_ids, count, user_r, changed_r);
}

ua_status ua_service_memberships_revoke(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                        int32_t id, const int32_t *role_ids, size_t count, ua_user *user_r,
                                        size_t *changed_r)
{
  return change_roles(service, arena, remove_roles, customer_id, id, role_ids, count, user_r, changed_r);
}
