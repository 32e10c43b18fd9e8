/* One line about a failure, for an operator. Never holds a password. */
#ifndef UA_BASE_ERROR_LINE_H
#define UA_BASE_ERROR_LINE_H

typedef struct ua_error_line {
  char text[480]; /* without a newline; "" for none */
} ua_error_line;

/* Replaces the line by a new one; control characters become blanks. */
__attribute__((format(printf, 2, 3))) void ua_error_line_set(ua_error_line *error, const char *format, ...);

/* Puts "<text>: " (of at most 160 bytes) before the existing text. */
__attribute__((format(printf, 2, 3))) void ua_error_line_prefix(ua_error_line *error, const char *format,
                                                                ...);

#endif
