/* The notifications of the database's triggers: whose sessions have ended. Pure. */
#ifndef UA_STORE_WATCH_NOTICE_H
#define UA_STORE_WATCH_NOTICE_H

#include <stdint.h>

#include "base/text.h"
#include "store/tokens.h"

typedef enum ua_watch_notice_kind {
  UA_WATCH_NOTICE_ALL, /* all sessions */
  UA_WATCH_NOTICE_USER,
  UA_WATCH_NOTICE_TOKEN /* the sessions of one token */
} ua_watch_notice_kind;

typedef struct ua_watch_notice {
  ua_watch_notice_kind kind;
  int32_t user_id;
  unsigned char digest[UA_TOKEN_DIGEST_BYTES];
} ua_watch_notice;

/* Reads a payload: "u 17", "t " with the digest in hexadecimal, "*". An unreadable payload ends all sessions:
 * it may come from a newer version. */
ua_watch_notice ua_store_watch_notice_read(ua_text payload);

#endif
