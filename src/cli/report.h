/* What the operator's tool says when something is wrong: exactly one line on stderr. */
#ifndef UA_CLI_REPORT_H
#define UA_CLI_REPORT_H

/* Exit codes. UA_ADMIN_SKIPPED: done, without the rows of a file that are bad. */
enum { UA_ADMIN_OK = 0, UA_ADMIN_FAILED = 1, UA_ADMIN_USAGE = 2, UA_ADMIN_SKIPPED = 3 };

/* Writes "user-api-admin: <message>" and returns UA_ADMIN_FAILED. Never pass it a secret. */
__attribute__((format(printf, 1, 2))) int ua_admin_fail(const char *format, ...);

/* The same for a command line that cannot be understood; returns UA_ADMIN_USAGE. */
__attribute__((format(printf, 1, 2))) int ua_admin_misused(const char *format, ...);

/* Writes "user-api-admin: warning: <message>". */
__attribute__((format(printf, 1, 2))) void ua_admin_warn(const char *format, ...);

#endif
