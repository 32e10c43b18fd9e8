#include "operator/connection_peer.h"

#include <string.h>

#include "operator/connection_private.h"

static const char *or_empty(const char *text)
{
  return text == NULL ? "" : text;
}

static bool is_verified(PGconn *connection)
{
  bool verified = false;
  PQconninfoOption *options = PQconninfo(connection);
  for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
    verified = verified || (strcmp(option->keyword, "sslmode") == 0 && option->val != NULL &&
                            strncmp(option->val, "verify-", strlen("verify-")) == 0);
    if (option->val != NULL) {
      explicit_bzero(option->val, strlen(option->val));
    }
  }
  PQconninfoFree(options);
  return verified;
}

void ua_operator_connection_peer_of(const ua_operator_connection *connection, ua_operator_peer *peer_r)
{
  PGconn *open = connection->connection;
  bool encrypted = PQsslInUse(open) != 0;
  *peer_r = (ua_operator_peer){.host = or_empty(PQhost(open)),
                               .port = or_empty(PQport(open)),
                               .user = or_empty(PQuser(open)),
                               .password = or_empty(PQpass(open)),
                               .database = or_empty(PQdb(open)),
                               .encrypted = encrypted,
                               .verified = encrypted && is_verified(open)};
}
