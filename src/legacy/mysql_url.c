#include "legacy/mysql_url.h"

#include <string.h>

/* Copies `text`, percent-decoded; false if it is malformed, contains a control character, or does not fit. */
static bool decode(ua_text text, char *out, size_t size)
{
  size_t used = 0;
  for (size_t i = 0; i < text.length; i++) {
    int byte = (unsigned char)text.data[i];
    if (byte == '%') {
      int high = i + 2 < text.length ? ua_text_hex_digit(text.data[i + 1]) : -1;
      int low = i + 2 < text.length ? ua_text_hex_digit(text.data[i + 2]) : -1;
      byte = high < 0 || low < 0 ? 0 : high * 16 + low;
      i += 2;
    }
    if (ua_text_is_control((char)byte) || used + 1 >= size) {
      return false;
    }
    out[used++] = (char)byte;
  }
  out[used] = '\0';
  return true;
}

/* Splits at the last `separator`: *before_r gets the text before it, *text the rest. False when there is
 * none. */
static bool take_before_last(ua_text *text, char separator, ua_text *before_r)
{
  for (size_t i = text->length; i > 0; i--) {
    if (text->data[i - 1] == separator) {
      *before_r = (ua_text){text->data, i - 1};
      *text = (ua_text){text->data + i, text->length - i};
      return true;
    }
  }
  return false;
}

static bool read_scheme(ua_text *rest)
{
  static const char mark[] = "://";
  const char *end = memmem(rest->data, rest->length, mark, strlen(mark));
  if (end == NULL) {
    return false;
  }
  ua_text scheme = {rest->data, (size_t)(end - rest->data)};
  ua_text name;
  size_t taken = scheme.length + strlen(mark);
  *rest = (ua_text){rest->data + taken, rest->length - taken};
  return ua_text_split(&scheme, '+', &name) &&
         (ua_text_equal_nocase(name, UA_TEXT("mysql")) || ua_text_equal_nocase(name, UA_TEXT("mariadb")));
}

static bool read_tls(ua_text value, ua_legacy_mysql_tls *tls)
{
  static const char *const names[] = {[UA_MYSQL_TLS_NONE] = "disable",
                                      [UA_MYSQL_TLS_PREFERRED] = "prefer",
                                      [UA_MYSQL_TLS_REQUIRED] = "require",
                                      [UA_MYSQL_TLS_VERIFIED] = "verify-ca"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (ua_text_equal(value, ua_text_of(names[i]))) {
      *tls = (ua_legacy_mysql_tls)i;
      return true;
    }
  }
  return false;
}

static bool read_parameters(ua_text parameters, ua_legacy_mysql_url *url)
{
  ua_text parameter;
  ua_text name;
  bool known = true;
  while (known && ua_text_split(&parameters, '&', &parameter)) {
    ua_text value = parameter;
    known = ua_text_split(&value, '=', &name) && value.data != NULL &&
            (ua_text_equal(name, UA_TEXT("charset")) ||
             (ua_text_equal(name, UA_TEXT("sslmode")) && read_tls(value, &url->tls)) ||
             (ua_text_equal(name, UA_TEXT("unix_socket")) && value.length > 0 && value.data[0] != '.' &&
              decode(value, url->socket, sizeof url->socket)));
  }
  return known;
}

static bool read_port(ua_text port, ua_legacy_mysql_url *url)
{
  uint64_t number;
  return ua_text_to_uint(port, 65535, &number) && number > 0 && decode(port, url->port, sizeof url->port);
}

static bool read_login(ua_text login, ua_legacy_mysql_url *url)
{
  ua_text user;
  return ua_text_split(&login, ':', &user) && decode(user, url->user, sizeof url->user) &&
         (login.data == NULL || decode(login, url->password, sizeof url->password));
}

/* "[address]" or "[address]:port", after the opening bracket. */
static bool read_bracketed(ua_text rest, ua_text *host_r, ua_legacy_mysql_url *url)
{
  if (!ua_text_split(&rest, ']', host_r) || rest.data == NULL) {
    return false;
  }
  return rest.length == 0 ||
         (rest.data[0] == ':' && read_port((ua_text){rest.data + 1, rest.length - 1}, url));
}

/* [user[:password]@][host][:port]; an IPv6 address is in brackets. */
static bool read_authority(ua_text authority, ua_legacy_mysql_url *url)
{
  ua_text login;
  ua_text host = authority;
  if (take_before_last(&host, '@', &login) && !read_login(login, url)) {
    return false;
  }
  if (host.length > 0 && host.data[0] == '[') {
    if (!read_bracketed((ua_text){host.data + 1, host.length - 1}, &host, url)) {
      return false;
    }
  } else {
    ua_text port = host;
    if (ua_text_split(&port, ':', &host) && port.data != NULL && !read_port(port, url)) {
      return false;
    }
  }
  return host.length == 0 || decode(host, url->host, sizeof url->host);
}

/* scheme://authority/database[?parameters]. Passwords may contain a "/", so the database's name begins after
 * the last one. If it contains an "@", it is the end of a password instead. */
static bool read_url(ua_text rest, ua_legacy_mysql_url *url)
{
  ua_text path;
  ua_text authority;
  return read_scheme(&rest) && ua_text_split(&rest, '?', &path) && take_before_last(&path, '/', &authority) &&
         read_authority(authority, url) && path.length > 0 && memchr(path.data, '@', path.length) == NULL &&
         decode(path, url->database, sizeof url->database) &&
         (rest.data == NULL || read_parameters(rest, url));
}

ua_status ua_legacy_mysql_url_read(ua_text text, ua_legacy_mysql_url *url_r, ua_error_line *error)
{
  ua_legacy_mysql_url url = {.host = "localhost", .port = "3306"};
  bool good = read_url(text, &url);
  if (good) {
    *url_r = url;
  } else {
    ua_error_line_set(error,
                      "the MySQL URL is malformed: mysql://user:password@host:port/database, special "
                      "characters percent-encoded");
  }
  ua_legacy_mysql_url_wipe(&url);
  return good ? UA_OK : UA_BAD_REQUEST;
}

void ua_legacy_mysql_url_wipe(ua_legacy_mysql_url *url)
{
  explicit_bzero(url, sizeof *url);
}
