#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"
#include "process/listener.h"

enum { DEFAULT_MODE = 0660, LARGEST_MODE = 0777, OPTION_BYTES = 64 };

static ua_status refuse(char *error, size_t error_size, const char *spec, const char *why)
{
  (void)snprintf(error, error_size, "address '%.128s': %s", spec, why);
  return UA_BAD_REQUEST;
}

static bool parse_mode(const char *text, ua_listener_address *address)
{
  size_t length = strlen(text);
  mode_t mode = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '7') {
      return false;
    }
    mode = mode * 8 + (mode_t)(text[i] - '0');
  }
  address->mode = mode;
  return length >= 3 && length <= 4 && mode <= LARGEST_MODE;
}

static bool parse_owner(const char *text, ua_listener_address *address)
{
  uint64_t id = 0;
  if (ua_text_to_uint(ua_text_of(text), UINT32_MAX - 1, &id)) {
    address->owner = (uid_t)id;
    return true;
  }
  const struct passwd *user = getpwnam(text);
  if (user == NULL) {
    return false;
  }
  address->owner = user->pw_uid;
  return true;
}

static bool parse_group(const char *text, ua_listener_address *address)
{
  uint64_t id = 0;
  if (ua_text_to_uint(ua_text_of(text), UINT32_MAX - 1, &id)) {
    address->group = (gid_t)id;
    return true;
  }
  const struct group *group = getgrnam(text);
  if (group == NULL) {
    return false;
  }
  address->group = group->gr_gid;
  return true;
}

static const struct {
  const char *name;
  bool (*parse)(const char *text, ua_listener_address *address);
  const char *wrong;
} unix_options[] = {
    {"mode=", parse_mode, "mode is three or four octal digits up to 0777"},
    {"owner=", parse_owner, "no such owner"},
    {"group=", parse_group, "no such group"},
};

/* NULL when `option` is understood, else what is wrong with it. */
static const char *parse_unix_option(ua_text option, ua_listener_address *address)
{
  for (size_t i = 0; i < sizeof(unix_options) / sizeof(unix_options[0]); i++) {
    ua_text name = ua_text_of(unix_options[i].name);
    if (!ua_text_starts_with(option, name)) {
      continue;
    }
    char value[OPTION_BYTES];
    size_t length = option.length - name.length;
    if (length >= sizeof(value)) {
      return unix_options[i].wrong;
    }
    memcpy(value, option.data + name.length, length);
    value[length] = '\0';
    return unix_options[i].parse(value, address) ? NULL : unix_options[i].wrong;
  }
  return "only mode=, owner= and group= may follow the path";
}

static const char *parse_unix(ua_text rest, ua_listener_address *address)
{
  struct sockaddr_un *target = (struct sockaddr_un *)&address->address;
  ua_text part;
  if (!ua_text_split(&rest, ',', &part) || part.length < 2 || part.data[0] != '/') {
    return "the path of a unix socket begins with /";
  }
  if (part.length >= sizeof(target->sun_path)) {
    return "the path is too long for a unix socket (107 bytes)";
  }
  target->sun_family = AF_UNIX;
  memcpy(target->sun_path, part.data, part.length);
  address->length = sizeof(*target);
  const char *wrong = NULL;
  while (wrong == NULL && ua_text_split(&rest, ',', &part)) {
    wrong = parse_unix_option(part, address);
  }
  return wrong;
}

static const char *parse_inet(ua_text spec, ua_listener_address *address)
{
  static const char wanted[] = "not unix:/path, 127.0.0.1:PORT or [::1]:PORT";
  size_t colon = spec.length;
  while (colon > 0 && spec.data[colon - 1] != ':') {
    colon--;
  }
  uint64_t port = 0;
  if (colon == 0 || !ua_text_to_uint((ua_text){spec.data + colon, spec.length - colon}, UINT16_MAX, &port) ||
      port == 0) {
    return wanted;
  }
  ua_text host = {spec.data, colon - 1};
  bool six = host.length > 2 && host.data[0] == '[' && host.data[host.length - 1] == ']';
  if (six) {
    host = (ua_text){host.data + 1, host.length - 2};
  }
  char text[INET6_ADDRSTRLEN];
  if (host.length >= sizeof(text)) {
    return wanted;
  }
  memcpy(text, host.data, host.length);
  text[host.length] = '\0';
  if (six) {
    struct sockaddr_in6 *target = (struct sockaddr_in6 *)&address->address;
    target->sin6_family = AF_INET6;
    target->sin6_port = htons((uint16_t)port);
    address->length = sizeof(*target);
    return inet_pton(AF_INET6, text, &target->sin6_addr) == 1 ? NULL : wanted;
  }
  struct sockaddr_in *target = (struct sockaddr_in *)&address->address;
  target->sin_family = AF_INET;
  target->sin_port = htons((uint16_t)port);
  address->length = sizeof(*target);
  return inet_pton(AF_INET, text, &target->sin_addr) == 1 ? NULL : wanted;
}

ua_status ua_process_listener_parse(const char *spec, ua_listener_address *address_r, char *error,
                                    size_t error_size)
{
  ua_listener_address address = {.mode = DEFAULT_MODE, .owner = (uid_t)-1, .group = (gid_t)-1};
  ua_text text = ua_text_of(spec);
  ua_text prefix = UA_TEXT("unix:");
  const char *wrong = NULL;
  if (ua_text_starts_with(text, prefix)) {
    wrong = parse_unix((ua_text){text.data + prefix.length, text.length - prefix.length}, &address);
  } else {
    wrong = parse_inet(text, &address);
  }
  if (wrong != NULL) {
    return refuse(error, error_size, spec, wrong);
  }
  *address_r = address;
  return UA_OK;
}

ua_status ua_process_listener_check(const char *spec, char *error, size_t error_size)
{
  ua_listener_address address;
  return ua_process_listener_parse(spec, &address, error, error_size);
}
