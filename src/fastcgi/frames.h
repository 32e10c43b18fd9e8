/* Records that we send: their headers, and the one that ends a request (FastCGI specification sections 3.3
 * and 5.5). Pure. */
#ifndef UA_FASTCGI_FRAMES_H
#define UA_FASTCGI_FRAMES_H

#include <stddef.h>
#include <stdint.h>

enum { UA_FRAME_HEADER_BYTES = 8, UA_FRAME_END_BYTES = 16 };

/* Writes the header of a record of `type` (an FCGI_… constant of libfcgi's fastcgi.h) for `length` bytes, at
 * most 65535, without padding; returns the byte behind it. */
unsigned char *ua_fastcgi_frame_header(unsigned char *out, unsigned char type, uint16_t request_id,
                                       size_t length);

/* Writes a whole END_REQUEST with that protocol status (FCGI_REQUEST_COMPLETE, …); returns the byte behind
 * it. */
unsigned char *ua_fastcgi_frame_end(unsigned char *out, uint16_t request_id, unsigned char protocol_status);

#endif
