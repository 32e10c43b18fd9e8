/* A program's error message: exactly one line on stderr, which begins with its name. */
#ifndef UA_CLI_REPORT_H
#define UA_CLI_REPORT_H

/* Exit codes. UA_CLI_SKIPPED: done, but bad rows of a file were skipped. */
enum { UA_CLI_OK = 0, UA_CLI_FAILED = 1, UA_CLI_USAGE = 2, UA_CLI_SKIPPED = 3 };

/* Sets the program's name. ua_cli_main calls this first; the string is not copied. */
void ua_cli_name_set(const char *name);
const char *ua_cli_name(void);

/* Writes "<name>: <message>" and returns UA_CLI_FAILED. Never pass it a secret. */
__attribute__((format(printf, 1, 2))) int ua_cli_fail(const char *format, ...);

/* The same for a command line that cannot be understood; returns UA_CLI_USAGE. */
__attribute__((format(printf, 1, 2))) int ua_cli_misused(const char *format, ...);

/* Writes "<name>: warning: <message>". */
__attribute__((format(printf, 1, 2))) void ua_cli_warn(const char *format, ...);

#endif
