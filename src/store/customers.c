#include "store/customers.h"

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
  ua_store_db_add_text(&args, arena, email);
  ua_status status = ua_store_db_execute(db, UA_STATEMENT_CUSTOMER_OF_EMAIL, &args, read_id, id_r, &rows);
  return found(status, rows);
}
