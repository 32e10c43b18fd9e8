/* User API: users with passwords, roles and customers in PostgreSQL, and sessions by JSON Web Token, inside
 * your own FastCGI program.
 *
 *   user_api_create        settings in a struct         user_api_route         your own pages, guarded
 *   user_api_create_from   flags, environment, file     user_api_serve         a pool of processes
 *   user_api_mount_users   the API at a prefix          user_api_handle        your own FastCGI loop
 *   user_api_on_user_…     callbacks                    user_api_register, …   without HTTP
 *
 * What holds for all of it:
 *
 * Results. A function returns user_api_status; USER_API_OK alone means success, and zero is an error. Results
 *   are written to parameters named …_r, which are untouched on failure. A required argument that is NULL, or
 *   a call out of order, is USER_API_MISUSED and changes nothing; functions that return a pointer return NULL
 *   then.
 * Memory. Results live in the user_api_memory that you pass, until you clear or destroy it; free nothing
 *   else. What you pass in stays yours: the library copies what it keeps, except where it says "must
 *   outlive".
 * Strings. UTF-8, NUL-terminated. A string that may hold NUL bytes has a length as well.
 * Blocking. "Blocks" means that a function waits for the database: for each statement, at most the connect
 *   and the statement timeout. "Hashes" means that it also computes a password hash: a quarter of a second at
 *   the default cost. Every other function returns at once.
 * Threads. An instance, and a memory, belong to one thread at a time. The log's request id and level belong
 *   to the whole process: handle requests in only one thread of a process.
 * Processes. An instance may be created before fork, and used on both sides: each process gets a database
 *   connection of its own when it first needs one. user_api_serve does all that for its workers.
 * Handlers and callbacks run in the middle of a request. They may call every function except those marked
 * "not from callbacks", which are USER_API_MISUSED there. They must return: no longjmp, no exception.
 *
 * libuserapi(3) has a complete program; the project's docs/api.md describes the HTTP API. */
#ifndef USER_API_H
#define USER_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define USER_API_PUBLIC              __attribute__((visibility("default")))
#define USER_API_CHECK               __attribute__((visibility("default"), warn_unused_result))
#define USER_API_FORMAT(text, first) __attribute__((format(printf, text, first)))

/* Outcomes. The numbers are part of the ABI; later versions may add some, so have a default. */
typedef enum user_api_status {
  USER_API_INTERNAL = 0, /* an unexpected failure: see the log */
  USER_API_OK = 1,
  USER_API_MISUSED = 2,     /* a required argument is NULL, or a call out of order */
  USER_API_BAD_REQUEST = 3, /* a contradictory request; settings or arguments that are wrong */
  USER_API_NO_CREDENTIALS = 4,
  USER_API_INVALID_TOKEN = 5, /* malformed, expired, forged, revoked, or its user has changed since */
  USER_API_WRONG_LOGIN = 6,   /* unknown email or wrong password: it never shows which */
  USER_API_USER_INACTIVE = 7,
  USER_API_FORBIDDEN = 8, /* a required role is missing, or the caller may not do this */
  USER_API_NOT_FOUND = 9, /* no such user of this customer, no such customer; not one of our paths */
  USER_API_METHOD_NOT_ALLOWED = 10,
  USER_API_CONFLICT = 11,        /* the email is taken; the route exists; something has to stay as it is */
  USER_API_LENGTH_REQUIRED = 12, /* reserved: no function returns it */
  USER_API_PAYLOAD_TOO_LARGE = 13,
  USER_API_HEADERS_TOO_LARGE = 14,
  USER_API_WRONG_PAYLOAD_FORMAT = 15,
  USER_API_WRONG_PAYLOAD = 16,
  USER_API_WRONG_DOCUMENT = 17, /* a field breaks its rules: user_api_problem says which */
  USER_API_WRONG_ARGS = 18,
  USER_API_UNPROCESSABLE = 19,      /* refers to something that does not exist */
  USER_API_TOO_MANY_REQUESTS = 20,  /* too many logins have failed; for your handlers, too */
  USER_API_BUSY = 21,               /* no hashing slot became free within hash_wait_seconds: try again */
  USER_API_UNAVAILABLE = 22,        /* the database cannot be reached; nothing was changed */
  USER_API_OUTCOME_UNKNOWN = 23,    /* the connection broke during a write: it may have happened */
  USER_API_INFORMED = 24,           /* the command line asked for information, which was printed */
  USER_API_QUOTA_EXCEEDED = 25,     /* the customer has as many users as it may have */
  USER_API_PRECONDITION_FAILED = 26 /* the user is not in the state that If-Match names; for your handlers,
                                       too */
} user_api_status;

typedef struct user_api user_api;                   /* an instance */
typedef struct user_api_memory user_api_memory;     /* where results live */
typedef struct user_api_request user_api_request;   /* valid while its handler runs */
typedef struct user_api_response user_api_response; /* likewise */

/* "wrong login" for USER_API_WRONG_LOGIN; static. */
USER_API_PUBLIC const char *user_api_status_name(user_api_status status);

/* The HTTP status that the API answers with: 401 for USER_API_WRONG_LOGIN, 500 for an unknown one. */
USER_API_PUBLIC int user_api_http_status(user_api_status status);

/* The library's version, "0.1.0"; static. */
USER_API_PUBLIC const char *user_api_version(void);

