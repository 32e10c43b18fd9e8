/* Questions to the user at the terminal. */
#ifndef UA_CLI_TERMINAL_H
#define UA_CLI_TERMINAL_H

#include "cli/secret.h"

/* Asks twice for `what` on the controlling terminal, without echo. UA_NOT_FOUND when there is no terminal,
 * UA_BAD_REQUEST when the answers differ, UA_INTERNAL when it is interrupted. Restores the terminal on
 * signals, too. */
UA_CHECK ua_status ua_cli_terminal_ask(const char *what, ua_cli_secret *secret_r, ua_error_line *error);

/* Asks `question` on the controlling terminal; only the word "yes" counts as a yes. UA_NOT_FOUND when there
 * is no terminal. */
UA_CHECK ua_status ua_cli_terminal_confirm(const char *question, bool *yes_r, ua_error_line *error);

#endif
