#include "store/customers.h"

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
  return status == UA_OK && rows == 0 ? UA_NOT_FOUND : status;
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