/* --- memory --- */

/* A new, empty memory; NULL when there is none left. It grows as needed, to 32 MiB at the most. */
USER_API_CHECK user_api_memory *user_api_memory_create(void);

/* Wipes all that lives in it, for the next results. Does nothing to a memory in use: that of a request, or,
 * in a callback, that of the call which runs the callback. */
USER_API_PUBLIC void user_api_memory_clear(user_api_memory *memory);

/* Wipes and frees it and sets *memory to NULL. *memory may be NULL. Does nothing to one in use, as above. */
USER_API_PUBLIC void user_api_memory_destroy(user_api_memory **memory);

/* printf into the memory: for bodies of answers. NULL when memory is exhausted. */
USER_API_CHECK USER_API_FORMAT(2, 3) const
    char *user_api_format(user_api_memory *memory, const char *format, ...);

/* `text` as a JSON string, quotes included. NULL when memory is exhausted or it is not UTF-8. */
USER_API_CHECK const char *user_api_json_string(user_api_memory *memory, const char *text);

/* --- records --- */

typedef struct user_api_role {
  int32_t id;
  const char *code; /* "admin" */
  const char *name; /* "Admin" */
} user_api_role;

typedef struct user_api_user {
  int32_t id;
  int32_t customer_id;
  const char *email;
  const char *name;
  bool active;
  const user_api_role *roles; /* ordered by id; none in lists */
  size_t role_count;
} user_api_user;

/* The user whom a token identifies. */
typedef struct user_api_identity {
  user_api_user user;
  int64_t expires_at; /* seconds since 1970, UTC */
} user_api_identity;

typedef struct user_api_session {
  const char *token; /* send it as "Authorization: Bearer …", or by user_api_respond_session */
  user_api_identity identity;
} user_api_session;

/* As the API writes them: {"active":…,"customer":{"id":…},"email":…,"id":…,"name":…,"roles":[…]}, for an
 * identity with "exp". NULL when memory is exhausted. */
USER_API_CHECK const char *user_api_user_json(user_api_memory *memory, const user_api_user *user);
USER_API_CHECK const char *user_api_identity_json(user_api_memory *memory, const user_api_identity *identity);

/* --- an instance --- */

enum { USER_API_SINGLE_PROCESS = -1, USER_API_UNBOUNDED = -1, USER_API_NO_TABLE = -1 };
typedef enum user_api_cookie_secure {
  USER_API_COOKIE_SECURE_AUTO = 0, /* when the request came over HTTPS */
  USER_API_COOKIE_SECURE_ON,
  USER_API_COOKIE_SECURE_OFF
} user_api_cookie_secure;
typedef enum user_api_log_level {
  USER_API_LOG_DEFAULT = 0, /* info */
  USER_API_LOG_DEBUG,
  USER_API_LOG_INFO,
  USER_API_LOG_WARN,
  USER_API_LOG_ERROR
} user_api_log_level;

/* Settings. Zero or NULL is the default everywhere, so begin with
 *   user_api_settings settings = {.size = sizeof settings};
 * Later versions add members at the end; `size` shows which ones your program knows. */
typedef struct user_api_settings {
  size_t size; /* sizeof(user_api_settings) */

  const char *database_url;       /* required: "postgresql://user:password@host/name", as libpq reads it */
  const char *const *jwt_secrets; /* required, NULL-terminated: the first signs, all are accepted. At least
                                     32 random bytes each, see allow_weak_secret; only the first may hold
                                     blanks */
  int64_t jwt_lifetime_seconds;   /* how long a session lasts: 1 296 000 */

  const char *const *listen;  /* NULL-terminated: "unix:/path[,mode=0660][,owner=u][,group=g]",
                                 "127.0.0.1:9000"; none: the sockets that systemd or descriptor 0 passes */
  int64_t workers;            /* processes: 4; or USER_API_SINGLE_PROCESS */
  int64_t max_requests;       /* requests after which a worker is replaced: 100 000 */
  int64_t watchdog_seconds;   /* a worker busy with one request for longer is killed: 30 */
  int64_t drain_seconds;      /* after TERM, for requests in flight: 30 */
  int64_t io_timeout_seconds; /* a connection without progress for this time is dropped: 10 */
  int64_t backlog;            /* connections that may queue on an address: 1024 */
  user_api_log_level log_level;

  int64_t body_limit; /* bytes of a request's body: 65 536 */
  user_api_cookie_secure cookie_secure;

  int64_t database_timeout_ms;         /* one statement: 5000 */
  int64_t database_connect_timeout_ms; /* one attempt to connect: 3000 */
  bool unprepared;                     /* no named prepared statements: behind a transaction pooler */

  int64_t bcrypt_cost;        /* 12; 4 to 16: one more doubles the time of a login */
  int64_t password_min_bytes; /* of new passwords: 8 */
  int64_t hash_slots;         /* passwords hashed at a time in the pool: one for each CPU */
  bool keep_old_hashes;       /* do not replace the Python original's hashes at login */

  const char *login_url; /* where guards redirect clients without a session, "/login/"; NULL: they answer
                            401 */

  bool enforce_quota;           /* refuse to register users beyond customer.max_user_quota */
  bool allow_weak_secret;       /* only warn of JWT secrets that can be guessed */
  bool refuse_common_passwords; /* refuse common passwords, and the user's email and name, with
                                   USER_API_WRONG_DOCUMENT; password_deny_file implies it */
  bool metrics;                 /* the pool counts what it does, for user_api_mount_metrics */
  bool reserved[4];             /* false: room for later versions */

  const char *operator_role; /* code of the role whose holders manage all customers; NULL: no operators */
  const char *const *allowed_origins; /* NULL-terminated: other origins whose pages may write to the API,
                                         "https://app.example.org"; NULL: none */

  int64_t begin_timeout_seconds;    /* for a web server to begin its request once it is connected: 2 */
  int64_t transfer_timeout_seconds; /* to receive a whole request, to send a whole answer: 30 */
  int64_t worker_memory_mib;        /* MiB that a worker may use in addition to what your program uses when
                                       it calls user_api_serve: 256; or USER_API_UNBOUNDED */

  int64_t hash_wait_seconds;      /* how long a request may wait to hash a password: 10 */
  int64_t login_attempts;         /* failed logins of an account within a window: 10; or USER_API_UNBOUNDED */
  int64_t login_attempts_address; /* the same from an address: 100; or USER_API_UNBOUNDED */
  int64_t login_window_seconds;   /* how long they are counted: 900 */

  int64_t session_table_mib;     /* MiB in which a pool remembers accepted tokens: 16; or USER_API_NO_TABLE */
  int64_t session_staleness_ms;  /* a change on another machine takes effect here within this time: 2000 */
  int64_t session_grace_seconds; /* how long guards go on without the database: not at all */
  const char *session_listen_url; /* the database, without a pooler in between; NULL: as database_url */
  const char *password_deny_file; /* refuse the passwords in this file, one a line, instead of those that
                                     libpasswdqc finds common; NULL: none */
  int64_t event_days;             /* keep events for at least this many days: 400 */
} user_api_settings;

