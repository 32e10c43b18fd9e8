/* Shared by the files that read rows of users. */
#ifndef UA_STORE_USERS_PRIVATE_H
#define UA_STORE_USERS_PRIVATE_H

#include "store/users.h"

/* The first columns of every statement that returns users. */
enum { UA_USER_ID, UA_USER_CUSTOMER, UA_USER_EMAIL, UA_USER_NAME, UA_USER_ACTIVE, UA_USER_COLUMNS };

/* Reads them. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_store_users_read(ua_arena *arena, const ua_db_row *row, ua_user *user);

/* Adds NULL if the value is not given. */
void ua_store_users_add_optional_bool(ua_db_args *args, bool given, bool value);

/* Adds the parameters of a statement that looks up an email: as it is, and without trailing blanks. */
void ua_store_users_add_email(ua_db_args *args, ua_arena *arena, ua_text email);

#endif
