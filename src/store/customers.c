#include "store/customers.h"

#include "store/users_private.h"

static ua_status found(ua_status status, size_t rows)
{
  return status == UA_OK && rows == 0 ? UA_NOT_FOUND : status;
}

static ua_status read_quota(void *context, const ua_db_row *row)
{
  *(ua_quota *)context =
      (ua_quota){.limited = !ua_store_db_is_null(row, 0), .users = (int32_t)ua_store_db_int(row, 0)};
  return UA_OK;
}

ua_status ua_store_customers_lock_quota(ua_db *db, int32_t id, ua_quota *quota_r)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_status status =
      ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_LOCK_QUOTA, &args, read_quota, quota_r, &rows);
  return found(status, rows);
}

static ua_status read_count(void *context, const ua_db_row *row)
{
  *(int64_t *)context = ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_customers_count_users(ua_db *db, int32_t id, int64_t *count_r)
{
  ua_db_args args = {0};
  ua_store_db_add_int(&args, id);
  return ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_COUNT_USERS, &args, read_count, count_r, NULL);
}

ua_status ua_store_customers_lock_admins(ua_db *db, int32_t id)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_LOCK_ADMINS, &args, NULL, NULL, &rows);
  return found(status, rows);
}

ua_status ua_store_customers_find(ua_db *db, int32_t id)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_FIND, &args, NULL, NULL, &rows);
  return found(status, rows);
}

static ua_status read_id(void *context, const ua_db_row *row)
{
  *(int32_t *)context = (int32_t)ua_store_db_int(row, 0);
  return UA_OK;
}

ua_status ua_store_customers_of_user(ua_db *db, int32_t user_id, int32_t *id_r)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, user_id);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_OF_USER, &args, read_id, id_r, &rows);
  return found(status, rows);
}

ua_status ua_store_customers_of_email(ua_db *db, ua_arena *arena, ua_text email, int32_t *id_r)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_users_add_email(&args, arena, email);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_OF_EMAIL, &args, read_id, id_r, &rows);
  return found(status, rows);
}

/* The columns of customer_list.sql and customer_get.sql. */
enum { CUSTOMER_ID, CUSTOMER_NAME, CUSTOMER_MAX_USER_QUOTA, CUSTOMER_USERS };

static ua_status read_customer(ua_arena *arena, const ua_db_row *row, ua_customer *customer)
{
  *customer = (ua_customer){.id = (int32_t)ua_store_db_int(row, CUSTOMER_ID),
                            .quota = {.limited = !ua_store_db_is_null(row, CUSTOMER_MAX_USER_QUOTA),
                                      .users = (int32_t)ua_store_db_int(row, CUSTOMER_MAX_USER_QUOTA)},
                            .users = ua_store_db_int(row, CUSTOMER_USERS)};
  if (ua_store_db_is_null(row, CUSTOMER_NAME)) {
    return UA_OK;
  }
  customer->name = ua_arena_copy(arena, ua_store_db_text(row, CUSTOMER_NAME));
  return customer->name.data == NULL ? UA_INTERNAL : UA_OK;
}

typedef struct customer_page {
  ua_arena *arena;
  ua_customer *customers;
  size_t count;
  size_t capacity;
} customer_page;

static ua_status read_listed(void *context, const ua_db_row *row)
{
  customer_page *page = context;
  return page->count == page->capacity ? UA_INTERNAL
                                       : read_customer(page->arena, row, &page->customers[page->count++]);
}

ua_status ua_store_customers_list(ua_db *db, ua_arena *arena, const ua_page *page, ua_customer **customers_r,
                                  size_t *count_r)
{
  ua_db_args args = {0};
  customer_page list = {.arena = arena, .capacity = (size_t)page->limit};
  list.customers = ua_arena_calloc(arena, list.capacity, sizeof(ua_customer));
  if (list.customers == NULL) {
    return UA_INTERNAL;
  }
  ua_store_db_add_int(&args, page->after + 1);
  ua_store_db_add_int(&args, page->limit);
  ua_store_db_add_int(&args, page->offset);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_LIST, &args, read_listed, &list, NULL);
  *customers_r = list.customers;
  *count_r = list.count;
  return status;
}

ua_status ua_store_customers_get(ua_db *db, ua_arena *arena, int32_t id, ua_customer *customer_r)
{
  ua_db_args args = {0};
  customer_page one = {.arena = arena, .customers = customer_r, .capacity = 1};
  ua_store_db_add_int(&args, id);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_GET, &args, read_listed, &one, NULL);
  return found(status, one.count);
}

static void add_quota(ua_db_args *args, ua_quota quota)
{
  if (quota.limited) {
    ua_store_db_add_int(args, quota.users);
  } else {
    ua_store_db_add_null(args);
  }
}

ua_status ua_store_customers_insert(ua_db *db, ua_arena *arena, const ua_customer *customer, int32_t *id_r)
{
  ua_db_args args = {0};
  ua_store_db_add_text(&args, arena, customer->name);
  add_quota(&args, customer->quota);
  return ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_INSERT, &args, read_id, id_r, NULL);
}

ua_status ua_store_customers_update(ua_db *db, ua_arena *arena, int32_t id, const ua_customer_edit *edit)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_store_db_add_text(&args, arena, edit->name);
  ua_store_db_add_bool(&args, !edit->keep_quota);
  add_quota(&args, edit->quota);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_UPDATE, &args, NULL, NULL, &rows);
  return found(status, rows);
}

ua_status ua_store_customers_delete(ua_db *db, int32_t id)
{
  ua_db_args args = {0};
  size_t rows = 0;
  ua_store_db_add_int(&args, id);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_DELETE, &args, NULL, NULL, &rows);
  return ua_store_db_still_refers(db) ? UA_CONFLICT : found(status, rows);
}
