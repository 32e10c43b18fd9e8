/* The record reader: the bytes that a web server, or any other client of the socket, sends on one connection
 * become one request (FastCGI specification sections 3 to 5). Pure and incremental: the same bytes give the
 * same result, in whatever pieces they come. Every bound of limits.h is checked before memory is taken, and
 * memory grows with the bytes that have arrived, never with announced lengths.
 *
 * Padding and the reserved bytes are ignored. Records of requests that are not active are ignored, as section
 * 3.3 asks. GET_VALUES and unknown management records are answered, a second request on the connection is
 * refused with FCGI_CANT_MPX_CONN, and an unsupported role is refused with FCGI_UNKNOWN_ROLE. */
#ifndef UA_FASTCGI_RECORDS_H
#define UA_FASTCGI_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fastcgi/buffer.h"
#include "fastcgi/params.h"
#include "http/input.h"

enum {
  UA_RECORDS_MAX_REPLIES = 8, /* queries on a connection in addition to its request */
  UA_RECORDS_REPLY_BYTES = 64 /* the longest of those replies */
};

typedef enum ua_records_outcome {
  UA_RECORDS_ENDED = 0, /* no request will come: close, once `reply` is sent; `reason` says why */
  UA_RECORDS_MORE,      /* not whole yet */
  UA_RECORDS_WHOLE      /* `input` is a request, or an incomplete one that has to be refused */
} ua_records_outcome;

typedef enum ua_records_phase {
  UA_RECORDS_BEGIN = 0, /* until BEGIN_REQUEST */
  UA_RECORDS_PARAMS,
  UA_RECORDS_STDIN,
  UA_RECORDS_DONE /* the outcome stays what it is */
} ua_records_phase;

/* The state of one connection. Zeroed except for `body_limit`, it is at its beginning. */
typedef struct ua_records {
  size_t body_limit; /* bytes of a request's body */

  /* results */
  ua_input input;     /* once whole; refers to the members below */
  uint16_t id;        /* of the request, once it has begun */
  bool unread;        /* whole, but the peer may still be sending */
  const char *reason; /* once ended: a literal for the log */
  unsigned char reply[UA_RECORDS_MAX_REPLIES * UA_RECORDS_REPLY_BYTES];
  size_t reply_length; /* bytes to be sent now; the caller sets it to 0 when they are */

  /* private */
  ua_records_phase phase;
  ua_records_outcome outcome; /* in the phase DONE */
  unsigned char header[8];
  size_t header_length;
  size_t content_left;
  size_t padding_left;
  unsigned char small[8]; /* BEGIN_REQUEST's content */
  size_t small_length;
  size_t replies;
  size_t stdin_limit; /* of kept bytes: one more is too many */
  bool stdin_known;   /* the limit is CONTENT_LENGTH */
  ua_params asked;    /* names of a GET_VALUES record */
  ua_params params;
  ua_buffer body;
} ua_records;

/* Takes the next bytes. *used_r says how many belong to the request: all of them, unless it is whole. Once
 * the outcome is not UA_RECORDS_MORE it stays the same, and no byte is used. */
UA_CHECK ua_records_outcome ua_fastcgi_records_add(ua_records *records, const unsigned char *bytes,
                                                   size_t length, size_t *used_r);

/* Bytes of memory that the received bytes occupy. */
size_t ua_fastcgi_records_bytes(const ua_records *records);

/* Wipes the received bytes and begins again, for another connection. Keeps a little memory for it. */
void ua_fastcgi_records_reset(ua_records *records);

/* Wipes and frees everything. */
void ua_fastcgi_records_free(ua_records *records);

#endif
