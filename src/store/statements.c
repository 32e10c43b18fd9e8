#include "store/statements.h"

#include "store/sql.h"

/* The statement of the file <name>.sql. */
#define FILED(statement) .name = #statement, .sql = ua_store_sql_##statement

static const ua_statement_row statements[UA_STATEMENT_COUNT] = {
    [UA_STATEMENT_SESSION_SETTINGS] = {FILED(session_settings), .kind = UA_STATEMENT_CONTROL},
    [UA_STATEMENT_BEGIN] = {.name = "begin",
                            .sql = "BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE",
                            .kind = UA_STATEMENT_CONTROL},
    [UA_STATEMENT_COMMIT] = {.name = "commit", .sql = "COMMIT", .kind = UA_STATEMENT_CONTROL},
    [UA_STATEMENT_ROLLBACK] = {.name = "rollback", .sql = "ROLLBACK", .kind = UA_STATEMENT_CONTROL},

    [UA_STATEMENT_READINESS] = {FILED(readiness), .kind = UA_STATEMENT_READ},

    [UA_STATEMENT_TOKEN_STATE] = {FILED(token_state), .kind = UA_STATEMENT_READ, .customer = 2},
    [UA_STATEMENT_TOKEN_REVOKE] = {FILED(token_revoke), .kind = UA_STATEMENT_WRITE, .customer = 2},
    [UA_STATEMENT_TOKEN_FORGET_EXPIRED] = {FILED(token_forget_expired), .kind = UA_STATEMENT_WRITE},

    [UA_STATEMENT_CUSTOMER_LOCK_QUOTA] = {FILED(customer_lock_quota), .kind = UA_STATEMENT_READ,
                                          .customer = 1},
    [UA_STATEMENT_CUSTOMER_COUNT_USERS] = {FILED(customer_count_users), .kind = UA_STATEMENT_READ,
                                           .customer = 1},

    [UA_STATEMENT_USER_BY_EMAIL] = {FILED(user_by_email), .kind = UA_STATEMENT_READ},
    [UA_STATEMENT_USER_IN_CUSTOMER_BY_EMAIL] = {FILED(user_in_customer_by_email), .kind = UA_STATEMENT_READ,
                                                .customer = 1},
    [UA_STATEMENT_USER_WITH_ROLES] = {FILED(user_with_roles), .kind = UA_STATEMENT_READ, .customer = 2},
    [UA_STATEMENT_USER_LIST] = {FILED(user_list), .kind = UA_STATEMENT_READ, .customer = 1},
    [UA_STATEMENT_USER_INSERT] = {FILED(user_insert), .kind = UA_STATEMENT_WRITE, .customer = 1},
    [UA_STATEMENT_USER_LOCK] = {FILED(user_lock), .kind = UA_STATEMENT_READ, .customer = 2},
    [UA_STATEMENT_USER_UPDATE] = {FILED(user_update), .kind = UA_STATEMENT_WRITE, .customer = 2},
    [UA_STATEMENT_USER_SET_PASSWORD] = {FILED(user_set_password), .kind = UA_STATEMENT_WRITE, .customer = 2},
    [UA_STATEMENT_USER_UPGRADE_HASH] = {FILED(user_upgrade_hash), .kind = UA_STATEMENT_WRITE, .customer = 2},
    [UA_STATEMENT_USER_RAISE_EPOCH] = {FILED(user_raise_epoch), .kind = UA_STATEMENT_WRITE, .customer = 2},
    [UA_STATEMENT_USER_ROLES_REMOVE_OTHERS] = {FILED(user_roles_remove_others), .kind = UA_STATEMENT_WRITE,
                                               .customer = 2},
    [UA_STATEMENT_USER_ROLES_ADD] = {FILED(user_roles_add), .kind = UA_STATEMENT_WRITE, .customer = 2},
    [UA_STATEMENT_USER_ROLES_REMOVE] = {FILED(user_roles_remove), .kind = UA_STATEMENT_WRITE, .customer = 2},

    [UA_STATEMENT_ROLE_IDS] = {FILED(role_ids), .kind = UA_STATEMENT_READ},
    [UA_STATEMENT_ROLE_LIST] = {FILED(role_list), .kind = UA_STATEMENT_READ},
};

const ua_statement_row *ua_store_statement_get(ua_statement statement)
{
  return &statements[statement];
}
