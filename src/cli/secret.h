/* Passwords and other secrets: reads and wipes them. */
#ifndef UA_CLI_SECRET_H
#define UA_CLI_SECRET_H

#include <stdbool.h>

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

enum { UA_CLI_MAX_SECRET_BYTES = 2048 };

typedef struct ua_cli_secret {
  char value[UA_CLI_MAX_SECRET_BYTES]; /* NUL-terminated; "" if it is not given */
  bool given;
} ua_cli_secret;

ua_text ua_cli_secret_text(const ua_cli_secret *secret);
void ua_cli_secret_wipe(ua_cli_secret *secret);

/* Copies `value`. UA_BAD_REQUEST when it is too long; the line says "<name>: …", never the value. */
UA_CHECK ua_status ua_cli_secret_set(const char *name, ua_text value, ua_cli_secret *secret_r,
                                     ua_error_line *error);

/* Reads a file of one line ("-": standard input), as base/file.h does. UA_BAD_REQUEST when it cannot be read,
 * is empty, too long or has more than one line. */
UA_CHECK ua_status ua_cli_secret_read_file(const char *path, ua_cli_secret *secret_r, ua_error_line *error);

/* Tries, in this order, the argument, the file and the environment variables `variable` and `variable`_FILE;
 * NULL for a source that does not exist. If none of them is given, secret_r->given is false. UA_BAD_REQUEST
 * when both of a pair are given. */
UA_CHECK ua_status ua_cli_secret_find(const char *variable, const char *argument, const char *file,
                                      ua_cli_secret *secret_r, ua_error_line *error);

/* Puts a password into NFC (base/normal_form.h). UA_BAD_REQUEST when it is not UTF-8, or becomes too long;
 * the line says "<name> …". */
UA_CHECK ua_status ua_cli_secret_compose(const char *name, ua_cli_secret *secret, ua_error_line *error);

/* A new secret of 48 random bytes, base64url (64 characters). */
UA_CHECK ua_status ua_cli_secret_generate(ua_cli_secret *secret_r, ua_error_line *error);

#endif
