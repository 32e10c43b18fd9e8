/* One JSON object a line on stderr. Never a secret, a token, a password or a query value. */
#ifndef UA_BASE_LOG_H
#define UA_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

typedef enum ua_log_level {
  UA_LOG_DEBUG,
  UA_LOG_INFO,
  UA_LOG_WARN,
  UA_LOG_ERROR,
  UA_LOG_SILENT /* no line has this level: for programs that report errors in another way */
} ua_log_level;

typedef struct ua_log_field {
  const char *name; /* a literal */
  enum { UA_LOG_TEXT, UA_LOG_INTEGER } type;
  ua_text text;
  int64_t integer;
} ua_log_field;

/* Fields. Values from clients are escaped, and cut at 256 bytes. */
#define UA_EVENT(literal) ua_log_str("event", (literal))
ua_log_field ua_log_str(const char *name, const char *value); /* NULL is written as null */
ua_log_field ua_log_text(const char *name, ua_text value);
ua_log_field ua_log_int(const char *name, int64_t value);

/* ua_log(UA_LOG_WARN, UA_EVENT("worker died"), ua_log_int("pid", pid));
 * Written with a single write(2), so that lines of several processes do not mix; adds "time"
 * (RFC 3339, UTC, milliseconds), "level", "pid" and, within a request, "request_id". A line for which there
 * is no room is dropped (base/log_sink.h); the next line that is written has "dropped", the number of dropped
 * lines of its process. */
#define ua_log(level, ...)                                   \
  ua_log_write((level), (const ua_log_field[]){__VA_ARGS__}, \
               sizeof((const ua_log_field[]){__VA_ARGS__}) / sizeof(ua_log_field))

void ua_log_write(ua_log_level level, const ua_log_field *fields, size_t count);

/* Lines below `level` are not written. The default is UA_LOG_INFO. */
void ua_log_set_level(ua_log_level level);

/* The id that all following lines carry; absent text for none. At most 128 bytes, copied. */
void ua_log_set_request_id(ua_text id);

#endif
