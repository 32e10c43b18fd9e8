/* Where the original's MySQL or MariaDB is. */
#ifndef UA_LEGACY_MYSQL_URL_H
#define UA_LEGACY_MYSQL_URL_H

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

typedef enum ua_legacy_mysql_tls {
  UA_MYSQL_TLS_NONE,
  UA_MYSQL_TLS_PREFERRED,
  UA_MYSQL_TLS_REQUIRED,
  UA_MYSQL_TLS_VERIFIED /* and verifies the server's certificate */
} ua_legacy_mysql_tls;

typedef struct ua_legacy_mysql_url {
  char user[128];
  char password[512];
  char host[256]; /* "localhost" when the URL names none */
  char port[8];
  char socket[108]; /* a unix socket's path; "" for TCP */
  char database[128];
  ua_legacy_mysql_tls tls;
} ua_legacy_mysql_url;

/* Reads mysql://[user[:password]@][host][:port]/database[?name=value&…], percent-encoded; the scheme may also
 * be mariadb, or carry a driver as SQLAlchemy writes it (mysql+pymysql). Parameters: sslmode (disable,
 * prefer, require, verify-ca), unix_socket (a path), charset (ignored). UA_BAD_REQUEST with a line that
 * quotes nothing of the URL. */
UA_CHECK ua_status ua_legacy_mysql_url_read(ua_text url, ua_legacy_mysql_url *url_r, ua_error_line *error);

void ua_legacy_mysql_url_wipe(ua_legacy_mysql_url *url);

#endif
