/* What the user commands share: whom they are about, and what they say of it. */
#ifndef UA_ADMIN_USER_SESSION_H
#define UA_ADMIN_USER_SESSION_H

#include "admin/session.h"
#include "cli/secret.h"
#include "operator/users.h"
#include "service/users.h"
#include "store/records.h"

/* The first rows of the options of each command that is about one user. */
enum { UA_ADMIN_USER_ID = UA_ADMIN_SESSION_OPTIONS, UA_ADMIN_USER_OPTIONS };

#define UA_ADMIN_USER_OPTION_ROWS \
  UA_ADMIN_SESSION_OPTION_ROWS, [UA_ADMIN_USER_ID] = {"--id", "N", "the user with this id, instead of EMAIL"}

/* Four rows, which follow a command's others and are counted from the first of them. */
enum {
  UA_ADMIN_PASSWORD_FILE,
  UA_ADMIN_PASSWORD_GENERATE,
  UA_ADMIN_PASSWORD_ARGUMENT,
  UA_ADMIN_PASSWORD_FORCE
};
enum { UA_ADMIN_PASSWORD_SOURCES = UA_ADMIN_PASSWORD_FORCE };

/* clang-format off */
#define UA_ADMIN_PASSWORD_OPTION_ROWS                                                 \
  {"--password-file", "FILE", "holds the password; - is standard input"},             \
  {"--generate-password", NULL, "make one up, and print it this once"},               \
  {"--password", "PASSWORD", "insecure; prefer --password-file"},                     \
  {"--force", NULL, "also a password that is too common"}

#define UA_ADMIN_PASSWORD_DETAILS \
  "The password (8, or USER_API_PASSWORD_MIN_BYTES, to 72 bytes) comes from\n" \
  "--password-file, from USER_API_PASSWORD or the file that USER_API_PASSWORD_FILE\n" \
  "names, or the program asks on the terminal. --generate-password prints the one\n" \
  "it makes up once; with --json the object is then {\"password\":…,\"user\":…}.\n" \
  "Everybody on the machine can read arguments until the program has started: avoid\n" \
  "--password. One that is too common, or the user's email or name, is refused\n" \
  "without --force, whatever USER_API_PASSWORD_COMMON says.\n"
/* clang-format on */

/* What a command does with one user. Returns an exit code. */
typedef int ua_admin_user_fn(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user);

/* A whole command about the user whom --id or the first positional names: opens a session, reads the user,
 * with roles, does `work`, and closes the session. More positionals are refused, or asked for, by what the
 * command takes. An exit code. */
UA_CHECK int ua_admin_user_run(const ua_cli_arguments *arguments, ua_admin_user_fn *work);

/* Finds the ids of roles by their codes. An exit code, after saying which there is not. */
UA_CHECK int ua_admin_user_roles(ua_admin_session *session, const char *const *codes, size_t count,
                                 int32_t *role_ids_r);

/* Says what an outcome of the service's means; `refusal` is the service's, `email` the one that was to be
 * new: NULL for none. Returns an exit code. */
int ua_admin_user_fail(ua_admin_session *session, ua_status status, const ua_refusal *refusal,
                       const char *email);

/* Changes *user, which then is as it has become. `force`: also where the customer has no active administrator
 * afterwards, with a warning. An exit code. */
UA_CHECK int ua_admin_user_change(ua_admin_session *session, const ua_user_change *change, bool force,
                                  ua_user *user);

/* The same for a deletion to come: an exit code, after the refusal; UA_CLI_OK, after the warning if it is
 * forced. */
UA_CHECK int ua_admin_user_check_last_admin(ua_admin_session *session, bool force, const ua_user *user);

/* clang-format off */
#define UA_ADMIN_FORCE_OPTION_ROW {"--force", NULL, "also the last active administrator of a customer"}

#define UA_ADMIN_FORCE_DETAILS \
  "Refuses to leave a customer without any active user who has the role admin,\n" \
  "unless you give --force.\n"
/* clang-format on */

/* --- passwords --- */

/* Whether the three options of passwords, from `first` on, fit together. An exit code. */
UA_CHECK int ua_admin_user_password_check(const ua_cli_arguments *arguments, size_t first);

/* Finds, makes up or asks for the password of the user with that email. An exit code; wipe the secret in any
 * case. */
UA_CHECK int ua_admin_user_password_read(const ua_cli_arguments *arguments, size_t first,
                                         ua_admin_session *session, ua_text email, ua_cli_secret *password_r);

/* --- output --- */

/* For people: what ua_cli_list and ua_admin_user_print print of the directory's columns. */
extern const ua_cli_column ua_admin_user_columns[];

/* Prints the user as the API renders it, or a line for each column. An exit code. */
UA_CHECK int ua_admin_user_print(ua_admin_session *session, const ua_user *user);

/* Prints the user as the API renders it, or the one line "user <id> <email> <what>". An exit code. */
UA_CHECK int ua_admin_user_say(ua_admin_session *session, const ua_user *user, const char *what);

/* As above, and the password that was made up. */
UA_CHECK int ua_admin_user_say_password(ua_admin_session *session, const ua_user *user, const char *what,
                                        const ua_cli_secret *password);

/* Writes the user as the API renders it, with roles. */
void ua_admin_user_write(ua_json_writer *writer, const char *key, const ua_user *user);

/* The roles that a directory's column holds as JSON, into user->roles. */
UA_CHECK ua_status ua_admin_user_parse_roles(ua_arena *arena, const char *json, ua_user *user);

#endif
