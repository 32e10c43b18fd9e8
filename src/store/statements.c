#include "store/statements.h"

#include "store/sql.h"

/* The statement of the file <name>.sql. */
#define FILED(statement)    .name = #statement, .sql = ua_store_sql_##statement
#define BOUND_BY(parameter) .reach = UA_STATEMENT_BOUND, .customer = (parameter)
#define COUNTS              .reach = UA_STATEMENT_COUNTS
#define READ                .kind = UA_STATEMENT_READ
#define WRITE               .kind = UA_STATEMENT_WRITE

/* clang-format off */
static const ua_statement_row statements[UA_STATEMENT_COUNT] = {
  [UA_STATEMENT_SESSION_SETTINGS] = {FILED(session_settings), .kind = UA_STATEMENT_CONTROL},
  [UA_STATEMENT_BEGIN] = {.name = "begin", .sql = "BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE",
                          .kind = UA_STATEMENT_CONTROL},
  [UA_STATEMENT_COMMIT] = {.name = "commit", .sql = "COMMIT", .kind = UA_STATEMENT_CONTROL},
  [UA_STATEMENT_ROLLBACK] = {.name = "rollback", .sql = "ROLLBACK", .kind = UA_STATEMENT_CONTROL},
  [UA_STATEMENT_AUDIT] = {FILED(audit), READ},

  [UA_STATEMENT_READINESS] = {FILED(readiness), READ},

  [UA_STATEMENT_WATCH_PEER] = {.name = "watch_peer", READ,
                               .sql = "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery()"},
  [UA_STATEMENT_WATCH_SETTINGS] = {FILED(watch_settings), READ},
  [UA_STATEMENT_WATCH_LISTEN] = {.name = "watch_listen", .sql = "LISTEN user_api_session",
                                 .kind = UA_STATEMENT_CONTROL},
  [UA_STATEMENT_WATCH_PROOF] = {FILED(watch_proof), READ},

  [UA_STATEMENT_ORIGIN] = {FILED(origin_now), READ},
  [UA_STATEMENT_TOKEN_STATE] = {FILED(token_state), READ, BOUND_BY(2)},
  [UA_STATEMENT_TOKEN_REVOKE] = {FILED(token_revoke), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_TOKEN_FORGET_EXPIRED] = {FILED(token_forget_expired), WRITE},

  [UA_STATEMENT_THROTTLE_PEEK] = {FILED(throttle_peek), READ},
  [UA_STATEMENT_THROTTLE_RESERVE] = {FILED(throttle_reserve), WRITE},
  [UA_STATEMENT_THROTTLE_SETTLE] = {FILED(throttle_settle), WRITE},
  [UA_STATEMENT_THROTTLE_RECORD] = {FILED(throttle_record), WRITE},

  [UA_STATEMENT_CUSTOMER_LOCK_QUOTA] = {FILED(customer_lock_quota), READ, BOUND_BY(1)},
  [UA_STATEMENT_CUSTOMER_COUNT_USERS] = {FILED(customer_count_users), READ, BOUND_BY(1)},
  [UA_STATEMENT_CUSTOMER_LOCK_ADMINS] = {FILED(customer_lock_admins), READ, BOUND_BY(1)},
  [UA_STATEMENT_CUSTOMER_FIND] = {FILED(customer_find), READ, .reach = UA_STATEMENT_RESOLVES},
  [UA_STATEMENT_CUSTOMER_OF_USER] = {FILED(customer_of_user), READ, .reach = UA_STATEMENT_RESOLVES},
  [UA_STATEMENT_CUSTOMER_OF_EMAIL] = {FILED(customer_of_email), READ, .reach = UA_STATEMENT_RESOLVES},
  [UA_STATEMENT_CUSTOMER_LIST] = {FILED(customer_list), READ, COUNTS},
  [UA_STATEMENT_CUSTOMER_GET] = {FILED(customer_get), READ, BOUND_BY(1)},
  [UA_STATEMENT_CUSTOMER_INSERT] = {FILED(customer_insert), WRITE},
  [UA_STATEMENT_CUSTOMER_UPDATE] = {FILED(customer_update), WRITE, BOUND_BY(1)},
  [UA_STATEMENT_CUSTOMER_DELETE] = {.name = "customer_delete", .sql = "DELETE FROM customer WHERE id = $1::integer",
                                    WRITE, BOUND_BY(1)},

  [UA_STATEMENT_USER_BY_EMAIL] = {FILED(user_by_email), READ, .reach = UA_STATEMENT_RESOLVES},
  [UA_STATEMENT_USER_IN_CUSTOMER_BY_EMAIL] = {FILED(user_in_customer_by_email), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_WITH_ROLES] = {FILED(user_with_roles), READ, BOUND_BY(2)},
  [UA_STATEMENT_USER_CREATED_AT] = {FILED(user_created_at), READ, BOUND_BY(2)},
  [UA_STATEMENT_USER_LIST] = {FILED(user_list), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_LIST_DEEP] = {FILED(user_list_deep), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_LIST_ACTIVE] = {FILED(user_list_active), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_LIST_ROLE] = {FILED(user_list_role), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_SEARCH] = {FILED(user_search), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_SCAN] = {FILED(user_scan), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_COUNT] = {FILED(user_count), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_COUNT_ACTIVE] = {FILED(user_count_active), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_COUNT_ROLE] = {FILED(user_count_role), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_COUNT_FOUND] = {FILED(user_count_found), READ, BOUND_BY(1)},
  [UA_STATEMENT_USER_INSERT] = {FILED(user_insert), WRITE, BOUND_BY(1)},
  [UA_STATEMENT_USER_LOCK] = {FILED(user_lock), READ, BOUND_BY(2)},
  [UA_STATEMENT_USER_LOCK_ROLES] = {FILED(user_lock_roles), READ, BOUND_BY(2)},
  [UA_STATEMENT_USER_UPDATE] = {FILED(user_update), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_USER_SET_PASSWORD] = {FILED(user_set_password), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_USER_UPGRADE_HASH] = {FILED(user_upgrade_hash), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_USER_RAISE_EPOCH] = {FILED(user_raise_epoch), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_USER_DELETE] = {FILED(user_delete), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_USER_OTHER_ADMIN] = {FILED(user_other_admin), READ, BOUND_BY(2)},
  [UA_STATEMENT_USER_ROLES_REMOVE_OTHERS] = {FILED(user_roles_remove_others), WRITE, BOUND_BY(2)},
  [UA_STATEMENT_USER_ROLES_ADD] = {FILED(user_roles_add), WRITE, BOUND_BY(2)},

  [UA_STATEMENT_ROLES_FIND] = {FILED(roles_find), READ},
  [UA_STATEMENT_ROLES_LOCK] = {FILED(roles_lock), READ},
  [UA_STATEMENT_ROLES_LOCK_NAMES] = {FILED(roles_lock_names), READ},
  [UA_STATEMENT_ROLE_LIST] = {FILED(role_list), READ},
  [UA_STATEMENT_ROLE_COUNT_ALL_HOLDERS] = {FILED(role_count_all_holders), READ, COUNTS},
  [UA_STATEMENT_ROLE_INSERT] = {FILED(role_insert), WRITE},
  [UA_STATEMENT_ROLE_UPDATE] = {FILED(role_update), WRITE},
  [UA_STATEMENT_ROLE_OUTGROWS_TOKENS] = {FILED(role_outgrows_tokens), READ, COUNTS},
  [UA_STATEMENT_ROLE_DELETE] = {.name = "role_delete", .sql = "DELETE FROM role WHERE id = $1::integer", WRITE},

  [UA_STATEMENT_EVENTS_ALL_OLDER] = {FILED(events_all_older), READ, .reach = UA_STATEMENT_EVENTS},
  [UA_STATEMENT_EVENTS_ALL_NEWER] = {FILED(events_all_newer), READ, .reach = UA_STATEMENT_EVENTS},
  [UA_STATEMENT_EVENTS_OF_KIND_OLDER] = {FILED(events_of_kind_older), READ, .reach = UA_STATEMENT_EVENTS},
  [UA_STATEMENT_EVENTS_OF_KIND_NEWER] = {FILED(events_of_kind_newer), READ, .reach = UA_STATEMENT_EVENTS},
  [UA_STATEMENT_EVENTS_OF_USER_OLDER] = {FILED(events_of_user_older), READ, .reach = UA_STATEMENT_EVENTS},
  [UA_STATEMENT_EVENTS_OF_USER_NEWER] = {FILED(events_of_user_newer), READ, .reach = UA_STATEMENT_EVENTS},
  [UA_STATEMENT_EVENTS_IN_CUSTOMER_OLDER] = {FILED(events_in_customer_older), READ, BOUND_BY(1)},
  [UA_STATEMENT_EVENTS_IN_CUSTOMER_NEWER] = {FILED(events_in_customer_newer), READ, BOUND_BY(1)},
  [UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_KIND_OLDER] = {FILED(events_in_customer_of_kind_older), READ, BOUND_BY(1)},
  [UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_KIND_NEWER] = {FILED(events_in_customer_of_kind_newer), READ, BOUND_BY(1)},
  [UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_USER_OLDER] = {FILED(events_in_customer_of_user_older), READ, BOUND_BY(1)},
  [UA_STATEMENT_EVENTS_IN_CUSTOMER_OF_USER_NEWER] = {FILED(events_in_customer_of_user_newer), READ, BOUND_BY(1)},
  [UA_STATEMENT_EVENTS_FINAL] = {FILED(events_final), READ},
  [UA_STATEMENT_EVENT_SESSION_OPENED] = {FILED(event_session_opened), WRITE, BOUND_BY(1)},
  [UA_STATEMENT_EVENT_MONTHS] = {FILED(event_months), WRITE},
  [UA_STATEMENT_EVENT_WRITE] = {FILED(event_write), WRITE, BOUND_BY(1)},
};
/* clang-format on */

const ua_statement_row *ua_store_statement_get(ua_statement statement)
{
  return &statements[statement];
}
