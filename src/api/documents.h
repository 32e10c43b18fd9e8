/* Payloads and query arguments: one field table each, one validator, and the messages of Cerberus, the
 * original's validator. Pure. */
#ifndef UA_API_DOCUMENTS_H
#define UA_API_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/uri.h"
#include "json/reader.h"
#include "service/customers.h"
#include "service/events.h"
#include "service/refusal.h"
#include "service/roles.h"
#include "service/users.h"

/* Every field that any document has; what a request does not give is absent, or has the table's default. */
typedef struct ua_document {
  ua_user_change user;   /* role ids are 0 for numbers that no role can have */
  ua_user_search search; /* all of it except the patterns, which are in `user` */
  bool has_customer;
  int64_t customer;    /* an id, 0 for numbers that no customer can have */
  ua_role_change role; /* or what is asked for */
  ua_text customer_name;
  bool has_quota;
  int64_t max_user_quota; /* UA_NO_QUOTA: null, or not given */
  ua_event_search events; /* except whose, and `user_id` */
  int64_t event_user;     /* an id, of whatever size */
  int64_t id;
} ua_document;

enum { UA_NO_QUOTA = -1 };

typedef enum ua_field_type {
  UA_FIELD_STRING,   /* at most UA_MAX_STRING_CHARACTERS */
  UA_FIELD_SECRET,   /* a password to compare: of any length */
  UA_FIELD_PASSWORD, /* a password to set: password_min_bytes of the rules to UA_MAX_PASSWORD_BYTES, in NFC */
  UA_FIELD_BOOLEAN,
  UA_FIELD_INTEGER,  /* minimum to maximum */
  UA_FIELD_CUSTOMER, /* an object whose `id` is an integer, further keys are ignored; as an argument, the id
                      */
  UA_FIELD_ROLES,    /* UA_MAX_ROLES objects at most, whose `id` is an integer; further keys are ignored */
  UA_FIELD_IGNORED   /* of any type */
} ua_field_type;

/* What a string must not hold, beyond NUL. */
typedef enum ua_field_form {
  UA_FORM_ANY = 0,
  UA_FORM_IDENTIFIER, /* an email or a name of a user, as base/identifier.h has it */
  UA_FORM_CODE /* of a role, fit for a list of codes: not empty, no ASCII control character, no comma, no
                  blank or tab at either end */
} ua_field_form;

typedef struct ua_field {
  const char *name;
  ua_field_type type;
  bool required;
  bool for_operators;               /* to all others it is an unknown field */
  bool nullable;                    /* of integers: null is the preset */
  ua_field_form form;               /* of strings */
  size_t offset;                    /* in ua_document */
  size_t seen;                      /* likewise, of a bool that is set if it was given; 0: none */
  int64_t minimum, maximum, preset; /* of integers */
  const char *excludes;             /* the field that must not be there as well; NULL: none */
} ua_field;

typedef struct ua_document_schema {
  const ua_field *fields;
  size_t count;
} ua_document_schema;

/* What the tables leave open. */
typedef struct ua_document_rules {
  int64_t password_min_bytes;                /* of new passwords */
  const ua_password_policy *password_policy; /* likewise, checked here if something else is wrong; NULL:
                                                none */
  bool is_operator;                          /* fields for operators are known */
} ua_document_rules;

extern const ua_document_schema ua_document_login;
extern const ua_document_schema ua_document_reset_password;
extern const ua_document_schema ua_document_register;
extern const ua_document_schema ua_document_update;
extern const ua_document_schema ua_arguments_list_users;
extern const ua_document_schema ua_arguments_list_roles;
extern const ua_document_schema ua_document_add_role;
extern const ua_document_schema ua_document_change_role;
extern const ua_document_schema ua_arguments_list_customers;
extern const ua_document_schema ua_arguments_list_events;
extern const ua_document_schema ua_document_add_customer;
extern const ua_document_schema ua_document_change_customer;

/* Checks `value` against the table and reads it into *document_r, whose texts are those of `value`; the role
 * ids, and a new password in NFC, live in the arena. All violations are reported at once. UA_WRONG_DOCUMENT
 * with *violations_r filled, UA_WRONG_PAYLOAD when it is no object, UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_document_read(ua_arena *arena, const ua_document_schema *schema,
                                        const ua_document_rules *rules, const ua_json_value *value,
                                        ua_document *document_r, ua_violations *violations_r);

/* The same for query arguments, whose integers are text: coerced as Python's int() does; the first of a
 * repeated argument counts. UA_WRONG_ARGS with *violations_r filled, UA_BAD_REQUEST for a name that is not
 * UTF-8. */
UA_CHECK ua_status ua_api_arguments_read(ua_arena *arena, const ua_document_schema *schema,
                                         const ua_document_rules *rules, const ua_argument *arguments,
                                         size_t count, ua_document *document_r, ua_violations *violations_r);

/* The customer's fields of a document. */
ua_customer_change ua_api_document_customer(const ua_document *document);

#endif
