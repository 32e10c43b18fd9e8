#include "fastcgi/frames.h"

#include <fastcgi.h>
#include <string.h>

unsigned char *ua_fastcgi_frame_header(unsigned char *out, unsigned char type, uint16_t request_id,
                                       size_t length)
{
  const unsigned char header[UA_FRAME_HEADER_BYTES] = {FCGI_VERSION_1,
                                                       type,
                                                       (unsigned char)(request_id >> 8),
                                                       (unsigned char)(request_id & 0xFF),
                                                       (unsigned char)(length >> 8),
                                                       (unsigned char)(length & 0xFF)};
  return mempcpy(out, header, sizeof header);
}

unsigned char *ua_fastcgi_frame_end(unsigned char *out, uint16_t request_id, unsigned char protocol_status)
{
  const unsigned char body[sizeof(FCGI_EndRequestBody)] = {0, 0, 0, 0, protocol_status};
  out = ua_fastcgi_frame_header(out, FCGI_END_REQUEST, request_id, sizeof body);
  return mempcpy(out, body, sizeof body);
}
