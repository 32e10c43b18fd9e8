/* Files of KEY=value lines, as systemd reads an EnvironmentFile (systemd.exec(5)): pure, bytes in, values
 * out.
 *
 * Blanks around key and value are removed. A line that begins with # or ; is a comment. Without quotes, a
 * backslash makes the next character an ordinary one; in double quotes it does so before " \ ` and $ alone;
 * in single quotes nothing is special. A backslash before the end of a line joins the next one, and between
 * quotes a value may go over several lines. Nothing is expanded. Some mistakes that systemd ignores, joins or
 * guesses are refused: a line without "=", a missing quote, text after the closing quote. Line ends may be
 * those of Windows, and a byte order mark is skipped. */
#ifndef UA_BASE_ASSIGNMENT_H
#define UA_BASE_ASSIGNMENT_H

#include <stdio.h>

#include "base/text.h"

typedef struct ua_assignments {
  ua_text rest;
  size_t line; /* the number of the one that `rest` begins with */
  char *room;
} ua_assignments;

/* One assignment, or one line without any. */
typedef struct ua_assignment {
  ua_text key;       /* absent for a comment or an empty line */
  ua_text value;     /* NUL-terminated, until the next is read */
  ua_text source;    /* its line or lines, as they are in the text, with their line ends */
  size_t line;       /* the number of its first line */
  const char *wrong; /* why it is refused, a sentence without any of the text; NULL when it is not */
} ua_assignment;

/* Begins to read `text`, which holds no NUL. `room` is for one value at a time: text.length + 1 bytes. */
void ua_assignments_begin(ua_assignments *self, ua_text text, char *room);

/* Reads the next one; false at the end. After a refused line, the next call continues behind it. */
bool ua_assignments_next(ua_assignments *self, ua_assignment *assignment_r);

/* Writes a line from which this reader, systemd and a shell all read the same value. */
void ua_assignment_put(FILE *out, const char *key, const char *value);

#endif
