#include "base/assignment.h"

#include <string.h>

enum { END = -1 };

/* The characters that a backslash escapes between double quotes. */
static const char escapable[] = "\"\\`$";

static const char not_an_assignment[] = "not KEY=value";

/* A value that is being written. */
typedef struct writer {
  char *at;
  size_t length;
} writer;

static void put(writer *value, int character)
{
  value->at[value->length++] = (char)character;
}

static bool is_blank(int character)
{
  return character == ' ' || character == '\t';
}

static int peek(const ua_assignments *self)
{
  if (self->rest.length == 0) {
    return END;
  }
  return self->rest.data[0] == '\r' ? '\n' : (unsigned char)self->rest.data[0];
}

static void skip_bytes(ua_assignments *self, size_t count)
{
  self->rest = (ua_text){self->rest.data + count, self->rest.length - count};
}

/* The next character, END after the last one. Each of the usual line ends is read as one "\n". */
static int take(ua_assignments *self)
{
  int character = peek(self);
  if (character == END) {
    return END;
  }
  skip_bytes(self, ua_text_starts_with(self->rest, UA_TEXT("\r\n")) ? 2 : 1);
  self->line += character == '\n';
  return character;
}

static void skip_blanks(ua_assignments *self)
{
  while (is_blank(peek(self))) {
    (void)take(self);
  }
}

static void skip_line(ua_assignments *self)
{
  int character = take(self);
  while (character != END && character != '\n') {
    character = take(self);
  }
}

/* For systemd before release 254, a comment that ends in a backslash continues on the next line. */
static const char *read_comment(ua_assignments *self)
{
  bool escaped = false;
  int character = take(self);
  while (character != END && character != '\n') {
    escaped = character == '\\' && !escaped;
    character = take(self);
  }
  return escaped && character == '\n' ? "the comment ends in a backslash, which may hide the next line"
                                      : NULL;
}

/* The bytes up to "=", which it takes; absent if the line has none. */
static ua_text read_key(ua_assignments *self)
{
  ua_text key = {self->rest.data, 0};
  while (peek(self) != '=' && peek(self) != '\n' && peek(self) != END) {
    (void)take(self);
    key.length++;
  }
  if (peek(self) != '=') {
    return UA_TEXT_ABSENT;
  }
  (void)take(self);
  return ua_text_trim(key);
}

static bool is_key(ua_text text)
{
  for (size_t i = 0; i < text.length; i++) {
    char letter = text.data[i];
    bool is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '_';
    if (!is_letter && (i == 0 || letter < '0' || letter > '9')) {
      return false;
    }
  }
  return text.length > 0;
}

/* Whether an unquoted value ends in a quote without a counterpart. */
static bool lacks_quote(const writer *value)
{
  char last = value->length == 0 ? '\0' : value->at[value->length - 1];
  size_t count = 0;
  for (size_t i = 0; i < value->length; i++) {
    count += value->at[i] == last;
  }
  return (last == '"' || last == '\'') && count % 2 == 1;
}

/* Up to the end of the line; trailing blanks do not belong to it, unless a backslash escapes them. */
static const char *read_plain(ua_assignments *self, writer *value)
{
  size_t kept = 0;
  bool ends_escaped = false;
  for (int character = take(self); character != END && character != '\n'; character = take(self)) {
    bool escaped = character == '\\';
    if (escaped) {
      character = take(self);
    }
    if (character == END) {
      return "the last line ends in a backslash";
    }
    if (!escaped || character != '\n') {
      put(value, character);
    }
    if (escaped || !is_blank(character)) {
      kept = value->length;
      ends_escaped = escaped;
    }
  }
  value->length = kept;
  return !ends_escaped && lacks_quote(value) ? "a quote is missing" : NULL;
}

/* Reads from behind the opening quote to the closing one; false if there is none. */
static bool read_quoted(ua_assignments *self, int quote, writer *value)
{
  for (int character = take(self); character != quote; character = take(self)) {
    if (character == END) {
      return false;
    }
    if (quote == '\'' || character != '\\') {
      put(value, character);
      continue;
    }
    character = take(self);
    if (character == END) {
      return false;
    }
    if (strchr(escapable, character) == NULL && character != '\n') {
      put(value, '\\');
    }
    if (character != '\n') {
      put(value, character);
    }
  }
  return true;
}

static const char *read_value(ua_assignments *self, writer *value)
{
  skip_blanks(self);
  if (peek(self) != '"' && peek(self) != '\'') {
    return read_plain(self, value);
  }
  while (peek(self) == '"' || peek(self) == '\'') {
    if (!read_quoted(self, take(self), value)) {
      return "a quote is not closed";
    }
  }
  skip_blanks(self);
  if (peek(self) != '\n' && peek(self) != END) {
    skip_line(self);
    return "there is text behind the closing quote (a comment has a line of its own)";
  }
  (void)take(self);
  return NULL;
}

static const char *read_line(ua_assignments *self, ua_assignment *read)
{
  skip_blanks(self);
  if (peek(self) == '#' || peek(self) == ';') {
    return read_comment(self);
  }
  if (peek(self) == '\n' || peek(self) == END) {
    (void)take(self);
    return NULL;
  }
  ua_text key = read_key(self);
  if (!is_key(key)) {
    skip_line(self);
    return not_an_assignment;
  }
  writer value = {self->room, 0};
  const char *wrong = read_value(self, &value);
  value.at[value.length] = '\0';
  read->key = key;
  read->value = (ua_text){value.at, value.length};
  return wrong == NULL && !ua_text_is_utf8(read->value) ? "the value is not UTF-8" : wrong;
}

void ua_assignments_begin(ua_assignments *self, ua_text text, char *room)
{
  *self = (ua_assignments){.rest = ua_text_without_mark(text), .line = 1, .room = room};
}

bool ua_assignments_next(ua_assignments *self, ua_assignment *assignment_r)
{
  if (self->rest.length == 0) {
    return false;
  }
  ua_assignment read = {.source = self->rest, .line = self->line};
  read.wrong = read_line(self, &read);
  read.source.length -= self->rest.length;
  *assignment_r = read;
  return true;
}

void ua_assignment_put(FILE *out, const char *key, const char *value)
{
  /* Without "~", which a shell replaces by a home directory, also after a ":". */
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.%:/@?=+,[]";
  bool quoted = value[strspn(value, plain)] != '\0';
  (void)fprintf(out, quoted ? "%s=\"" : "%s=", key);
  for (; *value != '\0'; value++) {
    if (strchr(escapable, *value) != NULL) {
      (void)fputc('\\', out);
    }
    (void)fputc(*value, out);
  }
  (void)fputs(quoted ? "\"\n" : "\n", out);
}
