#include "base/identifier.h"
#include "base/limits.h"
#include "store/users_private.h"

/* The results of row functions. */
typedef struct reading {
  ua_arena *arena;
  void *target;
  size_t count;
} reading;

static ua_status copy_column(ua_arena *arena, const ua_db_row *row, int column, ua_text *text_r)
{
  *text_r = ua_arena_copy(arena, ua_store_db_text(row, column));
  return text_r->data == NULL ? UA_INTERNAL : UA_OK;
}

/* For statements whose row must exist. `rows` is a pointer: the call that counts the rows may be an argument
 * of the same call. */
static ua_status found(ua_status status, const size_t *rows)
{
  return status == UA_OK && *rows == 0 ? UA_NOT_FOUND : status;
}

static ua_db_args bound_to(int32_t customer_id, int32_t id)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, id);
  ua_store_db_add_int(&args, customer_id);
  return args;
}

void ua_store_users_add_email(ua_db_args *args, ua_arena *arena, ua_text email)
{
  ua_store_db_add_text(args, arena, email);
  ua_store_db_add_text(args, arena, ua_identifier_without_end_blanks(email));
}

/* The columns of user_by_email.sql. */
enum { LOGIN_FOLDED, LOGIN_ID, LOGIN_CUSTOMER, LOGIN_ACTIVE, LOGIN_EPOCH, LOGIN_HASH, LOGIN_SALT };

static ua_status read_login_row(void *context, const ua_db_row *row)
{
  reading *r = context;
  ua_login_row *login = r->target;
  ua_status status = copy_column(r->arena, row, LOGIN_FOLDED, &login->folded);
  if (status != UA_OK || ua_store_db_is_null(row, LOGIN_ID)) {
    return status;
  }
  r->count++;
  login->id = (int32_t)ua_store_db_int(row, LOGIN_ID);
  login->customer_id = (int32_t)ua_store_db_int(row, LOGIN_CUSTOMER);
  login->active = ua_store_db_bool(row, LOGIN_ACTIVE);
  login->epoch = (int32_t)ua_store_db_int(row, LOGIN_EPOCH);
  status = copy_column(r->arena, row, LOGIN_HASH, &login->hash);
  return status == UA_OK ? copy_column(r->arena, row, LOGIN_SALT, &login->salt) : status;
}

ua_status ua_store_users_find_login(ua_db *db, ua_arena *arena, ua_text email, ua_login_row *row_r)
{
  ua_db_args args = {0};
  ua_login_row row = {0};
  reading r = {.arena = arena, .target = &row};
  ua_store_users_add_email(&args, arena, email);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_USER_BY_EMAIL, &args, read_login_row, &r, NULL);
  if (status == UA_OK) {
    *row_r = row;
  }
  return found(status, &r.count);
}

/* The columns of user_with_roles.sql behind those of every user. */
enum { USER_EPOCH = UA_USER_COLUMNS, USER_ROLE_ID, USER_ROLE_CODE, USER_ROLE_NAME, USER_ROLE_ASSIGNABLE };

ua_status ua_store_users_read(ua_arena *arena, const ua_db_row *row, ua_user *user)
{
  user->id = (int32_t)ua_store_db_int(row, UA_USER_ID);
  user->customer_id = (int32_t)ua_store_db_int(row, UA_USER_CUSTOMER);
  user->active = ua_store_db_bool(row, UA_USER_ACTIVE);
  ua_status status = copy_column(arena, row, UA_USER_EMAIL, &user->email);
  return status == UA_OK ? copy_column(arena, row, UA_USER_NAME, &user->name) : status;
}

typedef struct user_with_roles {
  ua_arena *arena;
  ua_user user;
  ua_role *roles;
} user_with_roles;

static ua_status read_user_with_role(void *context, const ua_db_row *row)
{
  user_with_roles *r = context;
  ua_user *user = &r->user;
  if (r->roles == NULL) {
    ua_status status = ua_store_users_read(r->arena, row, user);
    user->epoch = (int32_t)ua_store_db_int(row, USER_EPOCH);
    user->roles = r->roles = ua_arena_calloc(r->arena, UA_MAX_ROLES, sizeof(ua_role));
    if (status != UA_OK || r->roles == NULL) {
      return UA_INTERNAL;
    }
  }
  if (ua_store_db_is_null(row, USER_ROLE_ID)) {
    return UA_OK;
  }
  if (user->role_count == UA_MAX_ROLES) {
    return UA_INTERNAL;
  }
  ua_role *role = &r->roles[user->role_count++];
  role->id = (int32_t)ua_store_db_int(row, USER_ROLE_ID);
  role->assignable = ua_store_db_bool(row, USER_ROLE_ASSIGNABLE);
  ua_status status = copy_column(r->arena, row, USER_ROLE_CODE, &role->code);
  return status == UA_OK ? copy_column(r->arena, row, USER_ROLE_NAME, &role->name) : status;
}

ua_status ua_store_users_get(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id, ua_user *user_r)
{
  ua_db_args args = bound_to(customer_id, id);
  user_with_roles row = {.arena = arena};
  size_t rows = 0;
  ua_status status = found(
      ua_store_db_execute(db, UA_STATEMENT_USER_WITH_ROLES, &args, read_user_with_role, &row, &rows), &rows);
  if (status == UA_OK) {
    *user_r = row.user;
  }
  return status;
}

static ua_status read_created_at(void *context, const ua_db_row *row)
{
  reading *r = context;
  return ua_store_db_is_null(row, 0) ? UA_OK : copy_column(r->arena, row, 0, r->target);
}

