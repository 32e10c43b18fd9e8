#include "service/users.h"

#include "auth/guard.h"
#include "store/customers.h"
#include "store/roles.h"
#include "store/users.h"

/* UA_WRONG_DOCUMENT when the change names roles that are not there, with a violation for each. */
static ua_status check_roles(const ua_service *service, ua_arena *arena, const ua_user_change *change,
                             ua_refusal *refusal)
{
  if (!change->has_roles || change->role_count == 0) {
    return UA_OK;
  }
  bool *known = ua_arena_calloc(arena, change->role_count, sizeof *known);
  if (known == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = ua_store_roles_known(service->db, arena, change->role_ids, change->role_count, known);
  for (size_t i = 0; status == UA_OK && i < change->role_count; i++) {
    if (!known[i]) {
      ua_service_violations_add(
          arena, &refusal->violations,
          (ua_violation){.field = UA_TEXT("roles"), .item = (long)i, .sentence = UA_TEXT("unknown role")});
    }
  }
  return status == UA_OK && refusal->violations.found > 0 ? UA_WRONG_DOCUMENT : status;
}

/* The columns of a new password; absent texts when none is given. Wiped with the arena. */
static ua_status hash_password(const ua_service *service, ua_arena *arena, ua_text password, ua_text *hash_r,
                               ua_text *salt_r)
{
  *hash_r = *salt_r = UA_TEXT_ABSENT;
  if (password.data == NULL) {
    return UA_OK;
  }
  ua_password_record *record = ua_arena_alloc(arena, sizeof *record);
  if (record == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = ua_service_hash(service, password, record);
  if (status == UA_OK) {
    *hash_r = ua_text_of(record->hash);
    *salt_r = ua_text_of(record->salt);
  }
  return status;
}

/* A role that vanished after it was looked at is reported like one that was never there. */
static ua_status end_change(const ua_service *service, ua_arena *arena, const ua_user_change *change,
                            ua_status status, ua_refusal *refusal)
{
  status = ua_service_end_transaction(service, status);
  if (status == UA_UNPROCESSABLE) {
    ua_status again = check_roles(service, arena, change, refusal);
    return again == UA_OK ? UA_UNAVAILABLE : again;
  }
  return status;
}

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

/* On success *user is the user as it will be found. */
static ua_status insert_user(const ua_service *service, ua_arena *arena, ua_user *user,
                             const ua_user_change *change, ua_text hash, ua_text salt)
{
  size_t added;
  ua_status status = check_quota(service, user->customer_id);
  if (status == UA_OK) {
    status = ua_store_users_insert(service->db, arena, user, hash, salt, &user->id);
  }
  if (status == UA_OK && change->role_count > 0) {
    status = ua_store_users_add_roles(service->db, arena, user->customer_id, user->id, change->role_ids,
                                      change->role_count, &added);
  }
  return status == UA_OK ? ua_store_users_get(service->db, arena, user->customer_id, user->id, user) : status;
}

ua_status ua_service_users_register(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                    const ua_user_change *change, ua_user *user_r, ua_refusal *refusal)
{
  ua_user user = {
      .customer_id = customer_id, .email = change->email, .name = change->name, .active = change->active};
  ua_text hash;
  ua_text salt;
  ua_status status = check_roles(service, arena, change, refusal);
  if (status == UA_OK) {
    status = hash_password(service, arena, change->password, &hash, &salt);
  }
  if (status == UA_OK) {
    status = ua_store_db_begin(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  status = insert_user(service, arena, &user, change, hash, salt);
  status = end_change(service, arena, change, status, refusal);
  if (status == UA_CONFLICT && ua_store_db_failure(service->db)->meaning.violated == UA_VIOLATED_EMAIL) {
    refusal->message = UA_TEXT("User already exists.");
  }
  if (status != UA_OK) {
    return status;
  }
  *user_r = user;
  ua_service_announce(service, service->watcher.created, user_r);
  return UA_OK;
}

static ua_status replace_roles(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                               const ua_user_change *change)
{
  size_t removed = 0;
  size_t added = 0;
  if (!change->has_roles) {
    return UA_OK;
  }
  ua_status status = ua_store_users_remove_other_roles(service->db, arena, customer_id, id, change->role_ids,
                                                       change->role_count, &removed);
  if (status == UA_OK) {
    status = ua_store_users_add_roles(service->db, arena, customer_id, id, change->role_ids,
                                      change->role_count, &added);
  }
  if (status == UA_OK && removed + added > 0) {
    status = ua_store_users_raise_epoch(service->db, customer_id, id);
  }
  return status;
}

/* As insert_user. */
static ua_status update_user(const ua_service *service, ua_arena *arena, ua_user *user,
                             const ua_user_change *change, const ua_user_edit *edit)
{
  ua_status status = ua_store_users_lock(service->db, user->customer_id, user->id);
  if (status == UA_OK) {
    status = ua_store_users_update(service->db, arena, user->customer_id, user->id, edit);
  }
  if (status == UA_OK) {
    status = replace_roles(service, arena, user->customer_id, user->id, change);
  }
  return status == UA_OK ? ua_store_users_get(service->db, arena, user->customer_id, user->id, user) : status;
}

/* The whole change, except announcing it. On success *user is the user as it will be found. */
static ua_status change_user(const ua_service *service, ua_arena *arena, ua_user *user,
                             const ua_user_change *change, ua_refusal *refusal)
{
  ua_user_edit edit = {.email = change->email,
                       .name = change->name,
                       .active = change->active,
                       .keep_active = change->keep_active};
  ua_status status = check_roles(service, arena, change, refusal);
  if (status == UA_OK) {
    status = hash_password(service, arena, change->password, &edit.hash, &edit.salt);
  }
  if (status == UA_OK) {
    status = ua_store_db_begin(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  status = update_user(service, arena, user, change, &edit);
  return end_change(service, arena, change, status, refusal);
}

ua_status ua_service_users_change(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                                  const ua_user_change *change, ua_user *user_r, ua_refusal *refusal)
{
  ua_user user;
  ua_status status = ua_store_users_get(service->db, arena, customer_id, id, &user); /* no hash for nobody */
  if (status == UA_OK) {
    status = change_user(service, arena, &user, change, refusal);
  }
  if (status == UA_NOT_FOUND) {
    refusal->message = UA_TEXT("User not found.");
  }
  if (status != UA_OK) {
    return status;
  }
  *user_r = user;
  ua_service_announce(service, service->watcher.updated, user_r);
  return UA_OK;
}

ua_status ua_service_users_get(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                               ua_user *user_r)
{
  return ua_store_users_get(service->db, arena, customer_id, id, user_r);
}

ua_text ua_service_users_pattern(ua_arena *arena, ua_text text)
{
  return text.data == NULL ? UA_TEXT_ABSENT : ua_arena_printf(arena, "%%%.*s%%", UA_TEXT_ARGS(text));
}

ua_status ua_service_users_page(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                const ua_user_search *search, ua_user **users_r, size_t *count_r,
                                bool *has_next_r)
{
  ua_user_filter filter = {.email_pattern = ua_service_users_pattern(arena, search->email),
                           .name_pattern = ua_service_users_pattern(arena, search->name),
                           .limit = search->limit + 1, /* one more shows that more follow */
                           .offset = search->offset};
  bool has_email = filter.email_pattern.data != NULL;
  bool has_name = filter.name_pattern.data != NULL;
  if (has_email != (search->email.data != NULL) || has_name != (search->name.data != NULL)) {
    return UA_INTERNAL; /* memory is exhausted: without a pattern, everybody would be listed */
  }
  ua_status status = ua_store_users_list(service->db, arena, customer_id, &filter, users_r, count_r);
  if (status != UA_OK) {
    return status;
  }
  *has_next_r = *count_r > (size_t)search->limit;
  *count_r -= *has_next_r ? 1 : 0;
  return UA_OK;
}

/* UA_NOT_FOUND when the user is gone. */
static ua_status set_password(const ua_service *service, ua_arena *arena, int32_t customer_id, int32_t id,
                              ua_text password, ua_user *user_r)
{
  ua_text hash;
  ua_text salt;
  ua_user user;
  ua_status status = hash_password(service, arena, password, &hash, &salt);
  if (status == UA_OK) {
    status = ua_store_db_begin(service->db);
  }
  if (status != UA_OK) {
    return status;
  }
  status = ua_store_users_set_password(service->db, arena, customer_id, id, hash, salt);
  if (status == UA_OK) {
    status = ua_store_users_get(service->db, arena, customer_id, id, &user);
  }
  status = ua_service_end_transaction(service, status);
  if (status == UA_OK) {
    *user_r = user;
  }
  return status;
}

/* Where a user is named by email, a missing one is the document's fault, not the path's. */
static ua_status refuse_email(ua_arena *arena, ua_text email, ua_status status, ua_refusal *refusal)
{
  if (status != UA_NOT_FOUND) {
    return status;
  }
  refusal->message = ua_arena_printf(arena, "User '%.*s' doesn't exist.", UA_TEXT_ARGS(email));
  return UA_UNPROCESSABLE;
}

ua_status ua_service_users_reset_password(const ua_service *service, ua_arena *arena, int32_t customer_id,
                                          ua_text email, ua_text password, ua_user *user_r,
                                          ua_refusal *refusal)
{
  int32_t id = 0;
  ua_status status = ua_store_users_find_id(service->db, arena, customer_id, email, &id);
  if (status == UA_OK) {
    status = set_password(service, arena, customer_id, id, password, user_r);
  }
  return refuse_email(arena, email, status, refusal);
}

ua_status ua_service_users_reset_password_as(const ua_service *service, ua_arena *arena,
                                             const ua_claims *caller, ua_text email, ua_text password,
                                             ua_user *user_r, ua_session *session_r, ua_refusal *refusal)
{
  int32_t customer_id = caller->user.customer_id;
  int32_t id = 0;
  ua_user user;
  ua_session session = {.token = UA_TEXT_ABSENT};
  ua_status status = ua_store_users_find_id(service->db, arena, customer_id, email, &id);
  if (status != UA_OK && status != UA_NOT_FOUND) {
    return status;
  }
  bool own = status == UA_OK && id == caller->user.id;
  if (!own && !ua_auth_guard_has_role(caller, "admin")) {
    refusal->missing_roles = UA_TEXT("admin");
    return UA_FORBIDDEN;
  }
  if (status == UA_OK) {
    status = set_password(service, arena, customer_id, id, password, &user);
  }
  if (status == UA_OK && own) {
    status = ua_service_sessions_open(service, arena, &user, &session);
  }
  if (status != UA_OK) {
    return refuse_email(arena, email, status, refusal);
  }
  *user_r = user;
  *session_r = session;
  return UA_OK;
}
