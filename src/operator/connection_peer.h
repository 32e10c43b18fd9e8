/* Which server an operator's connection reached, and as which user: for a program that has to connect to the
 * same server. */
#ifndef UA_OPERATOR_CONNECTION_PEER_H
#define UA_OPERATOR_CONNECTION_PEER_H

#include "operator/connection.h"

/* The strings belong to the connection; "" if there is none. */
typedef struct ua_operator_peer {
  const char *host; /* a name, an address, or the folder of a unix socket */
  const char *port;
  const char *user;
  const char *os_user;  /* the system user as whom root connected; "" if it connected as itself */
  const char *password; /* from the URL, the environment or the password file */
  const char *database;
  bool encrypted;
  bool verified; /* the server's certificate was */
} ua_operator_peer;

void ua_operator_connection_peer_of(const ua_operator_connection *connection, ua_operator_peer *peer_r);

#endif
