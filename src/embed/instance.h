/* The public header's opaque types, and what its functions share. This directory is above all others: it may
 * use any of them, and none uses it. */
#ifndef UA_EMBED_INSTANCE_H
#define UA_EMBED_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "api/app.h"
#include "api/exchange.h"
#include "api/routes.h"
#include "config/config.h"
#include "user_api.h"

/* A route of the host; its ua_route refers to this. */
typedef struct ua_embed_route {
  user_api *api;
  user_api_handler *handler;
  void *context;
  char *pattern;
  char **roles; /* NULL at the end */
} ua_embed_route;

/* The parts of the API that have a prefix. */
typedef enum ua_embed_part {
  UA_EMBED_USERS,
  UA_EMBED_ROLES,
  UA_EMBED_CUSTOMERS,
  UA_EMBED_ACCOUNT,
  UA_EMBED_EVENTS,
  UA_EMBED_GUARD,
  UA_EMBED_OPENAPI,
  UA_EMBED_PARTS
} ua_embed_part;

typedef struct ua_embed_mount {
  bool mounted;
  char *prefix; /* NULL: the prefix of the settings */
} ua_embed_mount;

typedef struct ua_embed_callback {
  user_api_user_callback *function;
  void *context;
} ua_embed_callback;

/* Where the settings are read from, now and on HUP. */
typedef struct ua_embed_source {
  int argc;
  char *const *argv;
  char *const *environment;
  char **own; /* the environment made from a user_api_settings; wiped and freed with the instance */
} ua_embed_source;

typedef enum ua_embed_phase {
  UA_EMBED_SETUP, /* mounts, routes and callbacks may be added */
  UA_EMBED_USED,  /* the application is built, or was */
  UA_EMBED_SERVING,
  UA_EMBED_ENDED
} ua_embed_phase;

struct user_api {
  ua_embed_source source;
  ua_config config; /* until user_api_serve hands it to the supervisor */
  ua_embed_phase phase;
  ua_embed_mount mount[UA_EMBED_PARTS];
  bool health;
  bool metrics;
  ua_routes host_routes; /* each with a ua_embed_route as context */
  ua_embed_callback created;
  ua_embed_callback updated;
  ua_app_host host;
  ua_app *app;    /* NULL: not built in this process yet */
  pid_t owner;    /* the process that built it */
  unsigned depth; /* handlers and callbacks that run now */
  bool notifying; /* a callback is among them */
  char *problem;  /* of the last call, NULL: none */
};

struct user_api_request {
  const ua_embed_route *route;
  ua_exchange *exchange;
  const char *const *roles;
  const ua_argument *arguments;
  size_t argument_count;
  bool has_identity;
  user_api_identity identity;
};

struct user_api_response {
  ua_exchange *exchange;
  bool filled;
  ua_text content_type;
  size_t header_count; /* of the host's */
};

/* A user_api_memory is an arena: both name the same memory. */
user_api_memory *ua_embed_memory(ua_arena *arena);
ua_arena *ua_embed_arena(user_api_memory *memory);

/* The environment (NULL-terminated "USER_API_…=value", to be freed by ua_embed_free_strings) from which
 * ua_config_load reads the same settings: one table checks both. USER_API_BAD_REQUEST with one line in
 * `error`, USER_API_INTERNAL when out of memory. */
UA_CHECK user_api_status ua_embed_environment(const user_api_settings *settings, char ***environment_r,
                                              char *error, size_t error_size);

/* Wipes and frees a NULL-terminated list and its strings, and sets *list to NULL. */
void ua_embed_free_strings(char ***list);

/* Reads an instance's settings again and applies its mounts: a ua_config_reader whose context is the
 * instance. Returns the statuses of ua_config_load, with one line in `error`. */
UA_CHECK ua_status ua_embed_reread(void *api, ua_config *config_r, char *error, size_t error_size);

/* The member of the settings that holds the prefix of a part; the settings own the string. */
char **ua_embed_prefix(ua_config *config, ua_embed_part part);

/* Whether mounts, routes and callbacks may still be added. */
bool ua_embed_is_open(const user_api *api);

