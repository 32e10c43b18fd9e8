#include <stdio.h>
#include <string.h>

#include "embed/instance.h"
#include "process/supervisor.h"

enum { EXIT_FAILED = 1, EXIT_MISUSED = 2 };

int user_api_serve(user_api *api)
{
  if (api == NULL || api->depth > 0 || api->phase > UA_EMBED_USED) {
    (void)fprintf(stderr, "user-api: user_api_serve: no instance, one that has served, or in a handler\n");
    return EXIT_MISUSED;
  }
  /* A connection must not be shared across fork: each worker opens its own. */
  ua_embed_let_go(api);
  if (ua_embed_prepare(api) != USER_API_OK) {
    (void)fprintf(stderr, "user-api: out of memory\n");
    return EXIT_FAILED;
  }
  ua_config config = api->config;
  explicit_bzero(&api->config, sizeof api->config);
  api->phase = UA_EMBED_SERVING;
  (void)fflush(NULL); /* else each worker would write the buffered output again */
  int code = ua_process_supervisor_run(&config, &api->host, ua_embed_reread, api);
  api->phase = UA_EMBED_ENDED;
  return code;
}