ua_status ua_store_users_created_at(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                    ua_text *created_at_r)
{
  ua_db_args args = bound_to(customer_id, id);
  ua_text created_at = UA_TEXT_ABSENT;
  reading r = {.arena = arena, .target = &created_at};
  size_t rows = 0;
  ua_status status =
      found(ua_store_db_execute(db, UA_STATEMENT_USER_CREATED_AT, &args, read_created_at, &r, &rows), &rows);
  if (status == UA_OK) {
    *created_at_r = created_at;
  }
  return status;
}

static ua_status read_id(void *context, const ua_db_row *row)
{
  *(int32_t *)context = (int32_t)ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_users_find_id(ua_db *db, ua_arena *arena, int32_t customer_id, ua_text email,
                                 int32_t *id_r)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, customer_id);
  ua_store_users_add_email(&args, arena, email);
  return found(ua_store_db_execute(db, UA_STATEMENT_USER_IN_CUSTOMER_BY_EMAIL, &args, read_id, id_r, &rows),
               &rows);
}

void ua_store_users_add_optional_bool(ua_db_args *args, bool given, bool value)
{
  if (given) {
    ua_store_db_add_bool(args, value);
  } else {
    ua_store_db_add_null(args);
  }
}

ua_status ua_store_users_insert(ua_db *db, ua_arena *arena, const ua_user *user, ua_text hash, ua_text salt,
                                int32_t *id_r)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, user->customer_id);
  ua_store_db_add_text(&args, arena, user->email);
  ua_store_db_add_text(&args, arena, user->name);
  ua_store_db_add_text(&args, arena, hash);
  ua_store_db_add_text(&args, arena, salt);
  ua_store_db_add_bool(&args, user->active);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_USER_INSERT, &args, read_id, id_r, NULL);
  return status == UA_UNPROCESSABLE ? UA_NOT_FOUND : status; /* the only foreign key is the customer's */
}

ua_status ua_store_users_lock(ua_db *db, int32_t customer_id, int32_t id)
{
  ua_db_args args = bound_to(customer_id, id);
  size_t rows = 0;
  ua_status status = found(ua_store_db_execute(db, UA_STATEMENT_USER_LOCK, &args, NULL, NULL, &rows), &rows);
  return status == UA_OK ? ua_store_db_execute(db, UA_STATEMENT_USER_LOCK_ROLES, &args, NULL, NULL, NULL)
                         : status;
}

ua_status ua_store_users_update(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                const ua_user_edit *edit)
{
  ua_db_args args = bound_to(customer_id, id);
  size_t rows = 0;
  ua_store_db_add_text(&args, arena, edit->email);
  ua_store_db_add_text(&args, arena, edit->name);
  ua_store_users_add_optional_bool(&args, !edit->keep_active, edit->active);
  ua_store_db_add_text(&args, arena, edit->hash);
  ua_store_db_add_text(&args, arena, edit->salt);
  return found(ua_store_db_execute(db, UA_STATEMENT_USER_UPDATE, &args, NULL, NULL, &rows), &rows);
}

ua_status ua_store_users_set_password(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                      ua_text hash, ua_text salt)
{
  ua_db_args args = bound_to(customer_id, id);
  size_t rows = 0;
  ua_store_db_add_text(&args, arena, hash);
  ua_store_db_add_text(&args, arena, salt);
  return found(ua_store_db_execute(db, UA_STATEMENT_USER_SET_PASSWORD, &args, NULL, NULL, &rows), &rows);
}

ua_status ua_store_users_upgrade_hash(ua_db *db, ua_arena *arena, const ua_login_row *row, ua_text hash,
                                      ua_text salt)
{
  ua_db_args args = bound_to(row->customer_id, row->id);
  ua_store_db_add_text(&args, arena, hash);
  ua_store_db_add_text(&args, arena, salt);
  ua_store_db_add_text(&args, arena, row->hash);
  return ua_store_db_execute(db, UA_STATEMENT_USER_UPGRADE_HASH, &args, NULL, NULL, NULL);
}

static ua_status change_roles(ua_db *db, ua_arena *arena, ua_statement statement, ua_db_args args,
                              const int32_t *role_ids, size_t count)
{
  ua_store_db_add_int_array(&args, arena, role_ids, count);
  return ua_store_db_execute(db, statement, &args, NULL, NULL, NULL);
}

ua_status ua_store_users_add_roles(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                   const int32_t *role_ids, size_t count)
{
  return change_roles(db, arena, UA_STATEMENT_USER_ROLES_ADD, bound_to(customer_id, id), role_ids, count);
}

ua_status ua_store_users_remove_other_roles(ua_db *db, ua_arena *arena, int32_t customer_id, int32_t id,
                                            const int32_t *role_ids, size_t count)
{
  return change_roles(db, arena, UA_STATEMENT_USER_ROLES_REMOVE_OTHERS, bound_to(customer_id, id), role_ids,
                      count);
}

ua_status ua_store_users_raise_epoch(ua_db *db, int32_t customer_id, int32_t id)
{
  ua_db_args args = bound_to(customer_id, id);
  return ua_store_db_execute(db, UA_STATEMENT_USER_RAISE_EPOCH, &args, NULL, NULL, NULL);
}

ua_status ua_store_users_delete(ua_db *db, int32_t customer_id, int32_t id)
{
  ua_db_args args = bound_to(customer_id, id);
  size_t rows = 0;
  return found(ua_store_db_execute(db, UA_STATEMENT_USER_DELETE, &args, NULL, NULL, &rows), &rows);
}

ua_status ua_store_users_has_other_admin(ua_db *db, int32_t customer_id, int32_t id, bool *has_r)
{
  ua_db_args args = bound_to(customer_id, id);
  size_t rows = 0;
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_USER_OTHER_ADMIN, &args, NULL, NULL, &rows);
  *has_r = rows > 0;
  return status;
}