/* Creates an instance from settings, which are copied. Connects to nothing. Descriptors 0 to 2 that are
 * closed are opened on /dev/null.
 * USER_API_BAD_REQUEST for settings that are missing or wrong, with one line in `error` (at most `error_size`
 * bytes with its NUL; may be NULL with 0), which never holds a secret. USER_API_UNAVAILABLE when
 * password_deny_file cannot be read. */
USER_API_CHECK user_api_status user_api_create(const user_api_settings *settings, user_api **api_r,
                                               char *error, size_t error_size);

/* Creates an instance from flags, environment (USER_API_*) and file (--config), as the program user-api reads
 * them; argv and environment must outlive the instance, since HUP reads them again. For --help prints `usage`
 * and all settings, and answers --version, --check-config and --print-example: USER_API_INFORMED then, and no
 * instance. USER_API_BAD_REQUEST as above, USER_API_UNAVAILABLE when a file cannot be read. */
USER_API_CHECK user_api_status user_api_create_from(int argc, char *const argv[], char *const environment[],
                                                    const char *usage, user_api **api_r, char *error,
                                                    size_t error_size);

/* Closes the database connection, wipes secrets, frees everything and sets *api to NULL. *api may be NULL.
 * Not from callbacks: there it does nothing. */
USER_API_PUBLIC void user_api_destroy(user_api **api);

/* --- what it serves; before its first use, not from callbacks --- */

/* Mounts the API's users (login, token, logout, reset-password, …) or its roles at a prefix: an absolute path
 * without a slash at its end, "/api/users"; NULL: the one of the settings, /api/users and /api/roles.
 * USER_API_BAD_REQUEST for an invalid prefix, and for /healthz, /readyz and /metrics; USER_API_CONFLICT for
 * the prefix of another part; USER_API_MISUSED when mounted already. */
USER_API_CHECK user_api_status user_api_mount_users(user_api *api, const char *prefix);
USER_API_CHECK user_api_status user_api_mount_roles(user_api *api, const char *prefix);

/* Likewise the API's customers, for operators, and the caller's own account: /api/customers and /api/account.
 */
USER_API_CHECK user_api_status user_api_mount_customers(user_api *api, const char *prefix);
USER_API_CHECK user_api_status user_api_mount_account(user_api *api, const char *prefix);

/* Likewise the events, for users with the role admin: /api/events. */
USER_API_CHECK user_api_status user_api_mount_events(user_api *api, const char *prefix);

/* Mounts the endpoint that web servers ask whether a request to another application may pass, at a prefix as
 * above; NULL: /api/guard. user_api_serve answers requests of the FastCGI role Authorizer in any case. */
USER_API_CHECK user_api_status user_api_mount_guard(user_api *api, const char *prefix);

/* Mounts the OpenAPI document of what is mounted at a path like a prefix; NULL: /api/openapi.json. It does
 * not describe routes of your own. */
USER_API_CHECK user_api_status user_api_mount_openapi(user_api *api, const char *path);

/* Mounts /healthz (the process answers) and /readyz (so does the database, with the schema needed). */
USER_API_CHECK user_api_status user_api_mount_health(user_api *api);

/* Mounts /metrics, in Prometheus' text format: what the pool of user_api_serve counts, your own routes
 * included, if the setting `metrics` is true. Otherwise that path answers 404. Your web server has to
 * restrict access to it. */
USER_API_CHECK user_api_status user_api_mount_metrics(user_api *api);

