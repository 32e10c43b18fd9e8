/* Violations as JSON. Pure. */
#ifndef UA_API_VIOLATIONS_H
#define UA_API_VIOLATIONS_H

#include "base/arena.h"
#include "json/writer.h"
#include "service/refusal.h"

/* {"email":["required field"],"roles":[{"0":[{"id":["must be of integer type"]}]}]} as the member `key`; "{}"
 * when there is none. `arena` holds what the writer needs meanwhile. */
void ua_api_violations_write(ua_arena *arena, ua_json_writer *writer, const char *key,
                             const ua_violations *violations);

#endif
