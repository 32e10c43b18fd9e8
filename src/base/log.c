#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/log_sink.h"

enum { MAX_VALUE = 256 };

static const char ending[] = "}\n";
static const char cut_ending[] = ",\"truncated\":true}\n";

static const char *const level_names[] = {
    [UA_LOG_DEBUG] = "debug", [UA_LOG_INFO] = "info", [UA_LOG_WARN] = "warn", [UA_LOG_ERROR] = "error"};

static ua_log_level lowest_level = UA_LOG_INFO;
static char request_id_bytes[UA_MAX_REQUEST_ID_BYTES];
static ua_text request_id;

typedef struct line {
  char bytes[UA_LOG_LINE_BYTES];
  size_t length;
  bool full;
} line;

/* Keeps room for the end, so that a line stays valid JSON when something is left out. */
static void append(line *to, ua_text text)
{
  if (text.length > UA_LOG_LINE_BYTES - sizeof cut_ending - to->length) {
    to->full = true;
  } else if (text.length > 0) {
    memcpy(to->bytes + to->length, text.data, text.length);
    to->length += text.length;
  }
}

/* How many bytes at the front of `text` are ASCII characters that need no escape. */
static size_t plain_length(ua_text text)
{
  size_t length = 0;
  while (length < text.length && text.data[length] >= ' ' && text.data[length] <= '~' &&
         text.data[length] != '"' && text.data[length] != '\\') {
    length++;
  }
  return length;
}

/* Control characters, C1 and DEL included, would control a terminal; bytes that are not UTF-8 would make the
 * line invalid JSON. Returns how many bytes the first character of `text` has. */
static size_t append_character(line *to, ua_text text)
{
  static const char hex[] = "0123456789abcdef";
  size_t length = ua_text_utf8_sequence(text);
  unsigned char first = (unsigned char)text.data[0];
  unsigned char control = length == 2 && first == 0xC2 ? (unsigned char)text.data[1] : first;
  if (length == 0) {
    append(to, UA_TEXT("\\ufffd"));
    length = 1;
  } else if (first == '"' || first == '\\') {
    append(to, (ua_text){(const char[]){'\\', text.data[0]}, 2});
  } else if (length <= 2 && (ua_text_is_control((char)control) || (control >= 0x80 && control < 0xA0))) {
    append(to, (ua_text){(const char[]){'\\', 'u', '0', '0', hex[control >> 4], hex[control & 15]}, 6});
  } else {
    append(to, (ua_text){text.data, length});
  }
  return length;
}

static void append_escaped(line *to, ua_text text)
{
  if (text.length > MAX_VALUE) {
    text.length = MAX_VALUE;
  }
  while (text.length > 0) {
    size_t length = plain_length(text);
    if (length > 0) {
      append(to, (ua_text){text.data, length});
    } else {
      length = append_character(to, text);
    }
    text.data += length;
    text.length -= length;
  }
}

static void append_text(line *to, ua_text value)
{
  if (value.data == NULL) {
    append(to, UA_TEXT("null"));
    return;
  }
  append(to, UA_TEXT("\""));
  append_escaped(to, value);
  append(to, UA_TEXT("\""));
}

static void append_integer(line *to, int64_t value)
{
  char digits[UA_DECIMAL_BYTES];
  append(to, ua_text_of_integer(value, digits));
}

/* A field that does not fit is left out whole. */
static void append_field(line *to, const ua_log_field *field)
{
  size_t before = to->length;
  bool full = to->full;
  to->full = false;
  append(to, UA_TEXT(",\""));
  append_escaped(to, ua_text_of(field->name));
  append(to, UA_TEXT("\":"));
  if (field->type == UA_LOG_INTEGER) {
    append_integer(to, field->integer);
  } else {
    append_text(to, field->text);
  }
  if (to->full) {
    to->length = before;
  }
  to->full = to->full || full;
}

/* "2026-11-26T09:15:02", made once a second. */
static ua_text seconds_of(time_t time)
{
  static char text[80];
  static time_t made_for;
  static int length;
  if (length == 0 || time != made_for) {
    struct tm utc = {0};
    gmtime_r(&time, &utc);
    length = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", utc.tm_year + 1900, utc.tm_mon + 1,
                      utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    made_for = time;
  }
  return (ua_text){text, (size_t)length};
}

static void begin(line *to, ua_log_level level)
{
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  int ms = (int)(now.tv_nsec / 1000000);
  const char fraction[] = {'.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10)};
  to->length = 0;
  to->full = false;
  append(to, UA_TEXT("{\"time\":\""));
  append(to, seconds_of(now.tv_sec));
  append(to, (ua_text){fraction, sizeof fraction});
  append(to, UA_TEXT("Z\",\"level\":\""));
  append(to, ua_text_of(level_names[level]));
  append(to, UA_TEXT("\",\"pid\":"));
  append_integer(to, ua_log_sink_pid());
}

ua_log_field ua_log_str(const char *name, const char *value)
{
  return ua_log_text(name, ua_text_of(value));
}

ua_log_field ua_log_text(const char *name, ua_text value)
{
  return (ua_log_field){.name = name, .type = UA_LOG_TEXT, .text = value};
}

ua_log_field ua_log_int(const char *name, int64_t value)
{
  return (ua_log_field){.name = name, .type = UA_LOG_INTEGER, .integer = value};
}

void ua_log_write(ua_log_level level, const ua_log_field *fields, size_t count)
{
  if (level < lowest_level || (unsigned)level > UA_LOG_ERROR) {
    return;
  }
  int saved_errno = errno;
  line out;
  begin(&out, level);
  if (ua_log_sink_dropped() > 0) {
    ua_log_field dropped = ua_log_int("dropped", ua_log_sink_dropped());
    append_field(&out, &dropped);
  }
  if (request_id.data != NULL) {
    ua_log_field id = ua_log_text("request_id", request_id);
    append_field(&out, &id);
  }
  for (size_t i = 0; i < count; i++) {
    append_field(&out, &fields[i]);
  }
  ua_text end = out.full ? UA_TEXT(cut_ending) : UA_TEXT(ending);
  memcpy(out.bytes + out.length, end.data, end.length);
  out.length += end.length;
  ua_log_sink_write(out.bytes, out.length);
  errno = saved_errno;
}

void ua_log_set_level(ua_log_level level)
{
  lowest_level = level;
}

void ua_log_set_request_id(ua_text id)
{
  request_id = UA_TEXT_ABSENT;
  if (id.data == NULL) {
    return;
  }
  size_t length = id.length < UA_MAX_REQUEST_ID_BYTES ? id.length : UA_MAX_REQUEST_ID_BYTES;
  if (length > 0) {
    memmove(request_id_bytes, id.data, length);
  }
  request_id = (ua_text){request_id_bytes, length};
}
