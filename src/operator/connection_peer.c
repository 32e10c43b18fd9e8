#include "operator/connection_peer.h"

#include "operator/connection_private.h"

static const char *or_empty(const char *text)
{
  return text == NULL ? "" : text;
}

static bool is_verified(PGconn *connection)
{
  PQconninfoOption *options = PQconninfo(connection);
  const char *mode = ua_store_libpq_option(options, "sslmode");
  bool verified = ua_text_starts_with(ua_text_of(mode), UA_TEXT("verify-"));
  ua_store_libpq_options_free(options);
  return verified;
}

void ua_operator_connection_peer_of(const ua_operator_connection *connection, ua_operator_peer *peer_r)
{
  PGconn *open = connection->connection;
  bool encrypted = PQsslInUse(open) != 0;
  *peer_r = (ua_operator_peer){.host = or_empty(PQhost(open)),
                               .port = or_empty(PQport(open)),
                               .user = or_empty(PQuser(open)),
                               .os_user = connection->user,
                               .password = or_empty(PQpass(open)),
                               .database = or_empty(PQdb(open)),
                               .encrypted = encrypted,
                               .verified = encrypted && is_verified(open)};
}
