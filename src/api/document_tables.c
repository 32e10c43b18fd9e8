/* THE tables of payloads and query arguments. */
#include <stddef.h>

#include "api/documents.h"
#include "base/limits.h"

/* clang-format off */
#define FIELD(member)   .offset = offsetof(ua_document, member)
#define SEEN(member)    .seen = offsetof(ua_document, member)
#define SCHEMA(table)   {(table), sizeof(table) / sizeof((table)[0])}

#define STRING(member)   .type = UA_FIELD_STRING, FIELD(member)
#define PASSWORD(member) .type = UA_FIELD_PASSWORD, FIELD(member)
#define BOOLEAN(member)  .type = UA_FIELD_BOOLEAN, FIELD(member)
#define INTEGER(member, low, high) .type = UA_FIELD_INTEGER, FIELD(member), .minimum = (low), .maximum = (high)

static const ua_field login_fields[] = {
  {.name = "email", STRING(user.email), .required = true},
  {.name = "password", .type = UA_FIELD_SECRET, FIELD(user.password), .required = true},
};

static const ua_field reset_password_fields[] = {
  {.name = "email", STRING(user.email), .required = true},
  {.name = "password", PASSWORD(user.password), .required = true},
};

/* The customer, named by an operator, that a user is to belong to, or that a list is about. */
#define CUSTOMER .name = "customer", .type = UA_FIELD_CUSTOMER, FIELD(customer), SEEN(has_customer), \
                 .for_operators = true

static const ua_field register_fields[] = {
  {.name = "active", BOOLEAN(user.active), .required = true},
  {CUSTOMER},
  {.name = "email", STRING(user.email), .form = UA_FORM_IDENTIFIER, .required = true},
  {.name = "name", STRING(user.name), .form = UA_FORM_IDENTIFIER, .required = true},
  {.name = "password", PASSWORD(user.password), .required = true},
  {.name = "roles", .type = UA_FIELD_ROLES, FIELD(user.role_ids), .required = true},
};

static const ua_field update_fields[] = {
  {.name = "active", BOOLEAN(user.active), .required = true},
  {.name = "email", STRING(user.email), .required = true},
  {.name = "id", INTEGER(id, INT64_MIN, INT64_MAX)},
  {.name = "name", STRING(user.name), .required = true},
  {.name = "password", PASSWORD(user.password)},
  {.name = "roles", .type = UA_FIELD_ROLES, FIELD(user.role_ids)},
};

/* Of every list. */
#define AFTER  .name = "after", INTEGER(search.page.after, 0, INT32_MAX), .preset = UA_PAGE_FROM_THE_START, \
               .excludes = "offset"
#define LIMIT  .name = "limit", INTEGER(search.page.limit, 0, UA_MAX_LIST_LIMIT), .preset = 20
#define OFFSET .name = "offset", INTEGER(search.page.offset, 0, INT32_MAX)

static const ua_field list_users_fields[] = {
  {.name = "active", BOOLEAN(search.active), SEEN(search.by_active)},
  {AFTER},
  {.name = "count", BOOLEAN(search.count)},
  {CUSTOMER},
  {.name = "email", STRING(user.email)},
  {LIMIT},
  {.name = "name", STRING(user.name)},
  {OFFSET},
  {.name = "role", STRING(search.role)},
};

#define ASSIGNABLE .name = "assignable", BOOLEAN(role.assignable), SEEN(role.has_assignable)
#define IGNORED    .type = UA_FIELD_IGNORED

static const ua_field list_roles_fields[] = {
  {AFTER},
  {ASSIGNABLE},
  {LIMIT},
  {OFFSET},
};

static const ua_field add_role_fields[] = {
  {ASSIGNABLE},
  {.name = "code", STRING(role.code), .form = UA_FORM_CODE, .required = true},
  {.name = "name", STRING(role.name), .required = true},
};

static const ua_field change_role_fields[] = {
  {ASSIGNABLE},
  {.name = "code", IGNORED},
  {.name = "id", IGNORED},
  {.name = "name", STRING(role.name), .required = true},
  {.name = "users", IGNORED},
};

#define QUOTA .name = "max_user_quota", INTEGER(max_user_quota, 0, INT32_MAX), .preset = UA_NO_QUOTA, \
              .nullable = true, SEEN(has_quota)

static const ua_field list_customers_fields[] = {
  {AFTER},
  {LIMIT},
  {OFFSET},
};

static const ua_field list_events_fields[] = {
  {.name = "after", INTEGER(events.after, 0, INT64_MAX), SEEN(events.by_after), .excludes = "before"},
  {.name = "before", INTEGER(events.before, 0, INT64_MAX), .preset = INT64_MAX},
  {CUSTOMER},
  {.name = "kind", STRING(events.kind)},
  {.name = "limit", INTEGER(events.limit, 0, UA_MAX_LIST_LIMIT), .preset = 20},
  {.name = "user", INTEGER(event_user, INT32_MIN, INT32_MAX), SEEN(events.by_user)},
};

static const ua_field add_customer_fields[] = {
  {QUOTA},
  {.name = "name", STRING(customer_name), .required = true},
};

static const ua_field change_customer_fields[] = {
  {.name = "id", IGNORED},
  {QUOTA},
  {.name = "name", STRING(customer_name), .required = true},
  {.name = "users", IGNORED},
};

const ua_document_schema ua_document_login = SCHEMA(login_fields);
const ua_document_schema ua_document_reset_password = SCHEMA(reset_password_fields);
const ua_document_schema ua_document_register = SCHEMA(register_fields);
const ua_document_schema ua_document_update = SCHEMA(update_fields);
const ua_document_schema ua_arguments_list_users = SCHEMA(list_users_fields);
const ua_document_schema ua_arguments_list_roles = SCHEMA(list_roles_fields);
const ua_document_schema ua_document_add_role = SCHEMA(add_role_fields);
const ua_document_schema ua_document_change_role = SCHEMA(change_role_fields);
const ua_document_schema ua_arguments_list_customers = SCHEMA(list_customers_fields);
const ua_document_schema ua_arguments_list_events = SCHEMA(list_events_fields);
const ua_document_schema ua_document_add_customer = SCHEMA(add_customer_fields);
const ua_document_schema ua_document_change_customer = SCHEMA(change_customer_fields);
/* clang-format on */
