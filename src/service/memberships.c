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

/* Which roles to give to or take from whom. */
typedef struct change {
  const ua_service *service;
  ua_arena *arena;
  int32_t customer_id;
  int32_t id;
  const int32_t *role_ids;
  size_t count;
} change;

/* A user with more roles could not be read any more, and so not log in. */
static bool would_be_too_many(const ua_user *user, const change *c)
{
  size_t total = user->role_count;
  for (size_t i = 0; i < c->count; i++) {
    total += !has_role(user, c->role_ids[i]) && !is_repeated(c->role_ids, i);
  }
  return total > UA_MAX_ROLES;
}

/* Gives or takes the roles; *changed_r says how many of them were not so before. */
typedef ua_status step_fn(const change *c, size_t *changed_r);

static ua_status add_roles(const change *c, size_t *changed_r)
{
  ua_user user;
  ua_status status = ua_store_users_get(c->service->db, c->arena, c->customer_id, c->id, &user);
  if (status != UA_OK) {
    return status;
  }
  if (would_be_too_many(&user, c)) {
    return UA_BAD_REQUEST;
  }
  return ua_store_users_add_roles(c->service->db, c->arena, c->customer_id, c->id, c->role_ids, c->count,
                                  changed_r);
}

static ua_status remove_roles(const change *c, size_t *changed_r)
{
  return ua_store_users_remove_roles(c->service->db, c->arena, c->customer_id, c->id, c->role_ids, c->count,
                                     changed_r);
}

/* The transaction's statements. The user is locked first: what `step` then finds stays true until the end. */
static ua_status run_step(const change *c, step_fn *step, ua_user *user_r, size_t *changed_r)
{
  ua_db *db = c->service->db;
  ua_status status = ua_store_users_lock(db, c->customer_id, c->id);
  if (status == UA_OK) {
    status = step(c, changed_r);
  }
  if (status == UA_OK && *changed_r > 0) {
    status = ua_store_users_raise_epoch(db, c->customer_id, c->id);
  }
  return status == UA_OK ? ua_store_users_get(db, c->arena, c->customer_id, c->id, user_r) : status;
}

static ua_status run(const change *c, step_fn *step, ua_user *user_r, size_t *changed_r)
{
  size_t changed = 0;
  ua_user user;
  ua_status status = ua_store_db_begin(c->service->db);
  if (status != UA_OK) {
    return status;
  }
  status = ua_service_end_transaction(c->service, run_step(c, step, &user, &changed));
  if (status != UA_OK) {
    return status;
  }
  if (changed > 0) {
    ua_service_announce(c->service, c->service->watcher.updated, &user);
  }
  *user_r = user;
  *changed_r = changed;
  return UA_OK;
}

ua_status ua_service_memberships_grant(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                       int32_t id, const int32_t *role_ids, size_t count, ua_user *user_r,
                                       size_t *changed_r)
{
  return run(&(change){service, arena, customer_id, id, role_ids, count}, add_roles, user_r, changed_r);
}

ua_status ua_service_memberships_revoke(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                        int32_t id, const int32_t *role_ids, size_t count, ua_user *user_r,
                                        size_t *changed_r)
{
  return run(&(change){service, arena, customer_id, id, role_ids, count}, remove_roles, user_r, changed_r);
}