/* Who may use a route. Zero is nobody: a forgotten rule denies access. */
typedef enum user_api_access_kind {
  USER_API_NOBODY = 0,
  USER_API_ANYBODY,
  USER_API_CONNECTED, /* everybody with a valid token */
  USER_API_HAS_ROLES  /* likewise, with all of `roles` */
} user_api_access_kind;

typedef struct user_api_access {
  user_api_access_kind kind;
  const char *const *roles; /* codes, NULL at the end */
} user_api_access;

static inline user_api_access user_api_anybody(void)
{
  user_api_access access = {USER_API_ANYBODY, NULL};
  return access;
}
static inline user_api_access user_api_connected(void)
{
  user_api_access access = {USER_API_CONNECTED, NULL};
  return access;
}
static inline user_api_access user_api_has_roles(const char *const *roles)
{
  user_api_access access = {USER_API_HAS_ROLES, roles};
  return access;
}

/* Answers one request that the guard has let pass: fills `response` by one of user_api_respond_… and returns
 * USER_API_OK. For any other status the client gets the API's error for it. A handler blocks its worker,
 * which is killed after watchdog_seconds. */
typedef user_api_status user_api_handler(void *context, const user_api_request *request,
                                         user_api_response *response);

/* Adds a route. `method` is GET (which HEAD shares), POST, PUT, PATCH or DELETE. `pattern` is an absolute
 * path of literal segments and at most 4 parameters, "/books/<int:id>/<string:title>": an int is a positive
 * 32-bit decimal, a string any one segment. With a slash at its end it is a collection, and the path without
 * it redirects. Literal segments win over parameters, then the API's own routes over yours. `context` must
 * outlive the instance. USER_API_BAD_REQUEST for an invalid method or pattern, USER_API_CONFLICT for a route
 * that exists, whatever its parameters' names. */
USER_API_CHECK user_api_status user_api_route(user_api *api, const char *method, const char *pattern,
                                              user_api_access access, user_api_handler *handler,
                                              void *context);

/* Called with a user as the API returns it to the client, roles included, after the change was committed; the
 * client waits. The record is valid until the callback returns. A status other than USER_API_OK is logged and
 * changes nothing else. It may call the library; changes that it makes there call no callback again. */
typedef user_api_status user_api_user_callback(void *context, user_api *api, const user_api_user *user);

/* Called for each user that is registered, or updated (other than by a password reset), by a client or by
 * your program. NULL: none, the default. `context` must outlive the instance. */
USER_API_CHECK user_api_status user_api_on_user_created(user_api *api, user_api_user_callback *callback,
                                                        void *context);
USER_API_CHECK user_api_status user_api_on_user_updated(user_api *api, user_api_user_callback *callback,
                                                        void *context);

/* --- serving --- */

/* Serves until a signal stops it: TERM drains, a second TERM stops at once, HUP reads the settings again and
 * replaces the workers one by one. Forks workers (except as a single process), in which handlers and
 * callbacks run; blocks the signals it handles. Before the call, flush or close what a fork should not
 * duplicate. A pipe or terminal on standard error is opened once more, non-blocking: output that nobody reads
 * is lost, and blocks nothing. Call it last in main: afterwards, only user_api_destroy may be called with the
 * instance. From then on the memory of the process and of its workers, which holds secrets, is protected: no
 * core file, and no debugger except root's (PR_SET_DUMPABLE). worker_memory_mib bounds the memory of a
 * worker, and of a single process. Your handlers and callbacks share it; beyond it malloc returns NULL.
 * Returns main's exit code: 0 after a requested stop, 1 when it failed, 2 for wrong listen addresses or
 * misuse; the reason is on standard error. Not from callbacks. */
USER_API_CHECK int user_api_serve(user_api *api);

/* A complete CGI response: "Status: …", headers, an empty line, the body. */
typedef struct user_api_answer {
  const char *bytes;
  size_t length;
} user_api_answer;

/* For a program with a FastCGI loop of its own: answers one request. `parameters` are NULL-terminated
 * "NAME=value" strings (what libfcgi calls envp), all that the web server sent; `body` the whole body.
 * USER_API_OK with the answer, errors included, in `memory`. USER_API_NOT_FOUND when no mount and no route
 * has that path: it is yours to answer. A request that could be read in two ways (an ambiguous path, a
 * repeated parameter) is answered, with 400, whatever its path. Blocks, hashes. Not from callbacks. */
USER_API_CHECK user_api_status user_api_handle(user_api *api, user_api_memory *memory,
                                               char *const parameters[], const void *body, size_t body_length,
                                               user_api_answer *answer_r);

/* Only decides whether a request may pass. USER_API_OK with the caller's identity (`identity_r` may be NULL,
 * and is untouched for USER_API_ANYBODY); USER_API_NO_CREDENTIALS, USER_API_INVALID_TOKEN,
 * USER_API_FORBIDDEN, USER_API_UNAVAILABLE, USER_API_BAD_REQUEST otherwise: only USER_API_OK lets in.
 * Blocks. */
USER_API_CHECK user_api_status user_api_guard(user_api *api, user_api_memory *memory,
                                              char *const parameters[], user_api_access access,
                                              user_api_identity *identity_r);

/* --- in a handler: the request --- */

