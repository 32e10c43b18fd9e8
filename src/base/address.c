#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static void write_ipv4(const void *bytes, ua_address *address)
{
  (void)inet_ntop(AF_INET, bytes, address->text, sizeof address->text);
}

static void write_ipv6(struct in6_addr *ipv6, ua_address *address)
{
  static const char width[] = "/64";
  if (IN6_IS_ADDR_V4MAPPED(ipv6)) {
    write_ipv4(&ipv6->s6_addr[12], address);
    return;
  }
  memset(&ipv6->s6_addr[8], 0, 8);
  (void)inet_ntop(AF_INET6, ipv6, address->text, sizeof address->text);
  memcpy(address->text + strlen(address->text), width, sizeof width);
}

void ua_address_read(ua_text text, ua_address *address_r)
{
  char plain[INET6_ADDRSTRLEN];
  struct in_addr ipv4;
  struct in6_addr ipv6;
  ua_text part;
  *address_r = (ua_address){""};
  if (!ua_text_split(&text, '%', &part) || part.length >= sizeof plain || ua_text_has_nul(part)) {
    return;
  }
  memcpy(plain, part.data, part.length);
  plain[part.length] = '\0';
  if (text.data == NULL && inet_pton(AF_INET, plain, &ipv4) == 1) {
    write_ipv4(&ipv4, address_r);
  } else if (inet_pton(AF_INET6, plain, &ipv6) == 1) {
    write_ipv6(&ipv6, address_r);
  }
}
