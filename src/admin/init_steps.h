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
  bool force;               /* the password may be a common one */
  bool allow_weak_secret;   /* of the settings, which need it for jwt_secret */
  int bcrypt_cost;
  ua_cli_secret url;
  ua_cli_secret jwt_secret;       /* not given: kept or made when the settings are written */
  ua_cli_secret admin_password;   /* not given: asked for when it is needed */
  ua_cli_secret service_password; /* not given: made for a new role */
  const char *settings_path;      /* NULL: they are written nowhere */
  ua_cli_env_file settings;       /* what is in that file */
  ua_operator_migration_set migrations;
  ua_operator_connection *server; /* to a database that is not the one in the making; holds the lock */
  ua_operator_connection *target; /* to the one in the making */
  ua_admin_changes changes;
  char *
      made_url; /* of the workers' database, with a password that was made here and is written nowhere else */
  ua_error_line error;
  ua_error_line advice;  /* what to do about the error; "" where the error says it */
  ua_error_line untried; /* why nobody tried whether the service gets in; "" when it was tried, and does */
} ua_admin_init_run;

/* Connects run->server. */
UA_CHECK ua_status ua_admin_init_connect(ua_admin_init_run *run);

/* Finds out whether the administrator's password will be set, and asks for it if it is not given: before
 * anything is changed. */
UA_CHECK ua_status ua_admin_init_ask(ua_admin_init_run *run);

/* Drops the database if that is wanted, creates it if it is not there. */
UA_CHECK ua_status ua_admin_init_database(ua_admin_init_run *run);

/* Writes the settings and creates the service account, or sets its password when one is given. */
UA_CHECK ua_status ua_admin_init_account(ua_admin_init_run *run);

/* Connects run->target, migrates, and grants the service account its rights. */
UA_CHECK ua_status ua_admin_init_schema(ua_admin_init_run *run);

/* The first customer, the role `admin`, the administrator. */
UA_CHECK ua_status ua_admin_init_seed(ua_admin_init_run *run);

/* Connects as the service will, with what the settings say, and looks at its schema. */
UA_CHECK ua_status ua_admin_init_try(ua_admin_init_run *run);

/* The database URL in the file of settings, as the service reads it; "" when there is none. Fails where the
 * service could not read that file: when another one that it names is not here, too. */
UA_CHECK ua_status ua_admin_init_kept_url(const ua_admin_init_run *run, char url_r[UA_MAX_DATABASE_URL_BYTES],
                                          ua_error_line *error);

/* Whether the administrator is there; also on a database that was never migrated. */
UA_CHECK ua_status ua_admin_init_has_admin(ua_operator_connection *target, bool *exists_r,
                                           ua_error_line *error);

#endif