/* Everything here lives as long as the request. A length parameter may be NULL. */
USER_API_PUBLIC user_api *user_api_request_instance(const user_api_request *request);
USER_API_PUBLIC user_api_memory *user_api_request_memory(const user_api_request *request);
USER_API_PUBLIC const char *user_api_request_method(const user_api_request *request);
USER_API_PUBLIC const char *user_api_request_path(const user_api_request *request); /* as it was sent */
USER_API_PUBLIC const char *user_api_request_id(const user_api_request *request);   /* as in the log */

/* A parameter of the route's pattern, by name: its decoded text, NULL if there is none; and the number of an
 * int, 0 if there is none. */
USER_API_PUBLIC const char *user_api_request_text(const user_api_request *request, const char *name,
                                                  size_t *length_r);
USER_API_PUBLIC int32_t user_api_request_integer(const user_api_request *request, const char *name);

/* A query argument, decoded; the first if it is repeated; NULL if there is none. May hold any bytes. */
USER_API_PUBLIC const char *user_api_request_argument(const user_api_request *request, const char *name,
                                                      size_t *length_r);

/* A header, "Content-Type", in any case; and a FastCGI parameter, "REMOTE_ADDR". NULL if there is none. The
 * first if it is repeated, except that all cookies are joined by "; ". */
USER_API_PUBLIC const char *user_api_request_header(const user_api_request *request, const char *name);
USER_API_PUBLIC const char *user_api_request_parameter(const user_api_request *request, const char *name);

/* The body, never NULL; NUL-terminated, but it may hold NUL bytes. */
USER_API_PUBLIC const char *user_api_request_body(const user_api_request *request, size_t *length_r);

/* The caller, NULL on a route for anybody; and the caller's token, for user_api_logout. */
USER_API_PUBLIC const user_api_identity *user_api_request_identity(const user_api_request *request);
USER_API_PUBLIC const char *user_api_request_token(const user_api_request *request);

/* The roles that the route requires, NULL at the end; none on routes that require none. */
USER_API_PUBLIC const char *const *user_api_request_roles(const user_api_request *request);

/* --- in a handler: the response --- */

/* Sets the HTTP status (200 to 599) and the body, which is copied. USER_API_MISUSED for another status or a
 * type that is not allowed in a header. JSON is sent as it is. The answer forbids caching unless you add a
 * "Cache-Control". */
USER_API_CHECK user_api_status user_api_respond_json(user_api_response *response, int http_status,
                                                     const char *json);
USER_API_CHECK user_api_status user_api_respond_bytes(user_api_response *response, int http_status,
                                                      const char *content_type, const void *bytes,
                                                      size_t length);

/* Answers with the API's error for `status`; `message`, unless NULL, replaces its message. Returns `status`
 * (what the handler then returns), USER_API_MISUSED for USER_API_OK. */
USER_API_CHECK user_api_status user_api_respond_error(user_api_response *response, user_api_status status,
                                                      const char *message);

/* Adds a header, at most 16 of them; USER_API_MISUSED for Status, Content-Type, Content-Length, Connection,
 * Transfer-Encoding, and what is not allowed in a header. */
USER_API_CHECK user_api_status user_api_respond_header(user_api_response *response, const char *name,
                                                       const char *value);

/* Adds the cookie that logs the client in with this session; with NULL the one that logs out. */
USER_API_CHECK user_api_status user_api_respond_session(user_api_response *response,
                                                        const user_api_session *session);

/* --- the service, without HTTP --- */

/* What the endpoints do, by the same rules and in one transaction each. Who may do it is your program's
 * decision, except where a function takes user_api_terms with a caller. Each is bound to one customer: users
 * of other customers count as missing. All of them block; those that hash say so. */

/* Why the last of these functions, or user_api_guard, failed: the error document that a client would get,
 * {"error_code":…,"message":…,"payload":…}; NULL after success. Valid until the next call on `api`. */
USER_API_PUBLIC const char *user_api_problem(const user_api *api);

typedef struct user_api_user_change {
  const char *email;    /* at most 255 characters, unique without regard to case */
  const char *name;     /* at most 255 characters. As for the email: not empty, no control or invisible
                           characters, no blank at either end, unless it is the stored value */
  const char *password; /* 8 (password_min_bytes) to 72 bytes in NFC, the stored form; NULL in an update
                           keeps it */
  bool active;
  const int32_t *role_ids; /* `role_count` of them; repeated ones count once */
  size_t role_count;
  bool keep_roles; /* in an update: do not change the roles */
} user_api_user_change;

/* A new user of a customer. USER_API_CONFLICT when a user of any customer has the email;
 * USER_API_WRONG_DOCUMENT for fields that break their rules and roles that do not exist; USER_API_NOT_FOUND
 * when there is no such customer; with enforce_quota USER_API_QUOTA_EXCEEDED for a user beyond the quota, in
 * which inactive users count; USER_API_CONFLICT also when the roles would make the user's token too long.
 * Hashes. */
USER_API_CHECK user_api_status user_api_register(user_api *api, user_api_memory *memory, int32_t customer_id,
                                                 const user_api_user_change *change, user_api_user *user_r);

/* Changes all of it or nothing. USER_API_NOT_FOUND, and as above; USER_API_CONFLICT also when the customer
 * would lose its last active user with the role admin. A new password, email, activity or other roles revoke
 * the user's tokens; USER_API_UNAVAILABLE, and nothing is changed, when the database lacks the triggers that
 * revoke them. Hashes when there is a password. */
