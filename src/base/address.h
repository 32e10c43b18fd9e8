/* The address of a client in the form in which failed logins are counted. Pure. */
#ifndef UA_BASE_ADDRESS_H
#define UA_BASE_ADDRESS_H

#include "base/text.h"

enum { UA_ADDRESS_BYTES = 64 };

/* "203.0.113.9"; "2001:db8:1:2::/64"; "" for none. */
typedef struct ua_address {
  char text[UA_ADDRESS_BYTES];
} ua_address;

/* An IPv4 address stays as it is; an IPv4-mapped one (RFC 4291 section 2.5.5.2) becomes IPv4. Any other IPv6
 * address becomes its /64, which one subscriber gets, without its zone (RFC 4007). Each address has one
 * spelling. Anything else, such as "unix:", a name or an address with a port, gives none. */
void ua_address_read(ua_text text, ua_address *address_r);

#endif
