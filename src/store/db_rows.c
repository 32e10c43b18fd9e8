#include "store/db_private.h"

bool ua_store_db_is_null(const ua_db_row *row, int column)
{
  return PQgetisnull(row->result, row->number, column) != 0;
}

ua_text ua_store_db_text(const ua_db_row *row, int column)
{
  if (ua_store_db_is_null(row, column)) {
    return UA_TEXT_ABSENT;
  }
  return (ua_text){PQgetvalue(row->result, row->number, column),
                   (size_t)PQgetlength(row->result, row->number, column)};
}

int64_t ua_store_db_int(const ua_db_row *row, int column)
{
  ua_text text = ua_store_db_text(row, column);
  bool negative = ua_text_starts_with(text, UA_TEXT("-"));
  uint64_t value = 0;
  if (negative) {
    text = (ua_text){text.data + 1, text.length - 1};
  }
  (void)ua_text_to_uint(text, INT64_MAX, &value); /* 0 for NULL */
  return negative ? -(int64_t)value : (int64_t)value;
}

bool ua_store_db_bool(const ua_db_row *row, int column)
{
  return !ua_store_db_is_null(row, column) && PQgetvalue(row->result, row->number, column)[0] == 't';
}
