/* The OpenAPI document of what an application answers: src/api/openapi.json without the paths that have no
 * route, and with the others at the prefixes of the settings. */
#ifndef UA_API_OPENAPI_H
#define UA_API_OPENAPI_H

#include "api/routes.h"
#include "base/arena.h"
#include "base/error.h"
#include "config/config.h"

/* Compact, keys sorted, with a newline at its end, in the arena. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_api_openapi_write(ua_arena *arena, const ua_config *config, const ua_routes *routes,
                                        ua_text *document_r);

#endif
