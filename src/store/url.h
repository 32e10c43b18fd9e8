/* Whether a database URL is usable, decided without connecting. The service, the library and all commands use
 * this rule. */
#ifndef UA_STORE_URL_H
#define UA_STORE_URL_H

#include "base/error.h"
#include "base/error_line.h"

/* UA_OK for a libpq URI or keyword string that libpq reads, and for an empty one. UA_BAD_REQUEST when libpq
 * does not, and when the URI looks as if special characters of a password were not percent-encoded. The error
 * line quotes nothing of it, because any piece may be a piece of the password. */
UA_CHECK ua_status ua_store_url_check(const char *url, ua_error_line *error);

#endif
