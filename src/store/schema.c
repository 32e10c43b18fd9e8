#include "store/schema.h"

static ua_status read_version(void *context, const ua_db_row *row)
{
  uint64_t version;
  *(uint64_t *)context = ua_text_to_uint(ua_store_db_text(row, 0), INT32_MAX, &version) ? version : 0;
  return UA_OK;
}

ua_status ua_store_schema_version(ua_db *db, uint64_t *version_r)
{
  *version_r = 0;
  return ua_store_db_execute(db, UA_STATEMENT_SCHEMA_VERSION, NULL, read_version, version_r, NULL);
}
