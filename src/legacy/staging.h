/* Rows of the Python original's MySQL database on their way: pgloader puts them into a schema of the target,
 * which lasts until the import ends; in one transaction they are brought into the form of the five tables,
 * examined beside what the target holds, and copied to it. */
#ifndef UA_LEGACY_STAGING_H
#define UA_LEGACY_STAGING_H

#include <stdint.h>

#include "operator/diagnosis.h"

enum { UA_MAX_STAGING_NAME_BYTES = 48 };

typedef enum ua_legacy_staging_layout {
  UA_STAGING_UNKNOWN = 0,
  UA_STAGING_CREATE_ALL, /* customer, _user, role, user_has_role */
  UA_STAGING_WORKBENCH,  /* user, group, user_in_group */
  UA_STAGING_USERS_ONLY, /* user alone */
  UA_STAGING_BOTH        /* of two layouts: nobody knows which one counts */
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
  uint64_t repeated; /* that say what another one says */
  uint64_t present;  /* that the target has already, the same */
  uint64_t added;    /* that it has not */
  uint64_t target;   /* rows of the target */
} ua_legacy_staging_count;

typedef struct ua_legacy_staging_counts {
  ua_legacy_staging_count table[UA_STAGING_TABLES];
} ua_legacy_staging_counts;

/* Drops what imports that were killed have left, and makes a new schema. The caller holds the migrations'
 * lock, without which nobody stages. */
UA_CHECK ua_status ua_legacy_staging_create(ua_operator_connection *connection,
                                            char name_r[UA_MAX_STAGING_NAME_BYTES], ua_error_line *error);
UA_CHECK ua_status ua_legacy_staging_drop(ua_operator_connection *connection, const char *name,
                                          ua_error_line *error);

/* Bytes that have arrived so far. */
UA_CHECK ua_status ua_legacy_staging_size(ua_operator_connection *connection, const char *name,
                                          uint64_t *bytes_r, ua_error_line *error);

UA_CHECK ua_status ua_legacy_staging_find_layout(ua_operator_connection *connection, const char *name,
                                                 ua_legacy_staging_layout *layout_r, ua_error_line *error);

/* Reports columns that are missing, or are neither numbers nor text. */
UA_CHECK ua_status ua_legacy_staging_check_columns(ua_operator_connection *connection, const char *name,
                                                   ua_legacy_staging_layout layout,
                                                   ua_operator_finding_sink sink, bool *found_r,
                                                   ua_error_line *error);

/* The name of a staged table in the source: "_user" or "user"; NULL where the layout has none. */
const char *ua_legacy_staging_source_name(ua_legacy_staging_layout layout, ua_legacy_staging_table table);

/* --- in the caller's transaction, which locks the target's tables --- */

/* Brings the rows into temporary tables that hide the target's until the transaction ends. `customer` is
 * whose the users become in a layout without customers: an id of the target's, or NULL for that of users who
 * are there already, or a new one. UA_NOT_FOUND when there is no such customer. */
UA_CHECK ua_status ua_legacy_staging_arrange(ua_operator_connection *connection, const char *name,
                                             ua_legacy_staging_layout layout, const char *customer,
                                             ua_error_line *error);

/* What else but ua_operator_diagnosis_tables finds stands in the way of the arranged rows. */
UA_CHECK ua_status ua_legacy_staging_check_rows(ua_operator_connection *connection,
                                                ua_operator_finding_sink sink, ua_error_line *error);

UA_CHECK ua_status ua_legacy_staging_count_rows(ua_operator_connection *connection,
                                                ua_legacy_staging_counts *counts_r, ua_error_line *error);

/* Copies what the target has not, ids, hashes and salts as they are, and lets its sequences go on behind the
 * highest ids. */
UA_CHECK ua_status ua_legacy_staging_copy(ua_operator_connection *connection, ua_error_line *error);

/* The id of the one customer of a layout that has none. */
UA_CHECK ua_status ua_legacy_staging_customer(ua_operator_connection *connection, uint64_t *id_r,
                                              ua_error_line *error);

#endif
