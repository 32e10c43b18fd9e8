/* The OpenAPI document src/api/openapi.json as scripts/embed-openapi has built it in: compact, with the
 * places of its paths. */
#ifndef UA_API_OPENAPI_SOURCE_H
#define UA_API_OPENAPI_SOURCE_H

#include <stddef.h>

/* A path as the document names it, "/api/users/{id}", and where the object that describes it is. */
typedef struct ua_openapi_path {
  const char *name;
  size_t begin;
  size_t length;
} ua_openapi_path;

extern const unsigned char ua_api_openapi_source[];
extern const size_t ua_api_openapi_length;

/* Where the members of "paths" begin and end. */
extern const size_t ua_api_openapi_first, ua_api_openapi_last;
extern const ua_openapi_path ua_api_openapi_paths[];
extern const size_t ua_api_openapi_path_count;

#endif
