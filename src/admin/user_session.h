/* What the user commands share: finding the user, and reporting what was done. */
#ifndef UA_ADMIN_USER_SESSION_H
#define UA_ADMIN_USER_SESSION_H

#include "admin/session.h"
#include "cli/secret.h"
#include "operator/users.h"
#include "service/users.h"
#include "store/records.h"

/* The first options of each command for one user. */
enum { UA_ADMIN_USER_ID = UA_ADMIN_SESSION_OPTIONS, UA_ADMIN_USER_OPTIONS };

#define UA_ADMIN_USER_OPTION_ROWS \
  UA_ADMIN_SESSION_OPTION_ROWS, [UA_ADMIN_USER_ID] = {"--id", "N", "the user with this id, instead of EMAIL"}

/* Four options, which follow a command's others. They are counted from the first of the four. */
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
  {"--generate-password", NULL, "generate one, and print it once"},                   \
  {"--password", "PASSWORD", "insecure; prefer --password-file"},                     \
  {"--force", NULL, "accept a common password"}

#define UA_ADMIN_PASSWORD_DETAILS \
  "The password (8, or USER_API_PASSWORD_MIN_BYTES, to 72 bytes) comes from\n" \
  "--password-file, from USER_API_PASSWORD or the file that USER_API_PASSWORD_FILE\n" \
  "names, or the program asks on the terminal. --generate-password prints the\n" \
  "generated one once; with --json the object is then {\"password\":…,\"user\":…}.\n" \
  "All users of the machine can read arguments until the program has started: avoid\n" \
  "--password. Without --force the program refuses a password that is common, or\n" \
  "is the user's email or name, whatever USER_API_PASSWORD_COMMON says.\n"
/* clang-format on */

/* What a command does with one user. Returns an exit code. */
typedef int ua_admin_user_fn(const ua_cli_arguments *arguments, ua_admin_session *session, ua_user *user);

/* A whole command for the user whom --id or the first positional names: opens a session, reads the user with
 * roles, does `work`, and closes the session. Reports too many or missing positionals, according to the
 * command. Returns an exit code. */
UA_CHECK int ua_admin_user_run(const ua_cli_arguments *arguments, ua_admin_user_fn *work);

/* Finds the ids of roles by their codes. Prints which code does not exist, and returns an exit code. */
UA_CHECK int ua_admin_user_roles(ua_admin_session *session, const char *const *codes, size_t count,
                                 int32_t *role_ids_r);

/* Prints what a status of the service means. `refusal` is the service's, `email` the new one of the user;
 * both may be NULL. Returns an exit code. */
int ua_admin_user_fail(ua_admin_session *session, ua_status status, const ua_refusal *refusal,
                       const char *email);

/* Changes *user, and updates it to the result. `force` allows, with a warning, a change that leaves the
 * customer without an active administrator. Returns an exit code. */
UA_CHECK int ua_admin_user_change(ua_admin_session *session, const ua_user_change *change, bool force,
                                  ua_user *user);

/* The same check before a deletion. Returns an exit code: prints the refusal, or with `force` a warning and
 * UA_CLI_OK. */
UA_CHECK int ua_admin_user_check_last_admin(ua_admin_session *session, bool force, const ua_user *user);

/* clang-format off */
#define UA_ADMIN_FORCE_OPTION_ROW {"--force", NULL, "also the last active administrator of a customer"}

#define UA_ADMIN_FORCE_DETAILS \
  "Refuses to leave a customer without any active user who has the role admin,\n" \
  "unless you give --force.\n"
/* clang-format on */

/* --- passwords --- */

/* Whether at most one of the three sources of a password, from option `first` on, is given. Returns an exit
 * code. */
UA_CHECK int ua_admin_user_password_check(const ua_cli_arguments *arguments, size_t first);

/* Reads, generates or asks for the password of the user with that email. Returns an exit code. Wipe the
 * secret in any case. */
UA_CHECK int ua_admin_user_password_read(const ua_cli_arguments *arguments, size_t first,
                                         ua_admin_session *session, ua_text email, ua_cli_secret *password_r);

/* --- output --- */

/* For text output: the columns of the directory that ua_cli_list and ua_admin_user_print print. */
extern const ua_cli_column ua_admin_user_columns[];

/* Prints the user as the API renders it, or a line for each column. An exit code. */
UA_CHECK int ua_admin_user_print(ua_admin_session *session, const ua_user *user);

/* Prints the user as the API renders it, or the one line "user <id> <email> <what>". An exit code. */
UA_CHECK int ua_admin_user_say(ua_admin_session *session, const ua_user *user, const char *what);

/* As above, and the password that was generated. */
UA_CHECK int ua_admin_user_say_password(ua_admin_session *session, const ua_user *user, const char *what,
                                        const ua_cli_secret *password);

/* Writes the user as the API renders it, with roles. */
void ua_admin_user_write(ua_json_writer *writer, const char *key, const ua_user *user);

/* Parses the roles, which a column of the directory holds as JSON, into user->roles. */
UA_CHECK ua_status ua_admin_user_parse_roles(ua_arena *arena, const char *json, ua_user *user);

#endif
