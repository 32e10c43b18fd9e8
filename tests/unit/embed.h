/* An instance of the library without a database, and the answers of its functions to misuse. */
#ifndef UA_TESTS_UNIT_EMBED_H
#define UA_TESTS_UNIT_EMBED_H

#include <stddef.h>
#include <user_api.h>

#include "unit.h"

static const char *const secrets[] = {"a secret of more than thirty-two bytes", NULL};

/* No server listens there. */
static inline user_api *instance(void)
{
  const user_api_settings settings = {.size = sizeof settings,
                                      .database_url = "host=/nonexistent dbname=none",
                                      .jwt_secrets = secrets,
                                      .log_level = USER_API_LOG_ERROR,
                                      .bcrypt_cost = 10};
  user_api *api = NULL;
  assert_int_equal(user_api_create(&settings, &api, NULL, 0), USER_API_OK);
  return api;
}

static inline void assert_all_misused(const user_api_status *statuses, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (statuses[i] != USER_API_MISUSED) {
      fail_msg("call %zu is '%s'", i, user_api_status_name(statuses[i]));
    }
  }
}

#define ASSERT_ALL_MISUSED(statuses) assert_all_misused((statuses), sizeof(statuses) / sizeof((statuses)[0]))

#endif
