/* A password to set, within a document. Pure. */
#ifndef UA_API_NEW_PASSWORD_H
#define UA_API_NEW_PASSWORD_H

#include "api/documents.h"

/* The password in NFC, a copy in the arena; what is longer than any password that is tried stays as it is.
 * The violations of its bounds, which count on that form, are added. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_new_password_read(ua_arena *arena, const ua_document_rules *rules, ua_text name,
                                            ua_text typed, ua_violations *violations, ua_text *password_r);

/* Adds the violation of a password that can be guessed, beside others, to those of a document with the field
 * `name`. Does nothing where nothing else is wrong: then the service asks, which knows whose password it is
 * to be. */
UA_CHECK ua_status ua_api_new_password_guess(ua_arena *arena, const ua_document_rules *rules, ua_text name,
                                             const ua_user_change *user, ua_violations *violations);

#endif
