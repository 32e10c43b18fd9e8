#include "store/roles.h"

/* The columns of roles_find.sql and roles_lock.sql; role_list.sql has those up to ROLE_NAME. */
enum { ROLE_ID, ROLE_CODE, ROLE_NAME, ROLE_ASSIGNABLE };

static ua_status read_role(ua_arena *arena, const ua_db_row *row, ua_role *role)
{
  role->id = (int32_t)ua_store_db_int(row, ROLE_ID);
  role->code = ua_arena_copy(arena, ua_store_db_text(row, ROLE_CODE));
  role->name = ua_arena_copy(arena, ua_store_db_text(row, ROLE_NAME));
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
  role.assignable = ua_store_db_bool(row, ROLE_ASSIGNABLE);
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

ua_status ua_store_roles_list(ua_db *db, ua_arena *arena, int64_t limit, int64_t offset, ua_role **roles_r,
                              size_t *count_r)
{
  ua_db_args args = {0};
  role_page page = {.arena = arena, .capacity = (size_t)limit};
  page.roles = ua_arena_calloc(arena, page.capacity, sizeof(ua_role));
  if (page.roles == NULL) {
    return UA_INTERNAL;
  }
  ua_store_db_add_int(&args, limit);
  ua_store_db_add_int(&args, offset);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_ROLE_LIST, &args, read_listed, &page, NULL);
  *roles_r = page.roles;
  *count_r = page.count;
  return status;
}
