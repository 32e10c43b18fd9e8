/* Registering and changing. Both run the same checks before they hash a password and again, under locks,
 * before they write. */
#include "auth/guard.h"
#include "base/limits.h"
#include "service/permissions.h"
#include "service/users_private.h"
#include "store/customers.h"
#include "store/roles.h"

/* One change in progress, of an existing user or, with an id of 0, of a new one. */
typedef struct attempt {
  const ua_service *service;
  ua_arena *arena;
  const ua_scope *scope;
  const ua_user_change *change;
  const ua_precondition *precondition;
  ua_refusal *refusal;
  ua_session *session; /* the new session of a caller who changes the own account; NULL for a new user */
  ua_user before;
  ua_role *roles; /* the roles that the user will have, each once; NULL: no change */
  size_t role_count;
} attempt;

static bool has_role(const ua_role *roles, size_t count, int32_t id)
{
  for (size_t i = 0; i < count; i++) {
    if (roles[i].id == id) {
      return true;
    }
  }
  return false;
}

static bool is_given(const ua_user_change *change, int32_t id)
{
  for (size_t i = 0; i < change->role_count; i++) {
    if (change->role_ids[i] == id) {
      return true;
    }
  }
  return false;
}

/* The given roles, looked up. UA_WRONG_DOCUMENT, with a violation for each, when some do not exist or another
 * violation was found before. */
static ua_status find_given(const attempt *a, bool lock, ua_role *found_r)
{
  const ua_user_change *change = a->change;
  ua_status status =
      ua_store_roles_find(a->service->db, a->arena, change->role_ids, change->role_count, lock, found_r);
  for (size_t i = 0; status == UA_OK && i < change->role_count; i++) {
    if (found_r[i].id == 0) {
      ua_service_violations_add(
          a->arena, &a->refusal->violations,
          (ua_violation){.field = UA_TEXT("roles"), .item = (long)i, .sentence = UA_TEXT("unknown role")});
    }
  }
  return status == UA_OK && a->refusal->violations.found > 0 ? UA_WRONG_DOCUMENT : status;
}