USER_API_CHECK user_api_status user_api_update(user_api *api, user_api_memory *memory, int32_t customer_id,
                                               int32_t user_id, const user_api_user_change *change,
                                               user_api_user *user_r);

/* USER_API_NOT_FOUND when the customer has no such user. */
USER_API_CHECK user_api_status user_api_get(user_api *api, user_api_memory *memory, int32_t customer_id,
                                            int32_t user_id, user_api_user *user_r);

/* A new password, which revokes the user's tokens. USER_API_UNPROCESSABLE when the customer has no user with
 * that email; USER_API_WRONG_DOCUMENT for a password that breaks its rules. Hashes. */
USER_API_CHECK user_api_status user_api_reset_password(user_api *api, user_api_memory *memory,
                                                       int32_t customer_id, const char *email,
                                                       const char *password, user_api_user *user_r);

/* Which users, and which page of them. */
typedef struct user_api_search {
  const char *email; /* SQL LIKE pattern, anywhere in the text, case-insensitive; NULL: any */
  const char *name;  /* likewise; with both, users that match either */
  int64_t limit;     /* 0 to 1000 */
  int64_t offset;
} user_api_search;

/* One page, ordered by id, users without roles; *has_next_r says whether more follow.
 * USER_API_WRONG_ARGS for a limit or offset out of range, or text that is not UTF-8. */
USER_API_CHECK user_api_status user_api_list_users(user_api *api, user_api_memory *memory,
                                                   int32_t customer_id, const user_api_search *search,
                                                   const user_api_user **users_r, size_t *count_r,
                                                   bool *has_next_r);

/* All customers share the roles. As above. */
USER_API_CHECK user_api_status user_api_list_roles(user_api *api, user_api_memory *memory, int64_t limit,
                                                   int64_t offset, const user_api_role **roles_r,
                                                   size_t *count_r, bool *has_next_r);

/* Which users, and which page of them: users have to match every condition. Begin with {.size = sizeof
 * query}. USER_API_MISUSED for another size, unless all that a later version added is zero. */
typedef enum user_api_activity {
  USER_API_ANY_ACTIVITY = 0,
  USER_API_ACTIVE,
  USER_API_INACTIVE
} user_api_activity;

typedef struct user_api_user_query {
  size_t size;       /* sizeof(user_api_user_query) */
  const char *email; /* as in user_api_search */
  const char *name;
  const char *role; /* the code of a role that they hold; NULL: not asked for */
  int64_t limit;    /* 0 to 1000 */
  int64_t offset;
  int64_t after; /* only users with a greater id; 0: all. USER_API_WRONG_ARGS together with an offset */
  user_api_activity activity;
  bool count;       /* also count all matching users: that costs more */
  bool reserved[3]; /* false: room for later versions */
} user_api_user_query;

typedef struct user_api_user_page {
  const user_api_user *users; /* without roles, ordered by id */
  size_t count;
  int64_t total; /* of all matching users, if the query asked for it; else 0 */
  bool has_next; /* more follow */
} user_api_user_page;

/* One page, as user_api_list_users finds it. In a large customer, a pattern or role that no index supports
 * takes as long as reading all users. The library does not limit how many of these searches your program runs
 * at a time. */
USER_API_CHECK user_api_status user_api_find_users(user_api *api, user_api_memory *memory,
                                                   int32_t customer_id, const user_api_user_query *query,
                                                   user_api_user_page *page_r);

/* On whose behalf a change is made, and under which condition. Begin with {.size = sizeof terms}.
 * USER_API_MISUSED for another size, unless all that a later version added is zero; and unless the terms name
 * either a caller or `by_program`. */
typedef struct user_api_terms {
  size_t size;                     /* sizeof(user_api_terms) */
  const user_api_identity *caller; /* the change is made as the API would make it for this user:
                                      USER_API_FORBIDDEN for what they may not do, and USER_API_NOT_FOUND
                                      for another customer than theirs, unless they are an operator. It is
                                      not checked again: get it from user_api_request_identity,
                                      user_api_guard or user_api_get_token_data for each request, because
                                      it does not show roles that are removed later, or a later
                                      deactivation */
  const char *if_match;   /* entity tags as in the header If-Match (RFC 9110): USER_API_PRECONDITION_FAILED
                             unless they name the user as it is now; NULL: no condition. For updating and
                             deleting; USER_API_MISUSED elsewhere */
  bool by_program;        /* no caller: your program itself makes the change, and may grant every role and
                             manage every user. A NULL caller alone is not enough: requests on a route for
                             anybody have that, too */
  bool reserved[7];       /* false: room for later versions */
  const char *address;    /* for events: the IP address that asked for the change; anything else is left
                             out. NULL: that of the request that a handler answers, none outside of a
                             handler */
  const char *request_id; /* likewise the id of the request, at most 255 bytes of UTF-8 */
} user_api_terms;

/* The strong entity tag of a user, in its quotes: the ETag that the API answers. The user must come with its
 * roles: users in lists have none. NULL when memory is exhausted. */
USER_API_CHECK const char *user_api_user_tag(user_api_memory *memory, const user_api_user *user);

/* As the functions without "_as", on these terms; NULL: your program's own change. USER_API_USER_INACTIVE for
 * a caller who is not active. Every user may reset their own password, which also revokes their own session.
 */
