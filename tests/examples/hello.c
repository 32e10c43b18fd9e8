/* A FastCGI program with the User API inside: users at /api/users, roles at /api/roles, and two pages of its
 * own, one for every user who is logged in, one for admins. */
#include <stdio.h>
#include <stdlib.h>
#include <user_api.h>

static user_api_status dummy(void *context, const user_api_request *request, user_api_response *response)
{
  (void)context;
  (void)request;
  return user_api_respond_json(response, 200, "{\"message\":\"Let's rock !\"}\n");
}

static user_api_status hello(void *context, const user_api_request *request, user_api_response *response)
{
  (void)context;
  user_api_memory *memory = user_api_request_memory(request);
  const user_api_identity *caller = user_api_request_identity(request);
  const char *name = user_api_json_string(memory, caller->user.name);
  const char *role = user_api_json_string(memory, user_api_request_roles(request)[0]);
  const char *body = NULL;
  if (name != NULL && role != NULL) {
    body = user_api_format(memory, "{\"hello\":%s,\"required_role\":%s}\n", name, role);
  }
  return body == NULL ? USER_API_INTERNAL : user_api_respond_json(response, 200, body);
}

static user_api_status tell(void *context, user_api *api, const user_api_user *user)
{
  (void)api;
  printf("%s %s\n", (const char *)context, user->email);
  return fflush(stdout) == 0 ? USER_API_OK : USER_API_INTERNAL;
}

int main(void)
{
  static const char *const admin[] = {"admin", NULL};
  const char *const listen[] = {getenv("HELLO_LISTEN"), NULL};
  const char *const secrets[] = {getenv("HELLO_JWT_SECRET"), NULL};
  const user_api_settings settings = {.size = sizeof settings,
                                      .database_url = getenv("HELLO_DATABASE_URL"),
                                      .jwt_secrets = secrets,
                                      .listen = listen,
                                      .workers = 2};
  static char created[] = "CREATED", updated[] = "UPDATED";
  char error[512] = "";
  user_api *api = NULL;
  int code = EXIT_FAILURE;

  if (settings.database_url == NULL || secrets[0] == NULL) {
    fprintf(stderr, "hello: %s is not set\n",
            settings.database_url == NULL ? "HELLO_DATABASE_URL" : "HELLO_JWT_SECRET");
    return EXIT_FAILURE;
  }
  if (user_api_create(&settings, &api, error, sizeof error) != USER_API_OK) {
    fprintf(stderr, "hello: %s\n", error);
    return EXIT_FAILURE;
  }
  if (user_api_mount_users(api, "/api/users") == USER_API_OK &&
      user_api_mount_roles(api, "/api/roles") == USER_API_OK &&
      user_api_route(api, "GET", "/dummy", user_api_connected(), dummy, NULL) == USER_API_OK &&
      user_api_route(api, "GET", "/hello", user_api_has_roles(admin), hello, NULL) == USER_API_OK &&
      user_api_on_user_created(api, tell, created) == USER_API_OK &&
      user_api_on_user_updated(api, tell, updated) == USER_API_OK) {
    code = user_api_serve(api);
  }
  user_api_destroy(&api);
  return code;
}
