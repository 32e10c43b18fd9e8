/* Rows of the Python original's MySQL database during an import. pgloader puts them into a schema of the
 * target, which exists until the import ends. One transaction converts them into the form of the five tables,
 * checks them against the target's rows, and copies them. */
#ifndef UA_LEGACY_STAGING_H
#define UA_LEGACY_STAGING_H

#include <stdint.h>

#include "operator/diagnosis.h"

enum { UA_MAX_STAGING_NAME_BYTES = 48 };

typedef enum ua_legacy_staging_layout {
  UA_STAGING_UNKNOWN = 0,
  UA_STAGING_CREATE_ALL, /* customer, _user, role, user_has_role */
  UA_STAGING_WORKBENCH,  /* user, group, user_in_group */
  UA_STAGING_USERS_ONLY, /* only user */
  UA_STAGING_BOTH        /* tables of two layouts: it is unclear which one is right */
} ua_legacy_staging_layout;

typedef enum ua_legacy_staging_table {
  UA_STAGING_CUSTOMER,
  UA_STAGING_USER,
  UA_STAGING_ROLE,
  UA_STAGING_MEMBERSHIP,
  UA_STAGING_TABLES
} ua_legacy_staging_table;

typedef struct ua_legacy_staging_count {
  uint64_t staged;   /* rows that arrived */
  uint64_t repeated; /* duplicates of other rows */
  uint64_t present;  /* that the target has already, unchanged */
  uint64_t added;    /* that the target does not have */
  uint64_t target;   /* rows of the target */
} ua_legacy_staging_count;

typedef struct ua_legacy_staging_counts {
  ua_legacy_staging_count table[UA_STAGING_TABLES];
} ua_legacy_staging_counts;

/* Drops the schemas of killed imports, and creates a new one. The caller holds the migrations' lock, so no
 * other import is running. */
UA_CHECK ua_status ua_legacy_staging_create(ua_operator_connection *connection,
                                            char name_r[UA_MAX_STAGING_NAME_BYTES], ua_error_line *error);
UA_CHECK ua_status ua_legacy_staging_drop(ua_operator_connection *connection, const char *name,
                                          ua_error_line *error);

/* Bytes that have arrived so far. */
UA_CHECK ua_status ua_legacy_staging_size(ua_operator_connection *connection, const char *name,
                                          uint64_t *bytes_r, ua_error_line *error);

UA_CHECK ua_status ua_legacy_staging_find_layout(ua_operator_connection *connection, const char *name,
                                                 ua_legacy_staging_layout *layout_r, ua_error_line *error);

/* Reports columns that are missing, or whose type is neither number nor text. */
UA_CHECK ua_status ua_legacy_staging_check_columns(ua_operator_connection *connection, const char *name,
                                                   ua_legacy_staging_layout layout,
                                                   ua_operator_finding_sink sink, bool *found_r,
                                                   ua_error_line *error);

/* The name of a staged table in the source: "_user" or "user"; NULL if the layout has none. */
const char *ua_legacy_staging_source_name(ua_legacy_staging_layout layout, ua_legacy_staging_table table);

/* --- in the caller's transaction, which locks the target's tables --- */

/* Brings the rows into temporary tables that hide the target's until the transaction ends. In a layout
 * without customers, `customer` is the id of the target's customer that gets the users. NULL: the customer of
 * users who exist already, or a new one. UA_NOT_FOUND when there is no such customer. */
UA_CHECK ua_status ua_legacy_staging_arrange(ua_operator_connection *connection, const char *name,
                                             ua_legacy_staging_layout layout, const char *customer,
                                             ua_error_line *error);

/* Reports problems of the arranged rows that ua_operator_diagnosis_tables does not find. */
UA_CHECK ua_status ua_legacy_staging_check_rows(ua_operator_connection *connection,
                                                ua_operator_finding_sink sink, ua_error_line *error);

UA_CHECK ua_status ua_legacy_staging_count_rows(ua_operator_connection *connection,
                                                ua_legacy_staging_counts *counts_r, ua_error_line *error);

/* Copies the rows that the target does not have, with unchanged ids, hashes and salts, and sets its sequences
 * after the highest ids. */
UA_CHECK ua_status ua_legacy_staging_copy(ua_operator_connection *connection, ua_error_line *error);

/* The id of the customer that gets the users of a layout without customers. */
UA_CHECK ua_status ua_legacy_staging_customer(ua_operator_connection *connection, uint64_t *id_r,
                                              ua_error_line *error);

#endif
