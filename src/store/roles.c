#include "store/roles.h"

/* The columns of roles_find.sql, roles_lock.sql and role_list.sql. */
enum { ROLE_ID, ROLE_CODE, ROLE_NAME, ROLE_ASSIGNABLE };

static ua_status read_role(ua_arena *arena, const ua_db_row *row, ua_role *role)
{
  role->id = (int32_t)ua_store_db_int(row, ROLE_ID);
  role->code = ua_arena_copy(arena, ua_store_db_text(row, ROLE_CODE));
  role->name = ua_arena_copy(arena, ua_store_db_text(row, ROLE_NAME));
  role->assignable = ua_store_db_bool(row, ROLE_ASSIGNABLE);
  return role->code.data == NULL || role->name.data == NULL ? UA_INTERNAL : UA_OK;
}

typedef struct wanted_roles {
  ua_arena *arena;
  const int32_t *ids;
  size_t count;
  ua_role *roles;
} wanted_roles;

static ua_status read_wanted(void *context, const ua_db_row *row)
{
  const wanted_roles *wanted = context;
  ua_role role;
  ua_status status = read_role(wanted->arena, row, &role);
  for (size_t i = 0; status == UA_OK && i < wanted->count; i++) {
    if (wanted->ids[i] == role.id) {
      wanted->roles[i] = role;
    }
  }
  return status;
}

ua_status ua_store_roles_find(ua_db *db, ua_arena *arena, const int32_t *ids, size_t count, bool lock,
                              ua_role *roles_r)
{
  ua_db_args args = {0};
  for (size_t i = 0; i < count; i++) {
    roles_r[i] = (ua_role){0};
  }
  ua_store_db_add_int_array(&args, arena, ids, count);
  return ua_store_db_execute(db, lock ? UA_STATEMENT_ROLES_LOCK : UA_STATEMENT_ROLES_FIND, &args, read_wanted,
                             &(wanted_roles){arena, ids, count, roles_r}, NULL);
}

typedef struct role_page {
  ua_arena *arena;
  ua_role *roles;
  size_t count;
  size_t capacity;
} role_page;

static ua_status read_listed(void *context, const ua_db_row *row)
{
  role_page *page = context;
  return page->count == page->capacity ? UA_INTERNAL
                                       : read_role(page->arena, row, &page->roles[page->count++]);
}

ua_status ua_store_roles_list(ua_db *db, ua_arena *arena, const ua_role_filter *filter, const ua_page *page,
                              ua_role **roles_r, size_t *count_r)
{
  ua_db_args args = {0};
  role_page list = {.arena = arena, .capacity = (size_t)page->limit};
  list.roles = ua_arena_calloc(arena, list.capacity, sizeof(ua_role));
  if (list.roles == NULL) {
    return UA_INTERNAL;
  }
  ua_store_db_add_bool(&args, filter->by_grant);
  ua_store_db_add_bool(&args, filter->may_grant);
  ua_store_db_add_bool(&args, filter->may_grant_all);
  ua_store_db_add_text(&args, arena, filter->operators);
  ua_store_db_add_int(&args, page->after + 1);
  ua_store_db_add_int(&args, page->limit);
  ua_store_db_add_int(&args, page->offset);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_ROLE_LIST, &args, read_listed, &list, NULL);
  *roles_r = list.roles;
  *count_r = list.count;
  return status;
}

static ua_status read_count(void *context, const ua_db_row *row)
{
  *(int64_t *)context = ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_roles_count_all_holders(ua_db *db, int32_t id, int64_t *count_r)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, id);
  return ua_store_db_execute(db, UA_STATEMENT_ROLE_COUNT_ALL_HOLDERS, &args, read_count, count_r, NULL);
}

static ua_status read_id(void *context, const ua_db_row *row)
{
  *(int32_t *)context = (int32_t)ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_roles_insert(ua_db *db, ua_arena *arena, const ua_role *role, int32_t *id_r)
{
  ua_db_args args = {0};
  ua_store_db_add_text(&args, arena, role->code);
  ua_store_db_add_text(&args, arena, role->name);
  ua_store_db_add_bool(&args, role->assignable);
  return ua_store_db_execute(db, UA_STATEMENT_ROLE_INSERT, &args, read_id, id_r, NULL);
}

ua_status ua_store_roles_lock_names(ua_db *db)
{
  return ua_store_db_execute(db, UA_STATEMENT_ROLES_LOCK_NAMES, &(ua_db_args){0}, NULL, NULL, NULL);
}

static ua_status found(ua_status status, size_t rows)
{
  return status == UA_OK && rows == 0 ? UA_NOT_FOUND : status;
}

ua_status ua_store_roles_update(ua_db *db, ua_arena *arena, int32_t id, const ua_role_edit *edit)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_store_db_add_text(&args, arena, edit->name);
  ua_store_db_add_bool(&args, !edit->keep_assignable);
  ua_store_db_add_bool(&args, edit->assignable);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_ROLE_UPDATE, &args, NULL, NULL, &rows);
  return found(status, rows);
}

ua_status ua_store_roles_outgrow_tokens(ua_db *db, ua_arena *arena, int32_t id, ua_text name_before,
                                        int64_t most_bytes, int64_t *count_r)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, id);
  ua_store_db_add_text(&args, arena, name_before);
  ua_store_db_add_int(&args, most_bytes);
  return ua_store_db_execute(db, UA_STATEMENT_ROLE_OUTGROWS_TOKENS, &args, read_count, count_r, NULL);
}

ua_status ua_store_roles_delete(ua_db *db, int32_t id)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_ROLE_DELETE, &args, NULL, NULL, &rows);
  return ua_store_db_still_refers(db) ? UA_CONFLICT : found(status, rows);
}
