#include "store/user_lists.h"

#include "base/limits.h"
#include "store/trigrams.h"
#include "store/users_private.h"

/* The filter of a list decides which statements find and count its users. */
typedef enum list_kind { LIST_ALL, LIST_ACTIVE, LIST_ROLE, LIST_PATTERN } list_kind;

static const struct {
  ua_statement find;
  ua_statement count;
} statements[] = {
    [LIST_ALL] = {UA_STATEMENT_USER_LIST, UA_STATEMENT_USER_COUNT},
    [LIST_ACTIVE] = {UA_STATEMENT_USER_LIST_ACTIVE, UA_STATEMENT_USER_COUNT_ACTIVE},
    [LIST_ROLE] = {UA_STATEMENT_USER_LIST_ROLE, UA_STATEMENT_USER_COUNT_ROLE},
    [LIST_PATTERN] = {UA_STATEMENT_USER_SEARCH, UA_STATEMENT_USER_COUNT_FOUND},
};

static list_kind kind_of(const ua_user_filter *filter)
{
  if (filter->email_pattern.data != NULL || filter->name_pattern.data != NULL) {
    return LIST_PATTERN;
  }
  if (filter->role.data != NULL) {
    return LIST_ROLE;
  }
  return filter->by_active ? LIST_ACTIVE : LIST_ALL;
}

/* The first parameters of all of these statements; each kind lacks the parameters that only later kinds
 * need. */
static void add_filters(ua_db_args *args, ua_arena *arena, list_kind kind, int32_t customer_id,
                        const ua_user_filter *filter)
{
  ua_store_db_add_int(args, customer_id);
  if (kind >= LIST_ACTIVE) {
    ua_store_users_add_optional_bool(args, filter->by_active, filter->active);
  }
  if (kind >= LIST_ROLE) {
    ua_store_db_add_text(args, arena, filter->role);
  }
  if (kind >= LIST_PATTERN) {
    ua_store_db_add_text(args, arena, filter->email_pattern);
    ua_store_db_add_text(args, arena, filter->name_pattern);
  }
}

static ua_status add_trigrams(ua_db_args *args, ua_arena *arena, const ua_user_filter *filter)
{
  ua_text email;
  ua_text name;
  ua_status status = ua_store_trigrams_read(arena, filter->email_pattern, &email);
  if (status == UA_OK) {
    status = ua_store_trigrams_read(arena, filter->name_pattern, &name);
  }
  if (status == UA_OK) {
    ua_store_db_add_text(args, arena, email);
    ua_store_db_add_text(args, arena, name);
  }
  return status;
}

/* Their last parameters. */
static void add_page(ua_db_args *args, const ua_page *page)
{
  ua_store_db_add_int(args, page->after + 1);
  ua_store_db_add_int(args, page->limit);
  ua_store_db_add_int(args, page->offset);
}

/* Where rows go. */
typedef struct reading {
  ua_arena *arena;
  ua_user_rows rows;
  size_t capacity;
} reading;

/* A row of NULLs: more would be found. */
static ua_status read_row(void *context, const ua_db_row *row)
{
  reading *r = context;
  if (ua_store_db_is_null(row, UA_USER_ID)) {
    r->rows.is_unfinished = true;
    return UA_OK;
  }
  if (r->rows.count == r->capacity) {
    return UA_INTERNAL;
  }
  return ua_store_users_read(r->arena, row, &r->rows.users[r->rows.count++]);
}

static ua_status read_page(ua_db *db, ua_arena *arena, ua_statement statement, const ua_db_args *args,
                           const ua_page *page, ua_user_rows *rows_r)
{
  reading r = {.arena = arena, .capacity = (size_t)page->limit};
  r.rows.users = ua_arena_calloc(arena, r.capacity, sizeof(ua_user));
  if (r.rows.users == NULL) {
    return UA_INTERNAL;
  }
  ua_status status = ua_store_db_execute(db, statement, args, read_row, &r, NULL);
  if (status == UA_OK) {
    *rows_r = r.rows.is_unfinished ? (ua_user_rows){.is_unfinished = true} : r.rows;
  }
  return status;
}

ua_status ua_store_user_lists_find(ua_db *db, ua_arena *arena, int32_t customer_id,
                                   const ua_user_filter *filter, const ua_page *page, ua_user_rows *rows_r)
{
  ua_db_args args = {0};
  list_kind kind = kind_of(filter);
  ua_statement statement = statements[kind].find;
  if (kind == LIST_ALL && page->offset > UA_LIGHT_OFFSET) {
    statement = UA_STATEMENT_USER_LIST_DEEP;
  }
  add_filters(&args, arena, kind, customer_id, filter);
  ua_status status = kind == LIST_PATTERN ? add_trigrams(&args, arena, filter) : UA_OK;
  add_page(&args, page);
  return status == UA_OK ? read_page(db, arena, statement, &args, page, rows_r) : status;
}

ua_status ua_store_user_lists_scan(ua_db *db, ua_arena *arena, int32_t customer_id,
                                   const ua_user_filter *filter, const ua_page *page, ua_user_rows *rows_r)
{
  ua_db_args args = {0};
  add_filters(&args, arena, LIST_PATTERN, customer_id, filter);
  add_page(&args, page);
  return read_page(db, arena, UA_STATEMENT_USER_SCAN, &args, page, rows_r);
}

static ua_status read_count(void *context, const ua_db_row *row)
{
  *(int64_t *)context = ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_user_lists_count(ua_db *db, ua_arena *arena, int32_t customer_id,
                                    const ua_user_filter *filter, int64_t *count_r)
{
  ua_db_args args = {0};
  list_kind kind = kind_of(filter);
  add_filters(&args, arena, kind, customer_id, filter);
  ua_status status = kind == LIST_PATTERN ? add_trigrams(&args, arena, filter) : UA_OK;
  return status == UA_OK ? ua_store_db_execute(db, statements[kind].count, &args, read_count, count_r, NULL)
                         : status;
}
