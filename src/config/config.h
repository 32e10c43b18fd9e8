/* Settings: one table drives environment, file, flags, --help and the sample file.
 *
 * Later sources win: default, file (--config FILE or USER_API_CONFIG, "" for none; KEY=value lines with the
 * environment's names), environment (USER_API_*), flags. For a secret KEY, KEY_FILE names a file that
 * holds it (as base/file.h reads one line); giving both in one source is an error. */
#ifndef UA_CONFIG_CONFIG_H
#define UA_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/word_list.h"

typedef enum ua_config_cookie_secure {
  UA_COOKIE_SECURE_AUTO,
  UA_COOKIE_SECURE_ON,
  UA_COOKIE_SECURE_OFF
} ua_config_cookie_secure;

typedef enum ua_config_password_common {
  UA_PASSWORD_COMMON_ALLOW,
  UA_PASSWORD_COMMON_REFUSE
} ua_config_password_common;

typedef struct ua_config {
  /* process */
  char *listen[UA_MAX_LISTENERS]; /* "unix:/run/x.sock[,mode=0660][,owner=u][,group=g]",
                                     "127.0.0.1:9000", "[::1]:9000" */
  size_t listen_count;
  int64_t workers;                  /* 0: serve in this process; -1: not given */
  int64_t max_requests;             /* a worker is replaced after so many; 0: never */
  int64_t watchdog_seconds;         /* a worker busy for longer is killed; 0: never */
  int64_t worker_memory_mib;        /* MiB that a worker may take; 0: no bound */
  int64_t drain_seconds;            /* after TERM, for requests in flight */
  int64_t begin_timeout_seconds;    /* of a FastCGI connection: until its first 16 bytes */
  int64_t io_timeout_seconds;       /* without progress, reading or writing */
  int64_t transfer_timeout_seconds; /* for a whole request, for a whole answer */
  int64_t backlog;
  int64_t log_level; /* ua_log_level */

  /* http */
  char *users_prefix;                    /* "/api/users" */
  char *roles_prefix;                    /* "/api/roles" */
  char *customers_prefix;                /* "/api/customers" */
  char *account_prefix;                  /* "/api/account" */
  char *events_prefix;                   /* "/api/events" */
  char *guard_prefix;                    /* "/api/guard" */
  char *openapi_path;                    /* "/api/openapi.json" */
  char *allowed_origins[UA_MAX_ORIGINS]; /* other origins whose pages may write, "https://app.example.org" */
  size_t allowed_origin_count;
  char *login_url;       /* of the login page, NULL: none */
  int64_t body_limit;    /* bytes */
  int64_t cookie_secure; /* ua_config_cookie_secure */

  /* database */
  char *database_url;                  /* secret: libpq URI or keyword string */
  int64_t database_timeout_ms;         /* one statement */
  int64_t database_connect_timeout_ms; /* one connection attempt */
  bool database_prepared;              /* off: unnamed statements, and settings with each transaction */

  /* tokens and passwords */
  char *jwt_secret[UA_MAX_SECRETS]; /* secrets: [0] signs, all are accepted */
  size_t jwt_secret_count;
  bool allow_weak_secret; /* otherwise the settings are refused */
  int64_t jwt_lifetime_seconds;
  int64_t bcrypt_cost;
  int64_t password_min_bytes;
  int64_t password_common;       /* ua_config_password_common; a list below implies REFUSE */
  char *password_deny_file;      /* one password a line, NULL: none */
  ua_word_list *password_denied; /* its content, NULL: no file was named */
  int64_t hash_slots;            /* concurrent password hashes of the whole pool; 0: number of CPUs */
  int64_t hash_wait_seconds;     /* how long a request may wait to hash */
  bool upgrade_hashes;           /* replace the original's hashes by bcrypt at login */

  /* failed logins */
  int64_t login_attempts;         /* failures of an account within a window; 0: any number */
  int64_t login_attempts_address; /* failures from an address within a window; 0: any number */
  int64_t login_window_seconds;

  /* sessions */
  int64_t session_table_mib;     /* of accepted tokens, shared by a pool; 0: none */
  int64_t session_staleness_ms;  /* a change on another machine takes effect here within this time */
  int64_t session_grace_seconds; /* how long guards go on without the database; 0: not at all */
  char *session_listen_url;      /* secret: where the watcher connects; NULL: as database_url says */

  /* customers */
  int64_t event_days;  /* how long events are kept, at least */
  char *operator_role; /* code of the role that manages all customers, NULL: none */
  bool enforce_quota;  /* customer.max_user_quota bounds registration */

  /* monitoring; in this place, because it leaves no padding */
  bool metrics; /* count, and answer GET /metrics */
} ua_config;

/* What the command line asked for in addition to settings. */
typedef struct ua_config_options {
  bool help;
  bool version;
  bool check_config;
  bool print_example;
} ua_config_options;

/* Reads all sources into *config_r (initialised here). `environment` is NULL-terminated ("K=v").
 * On failure writes one line to `error` (NUL-terminated, no newline, never a secret's value), frees
 * everything and returns UA_BAD_REQUEST, or UA_UNAVAILABLE for a file that cannot be read. Checks every
 * single value (type, range, form). ua_config_check checks the settings as a whole (an empty JWT secret, no
 * database), and ua_process_listener_check the form of listen addresses. Logs a warning for an unknown
 * USER_API_* variable and for a file with secrets that others may read. Also reads password_deny_file. Reads
 * no source at all when the command line only asks for help, the version or the like. */
UA_CHECK ua_status ua_config_load(int argc, char *const argv[], char *const environment[],
                                  ua_config *config_r, ua_config_options *options_r, char *error,
                                  size_t error_size);

/* Whether a server can run with these settings: database URL and JWT secret present, no secret that can be
 * guessed (config/weakness.h) unless that is allowed. UA_BAD_REQUEST with one line in `error` otherwise. Logs
 * warnings (such a secret that is allowed, …), once each. ua_store_url_check checks the form of the URL. */
UA_CHECK ua_status ua_config_check(const ua_config *config, char *error, size_t error_size);

/* Wipes secrets, frees everything, leaves *config zeroed. */
void ua_config_clear(ua_config *config);

/* The settings part of --help, and the sample file deploy/user-api.conf.example, from the table. */
void ua_config_print_help(FILE *out);
void ua_config_print_example(FILE *out);

#endif
