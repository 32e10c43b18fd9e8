/* The FastCGI application. Like any program that embeds the library, it reads its settings and serves. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <user_api.h>

enum { EXIT_SETTINGS = 2 };

static const char usage[] =
    "Usage: user-api [--config FILE] [--listen ADDRESS]... [flags]\n"
    "\n"
    "Serves the User API to a web server over FastCGI.\n"
    "\n"
    "  --config FILE      settings, KEY=value (or USER_API_CONFIG); no default\n"
    "  --check-config     validate the settings and exit\n"
    "  --print-example    print a file of all settings and exit\n"
    "  --help, --version\n"
    "\n"
    "SIGTERM finishes queued requests, then exits; a second SIGTERM exits at once.\n"
    "SIGHUP reads the settings again and replaces the workers one by one. Exit codes:\n"
    "0 success, 1 a failure while running, 2 wrong settings.\n"
    "\n";

int main(int argc, char **argv)
{
  user_api *api = NULL;
  char error[512] = "";
  user_api_status status = user_api_create_from(argc, argv, environ, usage, &api, error, sizeof error);
  if (status == USER_API_INFORMED) {
    return EXIT_SUCCESS;
  }
  if (status != USER_API_OK) {
    (void)fprintf(stderr, "user-api: %s\n", error);
    return status == USER_API_BAD_REQUEST ? EXIT_SETTINGS : EXIT_FAILURE;
  }
  int code = EXIT_FAILURE;
  if (user_api_mount_users(api, NULL) == USER_API_OK && user_api_mount_roles(api, NULL) == USER_API_OK &&
      user_api_mount_customers(api, NULL) == USER_API_OK &&
      user_api_mount_account(api, NULL) == USER_API_OK && user_api_mount_events(api, NULL) == USER_API_OK &&
      user_api_mount_guard(api, NULL) == USER_API_OK && user_api_mount_openapi(api, NULL) == USER_API_OK &&
      user_api_mount_health(api) == USER_API_OK && user_api_mount_metrics(api) == USER_API_OK) {
    code = user_api_serve(api);
  }
  user_api_destroy(&api);
  return code;
}
