#include "store/roles.h"

typedef struct known_ids {
  const int32_t *ids;
  size_t count;
  bool *known;
} known_ids;

static ua_status mark_known(void *context, const ua_db_row *row)
{
  known_ids *k = context;
  int64_t id = ua_store_db_int(row, 0);
  for (size_t i = 0; i < k->count; i++) {
    if (k->ids[i] == id) {
      k->known[i] = true;
    }
  }
  return UA_OK;
}

ua_status ua_store_roles_known(ua_db *db, ua_arena *arena, const int32_t *ids, size_t count, bool *known_r)
{
  ua_db_args args = {0};
  for (size_t i = 0; i < count; i++) {
    known_r[i] = false;
  }
  ua_store_db_add_int_array(&args, arena, ids, count);
  return ua_store_db_execute(db, UA_STATEMENT_ROLE_IDS, &args, mark_known,
                             &(known_ids){.ids = ids, .count = count, .known = known_r}, NULL);
}

typedef struct role_page {
  ua_arena *arena;
  ua_role *roles;
  size_t count;
  size_t capacity;
} role_page;

/* The columns of role_list.sql. */
enum { ROLE_ID, ROLE_CODE, ROLE_NAME };

static ua_status read_role(void *context, const ua_db_row *row)
{
  role_page *page = context;
  if (page->count == page->capacity) {
    return UA_INTERNAL;
  }
  ua_role *role = &page->roles[page->count++];
  role->id = (int32_t)ua_store_db_int(row, ROLE_ID);
  role->code = ua_arena_copy(page->arena, ua_store_db_text(row, ROLE_CODE));
  role->name = ua_arena_copy(page->arena, ua_store_db_text(row, ROLE_NAME));
  return role->code.data == NULL || role->name.data == NULL ? UA_INTERNAL : UA_OK;
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
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_ROLE_LIST, &args, read_role, &page, NULL);
  *roles_r = page.roles;
  *count_r = page.count;
  return status;
}
