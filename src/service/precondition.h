/* A condition on the state of a user who is to be changed, as in If-Match (RFC 9110 section 13.1.1). */
#ifndef UA_SERVICE_PRECONDITION_H
#define UA_SERVICE_PRECONDITION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/records.h"

/* Whether the caller named this state by its entity tag. `names` NULL: any state is accepted. */
typedef struct ua_precondition {
  bool (*names)(const void *context, ua_text tag);
  const void *context;
} ua_precondition;

enum { UA_USER_TAG_BYTES = 2 + 32 + 1 };

/* The strong entity tag of a user, quotes included, NUL-terminated: a digest of exactly what an answer shows,
 * the roles' names included. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_service_precondition_tag(ua_arena *arena, const ua_user *user,
                                               char tag_r[UA_USER_TAG_BYTES]);

/* UA_PRECONDITION_FAILED unless the condition holds for the user as it is; `precondition` may be NULL. */
UA_CHECK ua_status ua_service_precondition_check(ua_arena *arena, const ua_precondition *precondition,
                                                 const ua_user *user);

#endif
