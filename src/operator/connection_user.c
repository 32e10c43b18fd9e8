#include "operator/connection_user.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_GROUPS = 64, SQLSTATE_LENGTH = 5 };

/* Root's groups, while it acts as another user. */
typedef struct own_groups {
  gid_t gid;
  gid_t group[MOST_GROUPS];
  int count;
} own_groups;

/* A process that cannot become root again must not continue as another user. */
static void come_back(const own_groups *own)
{
  if (seteuid(0) != 0 || setegid(own->gid) != 0 || setgroups((size_t)own->count, own->group) != 0) {
    abort();
  }
}

/* Root becomes this user, until `come_back`. The server sees the effective user at the time of the
 * connection. */
static bool become(const char *user, own_groups *own_r)
{
  const struct passwd *entry = geteuid() == 0 ? getpwnam(user) : NULL;
  own_r->gid = getegid();
  own_r->count = getgroups(MOST_GROUPS, own_r->group);
  if (entry == NULL || entry->pw_uid == 0 || own_r->count < 0) {
    return false;
  }
  uid_t uid = entry->pw_uid;
  gid_t gid = entry->pw_gid;
  if (initgroups(user, gid) == 0 && setegid(gid) == 0 && seteuid(uid) == 0) {
    return true;
  }
  come_back(own_r);
  return false;
}

static bool is_over_socket(const PGconn *connection)
{
  const char *host = PQhost(connection);
  return host != NULL && (host[0] == '/' || host[0] == '@');
}

static PGconn *dial_as(const char *user, const char *const *keywords, const char *const *values)
{
  own_groups own;
  if (!become(user, &own)) {
    return NULL;
  }
  PGconn *connection = ua_store_libpq_connect(keywords, values);
  come_back(&own);
  return connection;
}

/* Root tries again, as the system user with the name of the role that was refused. */
static void dial_as_namesake(ua_operator_connection *opened, const char *const *keywords,
                             const char *const *values)
{
  const char *role = PQuser(opened->connection);
  if (role == NULL || strlen(role) >= sizeof opened->user) {
    return;
  }
  PGconn *second = dial_as(role, keywords, values);
  if (PQstatus(second) != CONNECTION_OK) {
    PQfinish(second);
    return;
  }
  (void)snprintf(opened->user, sizeof opened->user, "%s", role);
  PQfinish(opened->connection);
  opened->connection = second;
}

void ua_operator_connection_dial(ua_operator_connection *opened, const char *user,
                                 const char *const *keywords, const char *const *values)
{
  if (user != NULL && user[0] != '\0' && !ua_operator_user_is_own(user)) {
    (void)snprintf(opened->user, sizeof opened->user, "%s", user);
    opened->connection = dial_as(user, keywords, values);
    return;
  }
  opened->connection = ua_store_libpq_connect(keywords, values);
  if (user == NULL && PQstatus(opened->connection) != CONNECTION_OK && is_over_socket(opened->connection)) {
    dial_as_namesake(opened, keywords, values);
  }
}

static ua_status reset(void *connection)
{
  PQreset(connection);
  return UA_OK;
}

/* Whether libpq's message, in its most detailed form ("FATAL:  28000: …"), has this SQLSTATE. The words are
 * in the server's language. */
static bool has_sqlstate(const PGconn *connection, const char *sqlstate)
{
  char wanted[] = ":  00000: ";
  memcpy(wanted + 3, sqlstate, SQLSTATE_LENGTH);
  return strstr(PQerrorMessage(connection), wanted) != NULL;
}

ua_status ua_operator_connection_refusal(const ua_operator_connection *refused)
{
  PGconn *connection = refused->connection;
  if (PQconnectionNeedsPassword(connection) != 0) {
    return UA_FORBIDDEN; /* the server asks for a password, and there is none: peer authentication was
                            expected */
  }
  (void)PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  if (ua_operator_connection_as_its_user(refused, reset, connection) != UA_OK) {
    return UA_UNAVAILABLE;
  }
  if (has_sqlstate(connection, "28P01")) {
    return UA_WRONG_LOGIN;
  }
  return has_sqlstate(connection, "28000") ? UA_FORBIDDEN : UA_UNAVAILABLE;
}

bool ua_operator_user_exists(const char *user)
{
  return getpwnam(user) != NULL;
}

bool ua_operator_user_is_own(const char *user)
{
  const struct passwd *entry = getpwnam(user);
  return entry != NULL && entry->pw_uid == geteuid();
}

bool ua_operator_user_is_within_reach(const char *user)
{
  return ua_operator_user_is_own(user) || (geteuid() == 0 && ua_operator_user_exists(user));
}

ua_status ua_operator_connection_as_its_user(const ua_operator_connection *connection,
                                             ua_status (*work)(void *context), void *context)
{
  own_groups own;
  if (connection->user[0] == '\0') {
    return work(context);
  }
  if (!become(connection->user, &own)) {
    return UA_INTERNAL;
  }
  ua_status status = work(context);
  come_back(&own);
  return status;
}

bool ua_operator_connection_is_over_socket(const ua_operator_connection *connection)
{
  return is_over_socket(connection->connection);
}

void ua_operator_user_own_name(char name_r[UA_MAX_OPERATING_USER_BYTES])
{
  const struct passwd *entry = getpwuid(getuid());
  const char *name = entry == NULL ? "" : entry->pw_name;
  size_t length = strlen(name);
  bool plain = length > 0 && length < UA_MAX_OPERATING_USER_BYTES;
  for (size_t i = 0; plain && i < length; i++) {
    plain = name[i] > ' ' && name[i] <= '~';
  }
  if (plain) {
    (void)snprintf(name_r, UA_MAX_OPERATING_USER_BYTES, "%s", name);
  } else {
    (void)snprintf(name_r, UA_MAX_OPERATING_USER_BYTES, "uid %lu", (unsigned long)getuid());
  }
}
