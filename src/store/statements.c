#include "store/statements.h"

/* How emails are compared: see migration 2, whose index this has to match. */
#define FOLDED(expression) "lower(" expression " COLLATE \"und-x-icu\")"

static const ua_statement_row statements[UA_STATEMENT_COUNT] = {
    [UA_STATEMENT_BEGIN] = {"begin", UA_STATEMENT_CONTROL, 0, "BEGIN"},
    [UA_STATEMENT_COMMIT] = {"commit", UA_STATEMENT_CONTROL, 0, "COMMIT"},
    [UA_STATEMENT_ROLLBACK] = {"rollback", UA_STATEMENT_CONTROL, 0, "ROLLBACK"},

    [UA_STATEMENT_SCHEMA_VERSION] = {"schema_version", UA_STATEMENT_READ, 0,
                                     "SELECT version FROM schema_spec ORDER BY id DESC LIMIT 1"},

    [UA_STATEMENT_TOKEN_STATE] = {"token_state", UA_STATEMENT_READ, 2,
                                  "SELECT u.epoch,"
                                  " EXISTS (SELECT 1 FROM revoked_token r WHERE r.digest = $3::bytea)"
                                  " FROM _user u"
                                  " WHERE u.id = $1::integer AND u.customer_id = $2::integer AND u.active"},

    [UA_STATEMENT_TOKEN_REVOKE] = {"token_revoke", UA_STATEMENT_WRITE, 2,
                                   "INSERT INTO revoked_token (digest, user_id, expires_at)"
                                   " SELECT $3::bytea, u.id, to_timestamp($4::bigint) FROM _user u"
                                   " WHERE u.id = $1::integer AND u.customer_id = $2::integer"
                                   " ON CONFLICT (digest) DO NOTHING"},

    /* A bounded piece at a time, so that no logout pays for a long backlog. */
    [UA_STATEMENT_TOKEN_FORGET_EXPIRED] = {"token_forget_expired", UA_STATEMENT_WRITE, 0,
                                           "DELETE FROM revoked_token WHERE digest IN"
                                           " (SELECT digest FROM revoked_token"
                                           " WHERE expires_at < to_timestamp($1::bigint)"
                                           " ORDER BY expires_at LIMIT 100)"},

    /* A statement of its own before the count: one that waits for a lock goes on with what it saw before. */
    [UA_STATEMENT_CUSTOMER_LOCK_QUOTA] = {"customer_lock_quota", UA_STATEMENT_READ, 1,
                                          "SELECT max_user_quota FROM customer WHERE id = $1::integer"
                                          " FOR UPDATE"},

    [UA_STATEMENT_CUSTOMER_COUNT_USERS] = {"customer_count_users", UA_STATEMENT_READ, 1,
                                           "SELECT count(id) FROM _user WHERE customer_id = $1::integer"},

    /* Login only: an email is unique over all customers. */
    [UA_STATEMENT_USER_BY_EMAIL] = {"user_by_email", UA_STATEMENT_READ, 0,
                                    "SELECT id, customer_id, active, epoch, hash, salt FROM _user"
                                    " WHERE " FOLDED("email") " = " FOLDED("$1::text")},

    [UA_STATEMENT_USER_IN_CUSTOMER_BY_EMAIL] = {"user_in_customer_by_email", UA_STATEMENT_READ, 1,
                                                "SELECT id FROM _user WHERE customer_id = $1::integer"
                                                " AND " FOLDED("email") " = " FOLDED("$2::text")},

    /* One row a role, one row with NULLs for a user without roles. */
    [UA_STATEMENT_USER_WITH_ROLES] = {"user_with_roles", UA_STATEMENT_READ, 2,
                                      "SELECT u.id, u.customer_id, u.email, u.name, u.active, u.epoch,"
                                      " r.id, r.code, r.name"
                                      " FROM _user u"
                                      " LEFT JOIN user_has_role h ON h.user_id = u.id"
                                      " LEFT JOIN role r ON r.id = h.role_id"
                                      " WHERE u.id = $1::integer AND u.customer_id = $2::integer"
                                      " ORDER BY r.id"},

    /* Patterns that are NULL match nothing, unless both are: then everybody is meant. */
    [UA_STATEMENT_USER_LIST] = {"user_list", UA_STATEMENT_READ, 1,
                                "SELECT id, customer_id, email, name, active FROM _user"
                                " WHERE customer_id = $1::integer AND"
                                " (($2::text IS NULL AND $3::text IS NULL)"
                                " OR email COLLATE \"und-x-icu\" ILIKE $2::text"
                                " OR name COLLATE \"und-x-icu\" ILIKE $3::text)"
                                " ORDER BY id LIMIT $4::bigint OFFSET $5::bigint"},

    [UA_STATEMENT_USER_INSERT] = {"user_insert", UA_STATEMENT_WRITE, 1,
                                  "INSERT INTO _user (customer_id, email, name, hash, salt, active)"
                                  " VALUES ($1::integer, $2::text, $3::text, $4::text, $5::text, $6::boolean)"
                                  " RETURNING id"},

    [UA_STATEMENT_USER_LOCK] = {"user_lock", UA_STATEMENT_READ, 2,
                                "SELECT id FROM _user WHERE id = $1::integer AND customer_id = $2::integer"
                                " FOR UPDATE"},

    /* NULL leaves a column alone. A new password and a deactivation end the user's tokens. */
    [UA_STATEMENT_USER_UPDATE] = {"user_update", UA_STATEMENT_WRITE, 2,
                                  "UPDATE _user SET email = coalesce($3::text, email),"
                                  " name = coalesce($4::text, name), active = coalesce($5::boolean, active),"
                                  " hash = coalesce($6::text, hash), salt = coalesce($7::text, salt),"
                                  " epoch = epoch"
                                  " + ($6::text IS NOT NULL OR (active AND NOT $5::boolean) IS TRUE)::integer"
                                  " WHERE id = $1::integer AND customer_id = $2::integer"},

    [UA_STATEMENT_USER_SET_PASSWORD] = {"user_set_password", UA_STATEMENT_WRITE, 2,
                                        "UPDATE _user SET hash = $3::text, salt = $4::text, epoch = epoch + 1"
                                        " WHERE id = $1::integer AND customer_id = $2::integer"},

    /* Only while nobody has changed the password meanwhile; the password stays, so tokens stay. */
    [UA_STATEMENT_USER_UPGRADE_HASH] = {"user_upgrade_hash", UA_STATEMENT_WRITE, 2,
                                        "UPDATE _user SET hash = $3::text, salt = $4::text"
                                        " WHERE id = $1::integer AND customer_id = $2::integer"
                                        " AND hash = $5::text"},

    [UA_STATEMENT_USER_RAISE_EPOCH] = {"user_raise_epoch", UA_STATEMENT_WRITE, 2,
                                       "UPDATE _user SET epoch = epoch + 1"
                                       " WHERE id = $1::integer AND customer_id = $2::integer"},

    [UA_STATEMENT_USER_ROLES_REMOVE_OTHERS] = {"user_roles_remove_others", UA_STATEMENT_WRITE, 2,
                                               "DELETE FROM user_has_role h USING _user u"
                                               " WHERE h.user_id = u.id AND u.id = $1::integer"
                                               " AND u.customer_id = $2::integer"
                                               " AND h.role_id <> ALL ($3::integer[])"},

    [UA_STATEMENT_USER_ROLES_ADD] = {"user_roles_add", UA_STATEMENT_WRITE, 2,
                                     "INSERT INTO user_has_role (user_id, role_id)"
                                     " SELECT DISTINCT u.id, given.id"
                                     " FROM _user u CROSS JOIN unnest($3::integer[]) AS given (id)"
                                     " WHERE u.id = $1::integer AND u.customer_id = $2::integer"
                                     " ON CONFLICT (user_id, role_id) DO NOTHING"},

    [UA_STATEMENT_USER_ROLES_REMOVE] = {"user_roles_remove", UA_STATEMENT_WRITE, 2,
                                        "DELETE FROM user_has_role h USING _user u"
                                        " WHERE h.user_id = u.id AND u.id = $1::integer"
                                        " AND u.customer_id = $2::integer"
                                        " AND h.role_id = ANY ($3::integer[])"},

    /* Roles belong to no customer: all share them, as in the original. */
    [UA_STATEMENT_ROLE_IDS] = {"role_ids", UA_STATEMENT_READ, 0,
                               "SELECT id FROM role WHERE id = ANY ($1::integer[])"},

    [UA_STATEMENT_ROLE_LIST] = {"role_list", UA_STATEMENT_READ, 0,
                                "SELECT id, code, name FROM role ORDER BY id"
                                " LIMIT $1::bigint OFFSET $2::bigint"},
};

const ua_statement_row *ua_store_statement_get(ua_statement statement)
{
  return &statements[statement];
}
