/* Rows as plain records. All texts live in the arena that was passed to the function that filled them. */
#ifndef UA_STORE_RECORDS_H
#define UA_STORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

typedef struct ua_role {
  int32_t id;
  ua_text code;
  ua_text name;
  bool assignable; /* customers' administrators may grant it; filled only by functions that say so */
} ua_role;

typedef struct ua_user {
  int32_t id;
  int32_t customer_id;
  ua_text email;
  ua_text name;
  bool active;
  int32_t epoch;
  const ua_role *roles; /* ordered by id; filled only by functions that say so */
  size_t role_count;
} ua_user;

/* How many users a customer may have. */
typedef struct ua_quota {
  bool limited; /* false: any number */
  int32_t users;
} ua_quota;

typedef struct ua_customer {
  int32_t id;
  ua_text name; /* absent: it was never named */
  ua_quota quota;
  int64_t users; /* how many it has, active or not */
} ua_customer;

/* What happened, as it was recorded then. */
typedef struct ua_event {
  int64_t id;
  ua_text at;   /* RFC 3339, UTC, whole seconds */
  ua_text kind; /* "user.created" */
  bool has_customer;
  int32_t customer_id;
  int32_t actor_id; /* who did it; 0: not known */
  ua_text actor_name;
  int32_t user_id; /* whom it happened to; 0: no user */
  ua_text user_name;
  ua_text address;    /* absent: not known */
  ua_text request_id; /* absent: not known */
  ua_text data;       /* a JSON object, with names in no particular order */
} ua_event;

/* Which page of a list, ordered by id. */
typedef struct ua_page {
  int64_t limit;
  int64_t offset;
  int64_t after; /* only those with a greater id */
} ua_page;

/* An `after` below every id: ids of databases of the original may be negative. */
#define UA_PAGE_FROM_THE_START ((int64_t)INT32_MIN - 1)

#endif