USER_API_CHECK user_api_status user_api_register_as(user_api *api, user_api_memory *memory,
                                                    const user_api_terms *terms, int32_t customer_id,
                                                    const user_api_user_change *change,
                                                    user_api_user *user_r);
USER_API_CHECK user_api_status user_api_update_as(user_api *api, user_api_memory *memory,
                                                  const user_api_terms *terms, int32_t customer_id,
                                                  int32_t user_id, const user_api_user_change *change,
                                                  user_api_user *user_r);
USER_API_CHECK user_api_status user_api_reset_password_as(user_api *api, user_api_memory *memory,
                                                          const user_api_terms *terms, int32_t customer_id,
                                                          const char *email, const char *password,
                                                          user_api_user *user_r);

/* Deletes a user and its role assignments, and revokes its tokens. USER_API_NOT_FOUND; USER_API_CONFLICT for
 * a customer's last active user with the role admin, for the caller's own account, and when your own tables
 * refer to the user. Terms as above. */
USER_API_CHECK user_api_status user_api_delete(user_api *api, const user_api_terms *terms,
                                               int32_t customer_id, int32_t user_id);

/* Revokes all of a user's tokens. USER_API_NOT_FOUND. Terms as above. */
USER_API_CHECK user_api_status user_api_end_sessions(user_api *api, const user_api_terms *terms,
                                                     int32_t customer_id, int32_t user_id);

/* A role, and how many users hold it. */
typedef struct user_api_role_details {
  int32_t id;
  const char *code;
  const char *name;
  bool assignable; /* users with the role admin may grant and remove it; never the operators' own role */
  int64_t users;   /* how many users of all customers hold it */
} user_api_role_details;

/* Whether users with the role admin may grant a role. */
typedef enum user_api_assignable {
  USER_API_ASSIGNABLE_KEEP = 0, /* in an update: stays as it is; a new role is assignable */
  USER_API_ASSIGNABLE_YES,
  USER_API_ASSIGNABLE_NO
} user_api_assignable;

/* USER_API_NOT_FOUND when there is no such role. */
USER_API_CHECK user_api_status user_api_get_role(user_api *api, user_api_memory *memory, int32_t role_id,
                                                 user_api_role_details *role_r);

/* A new role. USER_API_CONFLICT when another one has the code; USER_API_WRONG_DOCUMENT for a code that is
 * empty, has a comma, a control character, or a blank at its beginning or end, and for texts of more than 255
 * characters. */
USER_API_CHECK user_api_status user_api_create_role(user_api *api, user_api_memory *memory, const char *code,
                                                    const char *name, user_api_assignable assignable,
                                                    user_api_role_details *role_r);

/* Changes everything except the code. USER_API_NOT_FOUND; USER_API_CONFLICT when the name would make the
 * token of a user who holds the role too long; USER_API_WRONG_DOCUMENT as above. */
USER_API_CHECK user_api_status user_api_update_role(user_api *api, user_api_memory *memory, int32_t role_id,
                                                    const char *name, user_api_assignable assignable,
                                                    user_api_role_details *role_r);

/* USER_API_NOT_FOUND; USER_API_CONFLICT while a user of any customer holds the role, or your own tables refer
 * to it, and for the role admin and the operators' own. */
USER_API_CHECK user_api_status user_api_delete_role(user_api *api, int32_t role_id);

/* A customer, and how many users it has. */
typedef struct user_api_customer {
  int32_t id;
  const char *name;       /* NULL: it was never named */
  int64_t max_user_quota; /* how many users it may have, see enforce_quota; or USER_API_NO_QUOTA */
  int64_t users;          /* how many it has, active or not */
} user_api_customer;

/* Instead of a quota (0 to 2147483647): any number of users; and, in an update, no change. Either one gives a
 * new customer no quota. */
enum { USER_API_NO_QUOTA = -1, USER_API_KEEP_QUOTA = -2 };

/* One page of the customers with a greater id than `after` (0: all), ordered by id; `limit` is 0 to 1000.
 * *has_next_r says whether more follow. USER_API_WRONG_ARGS for numbers out of range. */
USER_API_CHECK user_api_status user_api_list_customers(user_api *api, user_api_memory *memory, int64_t limit,
                                                       int64_t after, const user_api_customer **customers_r,
                                                       size_t *count_r, bool *has_next_r);

/* USER_API_NOT_FOUND when there is no such customer. */
USER_API_CHECK user_api_status user_api_get_customer(user_api *api, user_api_memory *memory,
                                                     int32_t customer_id, user_api_customer *customer_r);

/* A new customer. USER_API_WRONG_DOCUMENT for a name of more than 255 characters, and for a quota out of
 * range. */
USER_API_CHECK user_api_status user_api_create_customer(user_api *api, user_api_memory *memory,
                                                        const char *name, int64_t max_user_quota,
                                                        user_api_customer *customer_r);

/* USER_API_NOT_FOUND, and as above. A quota below the number of users removes no user. */
USER_API_CHECK user_api_status user_api_update_customer(user_api *api, user_api_memory *memory,
                                                        int32_t customer_id, const char *name,
                                                        int64_t max_user_quota,
                                                        user_api_customer *customer_r);

/* USER_API_NOT_FOUND; USER_API_CONFLICT while it has users, active or not, or your own tables refer to it. */
USER_API_CHECK user_api_status user_api_delete_customer(user_api *api, int32_t customer_id);