/* Fills in the roles that the user will have. */
static ua_status arrange_roles(attempt *a, bool lock)
{
  const ua_user_change *change = a->change;
  const ua_user *before = &a->before;
  size_t most = before->role_count + change->role_count;
  a->roles = NULL;
  a->role_count = 0;
  if (change->roles == UA_ROLES_KEEP) {
    return UA_OK;
  }
  ua_role *roles = ua_arena_calloc(a->arena, most, sizeof *roles);
  ua_role *given = ua_arena_calloc(a->arena, change->role_count, sizeof *given);
  if (roles == NULL || given == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = find_given(a, lock, given);
  if (status != UA_OK) {
    return status;
  }
  for (size_t i = 0; change->roles != UA_ROLES_REPLACE && i < before->role_count; i++) {
    if (change->roles == UA_ROLES_ADD || !is_given(change, before->roles[i].id)) {
      roles[a->role_count++] = before->roles[i];
    }
  }
  for (size_t i = 0; change->roles != UA_ROLES_REMOVE && i < change->role_count; i++) {
    if (!has_role(roles, a->role_count, given[i].id)) {
      roles[a->role_count++] = given[i];
    }
  }
  a->roles = roles;
  return a->role_count > UA_MAX_ROLES ? UA_BAD_REQUEST : UA_OK;
}

/* Whether the caller may grant the roles that are added and remove those that are dropped. */
static ua_status check_grants(const attempt *a)
{
  const ua_user *before = &a->before;
  size_t count = 0;
  if (a->roles == NULL) {
    return UA_OK;
  }
  ua_role *changed = ua_arena_calloc(a->arena, before->role_count + a->role_count, sizeof *changed);
  if (changed == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < a->role_count; i++) {
    if (!has_role(before->roles, before->role_count, a->roles[i].id)) {
      changed[count++] = a->roles[i];
    }
  }
  for (size_t i = 0; i < before->role_count; i++) {
    if (!has_role(a->roles, a->role_count, before->roles[i].id)) {
      changed[count++] = before->roles[i];
    }
  }
  return ua_service_permissions_grant(a->service, a->arena, a->scope, changed, count, a->refusal);
}

/* Whether the change needs a caller who may manage the user. */
static bool needs_management(const attempt *a)
{
  const ua_user_change *change = a->change;
  return change->password.data != NULL ||
         (change->email.data != NULL && !ua_text_equal(change->email, a->before.email)) ||
         (!change->keep_active && change->active != a->before.active);
}

/* Whether the change is allowed for the user as `before`. With `lock`, the answer stays valid until the
 * transaction ends. */
static ua_status check(attempt *a, bool lock)
{
  bool is_new = a->before.id == 0;
  a->refusal->violations = (ua_violations){0};
  ua_service_users_check_texts(a->arena, a->change, &a->before, a->refusal);
  ua_status status = lock ? UA_OK
                          : ua_service_users_check_password(a->service, a->arena, a->scope, a->change,
                                                            &a->before, a->refusal);
  if (status == UA_OK || status == UA_WRONG_DOCUMENT) {
    status = arrange_roles(a, lock);
  }
  if (status == UA_OK && a->refusal->violations.found > 0) {
    status = UA_WRONG_DOCUMENT;
  }
  if (status == UA_OK) {
    status = check_grants(a);
  }
  if (status != UA_OK || is_new) {
    return status;
  }
  if (needs_management(a)) {
    status = ua_service_permissions_manage(a->service, a->scope, &a->before, a->refusal);
  }
  return status == UA_OK ? ua_service_precondition_check(a->arena, a->precondition, &a->before) : status;
}

static ua_status refuse_email(const attempt *a)
{
  if (a->before.id == 0) {
    a->refusal->message = UA_TEXT("User already exists.");
  }
  return UA_CONFLICT;
}

/* Whether another user has the email. Checked before hashing; in the end the unique index decides. */
static ua_status check_email(const attempt *a)
{
  ua_login_row holder = {.id = 0};
  if (a->change->email.data == NULL) {
    return UA_OK;
  }
  ua_status status = ua_store_users_find_login(a->service->db, a->arena, a->change->email, &holder);
  bool is_free = status == UA_NOT_FOUND || (status == UA_OK && holder.id == a->before.id);
  if (is_free) {
    return UA_OK;
  }
  return status == UA_OK ? refuse_email(a) : status;
}

/* --- registering --- */

bool ua_service_users_quota_is_full(ua_quota quota, int64_t users)
{
  return quota.limited && users >= quota.users;
}

/* The lock lasts until the transaction ends: users of one customer are registered one after the other. */
static ua_status check_quota(const ua_service *service, int32_t customer_id)
{
  ua_quota quota;
  int64_t users = 0;
  if (!service->enforce_quota) {
    return UA_OK;
  }
  ua_status status = ua_store_customers_lock_quota(service->db, customer_id, &quota);
  if (status != UA_OK || !quota.limited) {
    return status;
  }
  status = ua_store_customers_count_users(service->db, customer_id, &users);
  return status == UA_OK && ua_service_users_quota_is_full(quota, users) ? UA_QUOTA_EXCEEDED : status;
}

/* Leaves the user with these roles and no others. */
static ua_status replace_roles(const attempt *a, int32_t id)
{
  ua_db *db = a->service->db;
  int32_t customer_id = a->scope->customer_id;
  bool is_new = a->before.id == 0;
  if (a->roles == NULL || (is_new && a->role_count == 0)) {
    return UA_OK;
  }
  int32_t *ids = ua_arena_calloc(a->arena, a->role_count, sizeof *ids);
  if (ids == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < a->role_count; i++) {
    ids[i] = a->roles[i].id;
  }
  ua_status status =
      is_new ? UA_OK : ua_store_users_remove_other_roles(db, a->arena, customer_id, id, ids, a->role_count);
  return status == UA_OK ? ua_store_users_add_roles(db, a->arena, customer_id, id, ids, a->role_count)
                         : status;
}

/* The end of every transaction: *user_r is the user as later reads will find it. */
static ua_status read_result(const attempt *a, int32_t id, ua_user *user_r)
{
  const ua_user *before = a->before.id == 0 ? NULL : &a->before;
  ua_status status = ua_store_users_get(a->service->db, a->arena, a->scope->customer_id, id, user_r);
  if (status == UA_OK && before != NULL) {
    status = ua_service_users_check_ended(before, user_r, a->change->password.data != NULL, a->refusal);
  }
  return status == UA_OK ? ua_service_permissions_token(a->arena, before, user_r, a->refusal) : status;
}

static ua_status insert_user(attempt *a, ua_text hash, ua_text salt, ua_user *user_r)
{
  const ua_user user = {.customer_id = a->scope->customer_id,
                        .email = a->change->email,
                        .name = a->change->name,
                        .active = a->change->active};
  int32_t id = 0;
  ua_status status = check(a, true);
  if (status == UA_OK) {
    status = check_quota(a->service, user.customer_id);
  }
  if (status == UA_OK) {
    status = ua_store_users_insert(a->service->db, a->arena, &user, hash, salt, &id);
  }
  if (status != UA_OK) {
    return status;
  }
  status = replace_roles(a, id);
  return status == UA_OK ? read_result(a, id, user_r) : status;
}

ua_status ua_service_users_register(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                    const ua_user_change *change, ua_user *user_r, ua_refusal *refusal)
{
  attempt a = {service, arena, scope, change, .refusal = refusal};
  ua_user user;
  ua_text hash;
  ua_text salt;
  ua_status status = check(&a, false);
  if (status == UA_OK) {
    status = check_quota(service, scope->customer_id);
  }
  if (status == UA_OK) {
    status = check_email(&a);
  }
  if (status == UA_OK) {
    status = ua_service_users_hash(service, arena, scope, change->password, &hash, &salt);
  }
  if (status == UA_OK) {
    status = ua_store_db_begin(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  status = ua_service_end_transaction(service, insert_user(&a, hash, salt, &user));
  if (status == UA_CONFLICT && ua_store_db_failure(service->db)->meaning.violated == UA_VIOLATED_EMAIL) {
    status = refuse_email(&a);
  }
  if (status != UA_OK) {
    return status;
  }
  *user_r = user;
  ua_service_announce(service, service->watcher.created, user_r);
  return UA_OK;
}

/* --- changing --- */

/* Whether the change could remove an administrator, whoever the user is. */
static bool may_demote(const ua_user_change *change)
{
  return (!change->keep_active && !change->active) || change->roles == UA_ROLES_REPLACE ||
         change->roles == UA_ROLES_REMOVE;
}

static bool would_be_admin(const attempt *a)
{
  const ua_user after = {.active = a->change->keep_active ? a->before.active : a->change->active,
                         .roles = a->roles == NULL ? a->before.roles : a->roles,
                         .role_count = a->roles == NULL ? a->before.role_count : a->role_count};
  return ua_service_permissions_is_admin(&after);
}

/* Locks what the change depends on, always in this order: the customer's administrators, the user and its
 * roles; then the roles that the change names. */
static ua_status lock_all(attempt *a, int32_t id)
{
  ua_status status =
      may_demote(a->change) ? ua_store_customers_lock_admins(a->service->db, a->scope->customer_id) : UA_OK;
  return status == UA_OK ? ua_service_users_lock(a->service, a->arena, a->scope, id, &a->before) : status;
}

static ua_status check_admin_stays(const attempt *a)
{
  return would_be_admin(a) ? UA_OK
                           : ua_service_permissions_lose_admin(a->service, a->scope, &a->before, a->refusal);
}

static ua_status update_user(attempt *a, int32_t id, const ua_user_edit *edit, ua_user *user_r)
{
  ua_status status = lock_all(a, id);
  if (status == UA_OK) {
    status = check(a, true);
  }
  if (status == UA_OK) {
    status = check_admin_stays(a);
  }
  if (status != UA_OK) {
    return status;
  }
  status = ua_store_users_update(a->service->db, a->arena, a->scope->customer_id, id, edit);
  if (status == UA_OK) {
    status = replace_roles(a, id);
  }
  if (status == UA_OK) {
    status = read_result(a, id, user_r);
  }
  return status == UA_OK ? ua_service_sessions_renew(a->service, a->arena, a->scope->caller, &a->before,
                                                     user_r, a->session)
                         : status;
}

/* Runs the checks that could refuse the change in the end, before a hash is made for it. */
static ua_status foresee(attempt *a)
{
  ua_status status = check(a, false);
  if (status != UA_OK || a->change->password.data == NULL) {
    return status;
  }
  status = check_admin_stays(a);
  return status == UA_OK ? check_email(a) : status;
}

/* The whole change, except the announcement. */
static ua_status change_user(attempt *a, int32_t id, ua_user *user_r)
{
  ua_user_edit edit = {.email = a->change->email,
                       .name = a->change->name,
                       .active = a->change->active,
                       .keep_active = a->change->keep_active};
  ua_status status = ua_store_users_get(a->service->db, a->arena, a->scope->customer_id, id,
                                        &a->before); /* no hash for a user who does not exist */
  if (status == UA_OK) {
    status = foresee(a);
  }
  if (status == UA_OK) {
    status =
        ua_service_users_hash(a->service, a->arena, a->scope, a->change->password, &edit.hash, &edit.salt);
  }
  if (status == UA_OK) {
    status = ua_store_db_begin(a->service->db);
  }
  return status == UA_OK ? ua_service_end_transaction_of(a->service, update_user(a, id, &edit, user_r), id)
                         : status;
}

ua_status ua_service_users_change(const ua_service *service, ua_arena *arena, const ua_scope *scope,
                                  int32_t id, const ua_user_change *change,
                                  const ua_precondition *precondition, ua_user *user_r, ua_session *session_r,
                                  ua_refusal *refusal)
{
  ua_session session;
  attempt a = {service, arena, scope, change, precondition, refusal, .session = &session};
  ua_user user;
  ua_status status = ua_service_users_missing(change_user(&a, id, &user), refusal);
  if (status != UA_OK) {
    return status;
  }
  *user_r = user;
  *session_r = session;
  ua_service_announce(service, service->watcher.updated, user_r);
  return UA_OK;
}
