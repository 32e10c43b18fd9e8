#include "operator/import_known.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more item of `size` bytes at *items, which holds `count`; NULL when out of memory. */
static void *grow(void **items, size_t count, size_t *room, size_t size)
{
  if (count == *room) {
    size_t wanted = *room == 0 ? 64 : *room * 2;
    void *grown = reallocarray(*items, wanted, size);
    if (grown == NULL) {
      return NULL;
    }
    *items = grown;
    *room = wanted;
  }
  return (char *)*items + count * size;
}

static ua_status add_customer(void *context, const char *const *values)
{
  ua_operator_import_known *known = context;
  uint64_t id;
  void *items = known->customers;
  int32_t *customer = grow(&items, known->customer_count, &known->customer_room, sizeof *customer);
  known->customers = items;
  if (customer == NULL || !ua_text_to_uint(ua_text_of(values[0]), INT32_MAX, &id)) {
    return UA_INTERNAL;
  }
  *customer = (int32_t)id;
  known->customer_count++;
  return UA_OK;
}

/* The columns of a role. */
enum { ROLE_ID, ROLE_CODE };

static ua_status add_role(void *context, const char *const *values)
{
  ua_operator_import_known *known = context;
  uint64_t id;
  void *items = known->roles;
  ua_operator_import_role *role = grow(&items, known->role_count, &known->role_room, sizeof *role);
  known->roles = items;
  if (role == NULL || values[ROLE_CODE] == NULL ||
      !ua_text_to_uint(ua_text_of(values[ROLE_ID]), INT32_MAX, &id)) {
    return UA_INTERNAL;
  }
  *role = (ua_operator_import_role){.id = (int32_t)id, .code = strdup(values[ROLE_CODE])};
  if (role->code == NULL) {
    return UA_INTERNAL;
  }
  known->role_count++;
  return UA_OK;
}

ua_status ua_operator_import_known_read(ua_operator_connection *connection, ua_operator_import_known *known,
                                        ua_error_line *error)
{
  static const char customers[] = "SELECT id FROM customer WHERE id > 0 ORDER BY id";
  static const char roles[] = "SELECT id, code FROM role WHERE id > 0 ORDER BY code COLLATE \"C\"";
  ua_status status = ua_operator_connection_query(connection, customers, NULL, 0, add_customer, known, error);
  return status == UA_OK ? ua_operator_connection_query(connection, roles, NULL, 0, add_role, known, error)
                         : status;
}

static int compare_ids(const void *a, const void *b)
{
  int32_t first = *(const int32_t *)a;
  int32_t second = *(const int32_t *)b;
  return (first > second) - (first < second);
}

bool ua_operator_import_known_customer(const ua_operator_import_known *known, int32_t id)
{
  return known->customer_count > 0 &&
         bsearch(&id, known->customers, known->customer_count, sizeof id, compare_ids) != NULL;
}

ua_status ua_operator_import_known_preset(const ua_operator_import_known *known, int32_t wanted,
                                          int32_t *customer_id_r, ua_error_line *error)
{
  if (wanted != 0 && !ua_operator_import_known_customer(known, wanted)) {
    ua_error_line_set(error, "there is no customer %ld", (long)wanted);
    return UA_NOT_FOUND;
  }
  *customer_id_r = wanted != 0 || known->customer_count != 1 ? wanted : known->customers[0];
  return UA_OK;
}

static int compare_code(const void *code, const void *role)
{
  return ua_text_compare(*(const ua_text *)code, ua_text_of(((const ua_operator_import_role *)role)->code));
}

bool ua_operator_import_known_role(const ua_operator_import_known *known, ua_text code, int32_t *id_r)
{
  const ua_operator_import_role *role =
      known->role_count == 0
          ? NULL
          : bsearch(&code, known->roles, known->role_count, sizeof *known->roles, compare_code);
  if (role != NULL) {
    *id_r = role->id;
  }
  return role != NULL;
}

void ua_operator_import_known_clear(ua_operator_import_known *known)
{
  for (size_t i = 0; i < known->role_count; i++) {
    free(known->roles[i].code);
  }
  free(known->roles);
  free(known->customers);
  *known = (ua_operator_import_known){0};
}