/* An event, as it was recorded: names are as they were then. Every change of users, roles and customers
 * leaves events; in a handler, they say who sent the request, its address and its id. */
typedef struct user_api_event {
  int64_t id;             /* later events have greater ids */
  const char *at;         /* "2026-11-27T08:15:00Z" */
  const char *kind;       /* "user.created", "session.opened"; "app." and more: your program's own */
  int32_t customer_id;    /* 0: none */
  int32_t actor_id;       /* the user who did it; 0: not known, or none */
  const char *actor_name; /* NULL if there is no actor */
  int32_t user_id;        /* the user it is about; 0: none, or several */
  const char *user_name;
  const char *address;    /* NULL: not known */
  const char *request_id; /* NULL: not known */
  const char *data;       /* a JSON object: what changed */
} user_api_event;

/* Which events, and which page of them. Begin with {.size = sizeof query}; USER_API_MISUSED as for
 * user_api_user_query. */
typedef struct user_api_event_query {
  size_t size;         /* sizeof(user_api_event_query) */
  int32_t customer_id; /* of this customer only; 0: all events, also those of no customer */
  int32_t user_id;     /* about this user only; 0: about any or none */
  const char *kind;    /* of this kind only; NULL: any */
  int64_t limit;       /* 0 to 1000 */
  int64_t after;       /* not 0: only events with greater ids, oldest first */
  int64_t before;      /* not 0: only events with smaller ids, newest first */
  bool from_oldest;    /* the oldest first, as with an `after` below all ids */
  bool reserved[7];    /* false: room for later versions */
} user_api_event_query;

typedef struct user_api_event_page {
  const user_api_event *events; /* newest first; with `after` or `from_oldest` oldest first */
  size_t count;
  bool has_next; /* more follow, in this order */
} user_api_event_page;

/* One page. A reader that continues from the last id with `after` misses no event: later events are not
 * listed until all earlier transactions that have written one have ended. USER_API_WRONG_ARGS for numbers out
 * of range, and for `before` together with `after` or `from_oldest`. */
USER_API_CHECK user_api_status user_api_list_events(user_api *api, user_api_memory *memory,
                                                    const user_api_event_query *query,
                                                    user_api_event_page *page_r);

/* As the API writes it; data that cannot be read as {"unreadable":true}. NULL when memory is exhausted. */
USER_API_CHECK const char *user_api_event_json(user_api_memory *memory, const user_api_event *event);

/* Records an event of your program about a customer or, unless user_id is 0, one of its users. `kind` is
 * "app." and up to 59 of the characters a-z 0-9 _ . -, the first neither "." nor "-"; `data` is a JSON object
 * of at most 4096 bytes, whose numbers are whole and fit 64 bits, and whose texts have no NUL:
 * USER_API_WRONG_DOCUMENT otherwise. USER_API_NOT_FOUND when there is no such customer, or it has no such
 * user. The caller of the terms is the actor, and may be any user of that customer; terms as above. */
USER_API_CHECK user_api_status user_api_write_event(user_api *api, const user_api_terms *terms,
                                                    int32_t customer_id, int32_t user_id, const char *kind,
                                                    const char *data);

/* A session for email and password. USER_API_WRONG_LOGIN, after the same time whatever is wrong;
 * USER_API_USER_INACTIVE only after the right password. USER_API_TOO_MANY_REQUESTS, whether or not the
 * password is right, when too many logins with this email have failed within login_window_seconds. Hashes. */
USER_API_CHECK user_api_status user_api_authenticate(user_api *api, user_api_memory *memory,
                                                     const char *email, const char *password,
                                                     user_api_session *session_r);

/* The same for a client at `address`, "203.0.113.9" or "2001:db8::1". Failed logins are also counted by
 * address, to stop clients that try one password with all emails. NULL, or what is no IP address, is not
 * counted, and is in no event. */
USER_API_CHECK user_api_status user_api_authenticate_from(user_api *api, user_api_memory *memory,
                                                          const char *address, const char *email,
                                                          const char *password, user_api_session *session_r);

/* A session for a user whom your program has authenticated in another way. The function only checks that the
 * user exists (else USER_API_WRONG_LOGIN) and is active (else USER_API_USER_INACTIVE). */
USER_API_CHECK user_api_status user_api_authenticate_no_password(user_api *api, user_api_memory *memory,
                                                                 const char *email,
                                                                 user_api_session *session_r);

/* The identity in a token, if it is valid now: signature, expiry, and the current state of its user.
 * USER_API_INVALID_TOKEN otherwise, USER_API_UNAVAILABLE when that cannot be known. */
USER_API_CHECK user_api_status user_api_get_token_data(user_api *api, user_api_memory *memory,
                                                       const char *token, user_api_identity *identity_r);

/* Whether it is valid now; false also when that cannot be known. */
USER_API_CHECK bool user_api_is_token_valid(user_api *api, const char *token);

/* USER_API_OK when the token is valid and its user has all of `roles` (codes, NULL at the end), else
 * USER_API_FORBIDDEN, or as user_api_get_token_data. */
USER_API_CHECK user_api_status user_api_token_has_roles(user_api *api, const char *token,
                                                        const char *const *roles);

/* Revokes this token, at once, and no other. As user_api_get_token_data. */
USER_API_CHECK user_api_status user_api_logout(user_api *api, const char *token);

#ifdef __cplusplus
}
#endif

#endif
