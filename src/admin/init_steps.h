/* The steps of `init`, in their order. Each is safe to run again, notes in run->changes what it did, and
 * on failure leaves a line in run->error. */
#ifndef UA_ADMIN_INIT_STEPS_H
#define UA_ADMIN_INIT_STEPS_H

#include "admin/changes.h"
#include "cli/env_file.h"
#include "cli/secret.h"
#include "operator/connection.h"
#include "operator/migrations.h"

typedef struct ua_admin_init_run {
  const char *database;
  const char *account;
  const char *peer; /* the operating system's user who logs in as `account`, without a password; or NULL */
  bool drop_before;
  bool reset_admin_password;
  bool sets_admin_password; /* filled in by ua_admin_init_ask */
  bool force;               /* accept a common password */
  bool allow_weak_secret;   /* write it into the settings, because jwt_secret needs it */
  int bcrypt_cost;
  ua_cli_secret url;
  ua_cli_secret jwt_secret;       /* not given: kept or generated when the settings are written */
  ua_cli_secret admin_password;   /* not given: asked for when it is needed */
  ua_cli_secret service_password; /* not given: generated for a new role */
  const char *settings_path;      /* NULL: they are written nowhere */
  ua_cli_env_file settings;       /* what is in that file */
  ua_operator_migration_set migrations;
  ua_operator_connection *server; /* to another database than the new one; holds the lock */
  ua_operator_connection *target; /* to the new database */
  ua_admin_changes changes;
  /* Of the workers' database, with a password that was generated here and is written nowhere else. */
  char *made_url;
  ua_error_line error;
  ua_error_line advice;  /* what to do about the error; "" if the error says it */
  ua_error_line untried; /* why init could not test the service's login; "" after a successful test */
} ua_admin_init_run;

/* Connects run->server. */
UA_CHECK ua_status ua_admin_init_connect(ua_admin_init_run *run);

/* Finds out whether the administrator's password will be set, and asks for it if it is not given. Runs before
 * anything is changed. */
UA_CHECK ua_status ua_admin_init_ask(ua_admin_init_run *run);

/* Drops the database if --drop-before asks for it, and creates it if it is missing. */
UA_CHECK ua_status ua_admin_init_database(ua_admin_init_run *run);

/* Writes the settings and creates the service account, or sets its password when one is given. */
UA_CHECK ua_status ua_admin_init_account(ua_admin_init_run *run);

/* Connects run->target, migrates, and grants the service account its rights. */
UA_CHECK ua_status ua_admin_init_schema(ua_admin_init_run *run);

/* The first customer, the role `admin`, the administrator. */
UA_CHECK ua_status ua_admin_init_seed(ua_admin_init_run *run);

/* Connects as the service will, with the settings that were written, and checks the schema. */
UA_CHECK ua_status ua_admin_init_try(ua_admin_init_run *run);

/* The database URL in the file of settings, as the service reads it; "" when there is none. Fails if the
 * service could not read that file, or a file that it names is missing. */
UA_CHECK ua_status ua_admin_init_kept_url(const ua_admin_init_run *run, char url_r[UA_MAX_DATABASE_URL_BYTES],
                                          ua_error_line *error);

/* Whether the administrator exists; also works on a database that was never migrated. */
UA_CHECK ua_status ua_admin_init_has_admin(ua_operator_connection *target, bool *exists_r,
                                           ua_error_line *error);

#endif
