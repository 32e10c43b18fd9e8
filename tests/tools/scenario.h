/* Runs the public functions against a real database, one scenario at a time: PROGRAM SCENARIO URL SECRET A B.
 * A and B are customers whose admins are alice@example.org and bella@example.org. A check that fails is
 * printed. */
#ifndef UA_TESTS_TOOLS_SCENARIO_H
#define UA_TESTS_TOOLS_SCENARIO_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <user_api.h>

#define PASSWORD "correct horse battery"
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      const char *problem = user_api_problem(api);                             \
      (void)fprintf(stderr, "%s:%d: %s\n%s\n", __FILE__, __LINE__, #condition, \
                    problem == NULL ? "(no problem)" : problem);               \
      exit(EXIT_FAILURE);                                                      \
    }                                                                          \
  } while (0)

enum { ADMIN = 1, READER = 2 };

typedef struct scenario {
  const char *name;
  void (*run)(void);
} scenario;

static user_api *api;
static user_api_memory *memory;
static int32_t a, b;

static inline bool problem_has(const char *part)
{
  return user_api_problem(api) != NULL && strstr(user_api_problem(api), part) != NULL;
}

static inline user_api_user make(const char *email, bool active, const int32_t *roles, size_t count)
{
  user_api_user user = {.id = 0};
  const user_api_user_change change = {.email = email,
                                       .name = "Someone",
                                       .password = PASSWORD,
                                       .active = active,
                                       .role_ids = roles,
                                       .role_count = count};
  CHECK(user_api_register(api, memory, a, &change, &user) == USER_API_OK);
  return user;
}

/* Creates the instance from the arguments of main and `settings`. `prepare` may be NULL. */
static inline int run_scenario(char **argv, user_api_settings settings, void (*prepare)(void),
                               const scenario *scenarios, size_t count)
{
  int code = EXIT_FAILURE;
  const char *const secrets[] = {argv[3], NULL};
  settings.size = sizeof settings;
  settings.database_url = argv[2];
  settings.jwt_secrets = secrets;
  settings.bcrypt_cost = 4;
  CHECK(user_api_create(&settings, &api, NULL, 0) == USER_API_OK);
  a = (int32_t)strtol(argv[4], NULL, 10);
  b = (int32_t)strtol(argv[5], NULL, 10);
  memory = user_api_memory_create();
  if (prepare != NULL) {
    prepare();
  }
  for (size_t i = 0; i < count; i++) {
    if (strcmp(scenarios[i].name, argv[1]) == 0) {
      scenarios[i].run();
      code = EXIT_SUCCESS;
    }
  }
  user_api_memory_destroy(&memory);
  user_api_destroy(&api);
  return code;
}

#endif
