/* A password to set, within a document. Pure. */
#ifndef UA_API_NEW_PASSWORD_H
#define UA_API_NEW_PASSWORD_H

#include "api/documents.h"

/* The password in NFC, a copy in the arena; a password too long to be tried stays as it is. Adds the
 * violations of its bounds, which apply to that form. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_new_password_read(ua_arena *arena, const ua_document_rules *rules, ua_text name,
                                            ua_text typed, ua_violations *violations, ua_text *password_r);

/* Adds the violation of a password that can be guessed to the other violations of a document with the field
 * `name`. Does nothing if nothing else is wrong: then the service checks it, which knows whose password it
 * will be. */
UA_CHECK ua_status ua_api_new_password_guess(ua_arena *arena, const ua_document_rules *rules, ua_text name,
                                             const ua_user_change *user, ua_violations *violations);

#endif
