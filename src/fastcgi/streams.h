/* The one file that knows libfcgi. Its streams pass a body to the application and put an answer into records.
 * The callbacks that fill and empty them are ours, so libfcgi never sees a byte that the record reader has
 * not checked. */
#ifndef UA_FASTCGI_STREAMS_H
#define UA_FASTCGI_STREAMS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Copies a body into the arena, as FCGX_GetStr reads it. Absent when memory is exhausted. */
ua_text ua_fastcgi_streams_read(ua_arena *arena, ua_text body);

/* All that is sent for an answer, as FCGX_PutStr writes it: STDOUT records, the empty one at their end,
 * END_REQUEST (FastCGI specification sections 5.3 and 5.5). UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_fastcgi_streams_write(ua_arena *arena, uint16_t request_id, ua_text answer,
                                            ua_text *records_r);

#endif
