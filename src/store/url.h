/* Whether a database URL can be used, decided without connecting: the one rule of the service, the library
 * and all commands. */
#ifndef UA_STORE_URL_H
#define UA_STORE_URL_H

#include "base/error.h"
#include "base/error_line.h"

/* UA_OK for a libpq URI or keyword string that libpq reads, and for an empty one. UA_BAD_REQUEST when it does
 * not, and where the URI reads as if special characters of a password were not percent-encoded. The line
 * repeats none of it, since any piece may be a piece of the password. */
UA_CHECK ua_status ua_store_url_check(const char *url, ua_error_line *error);

#endif
