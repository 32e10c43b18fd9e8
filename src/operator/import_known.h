/* The existing customers and roles, for rows that name them. */
#ifndef UA_OPERATOR_IMPORT_KNOWN_H
#define UA_OPERATOR_IMPORT_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "operator/connection.h"

typedef struct ua_operator_import_role {
  char *code;
  int32_t id;
} ua_operator_import_role;

typedef struct ua_operator_import_known {
  int32_t *customers; /* sorted: four bytes a customer */
  size_t customer_count;
  size_t customer_room;
  ua_operator_import_role *roles; /* sorted by code, by bytes */
  size_t role_count;
  size_t role_room;
} ua_operator_import_known;

/* Fills a zeroed *known. The caller clears it in any case. */
UA_CHECK ua_status ua_operator_import_known_read(ua_operator_connection *connection,
                                                 ua_operator_import_known *known, ua_error_line *error);
void ua_operator_import_known_clear(ua_operator_import_known *known);

/* The customer of rows that name none: `wanted` or, if that is 0, the only customer. *customer_id_r is 0 when
 * there are none or several. UA_NOT_FOUND, with the line, when there is no customer `wanted`. */
UA_CHECK ua_status ua_operator_import_known_preset(const ua_operator_import_known *known, int32_t wanted,
                                                   int32_t *customer_id_r, ua_error_line *error);

bool ua_operator_import_known_customer(const ua_operator_import_known *known, int32_t id);

/* False, and *id_r untouched, when no role has this code. */
bool ua_operator_import_known_role(const ua_operator_import_known *known, ua_text code, int32_t *id_r);

#endif