/* Closes the setup, once: mounts applied to the settings, `host` filled. USER_API_INTERNAL when out of
 * memory. */
UA_CHECK user_api_status ua_embed_prepare(user_api *api);

/* Destroys the application of this process, if there is one; only forgets one that the process inherited. */
void ua_embed_let_go(user_api *api);

/* The application of this process, built when it is first needed; the instance owns it. USER_API_MISUSED if
 * there can be none: after user_api_serve, or in its supervisor. USER_API_INTERNAL when out of memory. */
UA_CHECK user_api_status ua_embed_app(user_api *api, const ua_app **app_r);

/* The functions of the application's ua_user_watcher, with the instance as context: call the host's
 * callbacks. */
void ua_embed_user_created(void *api, const ua_user *user);
void ua_embed_user_updated(void *api, const ua_user *user);

/* Converts between the internal statuses and the public ones. A status that the other side does not know
 * becomes internal. */
user_api_status ua_embed_status(ua_status status);
ua_status ua_embed_status_inside(user_api_status status);

/* Copies into the arena; UA_INTERNAL when memory is exhausted. Texts of records end in a NUL already. */
UA_CHECK ua_status ua_embed_user(ua_arena *arena, const ua_user *user, user_api_user *user_r);
/* The internal record of a public one, with views of its strings; its roles live in the arena. */
UA_CHECK ua_status ua_embed_user_inside(ua_arena *arena, const user_api_user *user, ua_user *user_r);

UA_CHECK ua_status ua_embed_identity(ua_arena *arena, const ua_claims *claims, user_api_identity *identity_r);
UA_CHECK ua_status ua_embed_roles(ua_arena *arena, const ua_role *roles, size_t count,
                                  const user_api_role **roles_r);

/* One call of a function that works without HTTP, from begin to end. */
typedef struct ua_embed_call {
  user_api *api;
  const ua_app *app;
  const ua_config *config;
  const ua_service *service;
  ua_arena *arena;    /* the program's memory, held meanwhile */
  ua_refusal refusal; /* the details that a client would read beyond the status */
  bool says;          /* changes have another cause until the end, which restores: */
  bool said;          /* whether there was one */
  ua_audit cause;     /* in the arena */
} ua_embed_call;

/* Forgets the problem of the last call. `api` may be NULL. */
void ua_embed_call_forget(user_api *api);

/* Answers a call that lacks an argument. `api` may be NULL. Inline, so that each caller's code shows that it
 * never returns USER_API_OK. */
static inline user_api_status ua_embed_call_misused(user_api *api)
{
  ua_embed_call_forget(api);
  return USER_API_MISUSED;
}

/* Begins a call whose results live in `memory`: forgets the last problem. USER_API_MISUSED for NULL; else the
 * errors of ua_embed_app. After an error there is nothing to end. */
UA_CHECK user_api_status ua_embed_call_begin(ua_embed_call *call, user_api *api, user_api_memory *memory);

/* Sets the cause of the call's changes until its end. A value that is 0, NULL or invalid stays as it was
 * before: an address that is not one, or a text that is too long or not UTF-8, is invalid. UA_INTERNAL when
 * memory is exhausted. */
UA_CHECK ua_status ua_embed_call_say(ua_embed_call *call, int32_t actor_id, const char *address,
                                     const char *request_id);

/* Ends the call: keeps for user_api_problem the problem that a client would read. Returns `status` in public
 * terms. */
user_api_status ua_embed_call_end(ua_embed_call *call, ua_status status);

/* The same for calls without results: with a memory of their own. */
UA_CHECK user_api_status ua_embed_call_begin_alone(ua_embed_call *call, user_api *api);
user_api_status ua_embed_call_end_alone(ua_embed_call *call, ua_status status);

/* The guard's form of an access rule, with the same list of roles; an invalid rule allows no access. */
ua_access ua_embed_access(user_api_access access);

/* Frees the route and what it holds; `route` may be NULL. */
void ua_embed_free_route(ua_embed_route *route);

/* The ua_handler of all routes of hosts: calls the host's handler. */
UA_CHECK ua_status ua_embed_run_route(ua_exchange *exchange);

#endif
