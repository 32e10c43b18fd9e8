/* Writing JSON: compact, keys sorted, UTF-8. Fast if keys are added in order; no caller needs json-c.
 *
 *   ua_json_writer *w = ua_json_writer_create();
 *   ua_json_begin_object(w, NULL);
 *   ua_json_add_text(w, "email", email);
 *   ua_json_begin_array(w, "roles");
 *   …
 *   ua_json_end(w);
 *   ua_json_end(w);
 *   status = ua_json_finish(&w, arena, &text);
 *
 * Errors stick: after the first failure all calls do nothing and ua_json_finish reports it. */
#ifndef UA_JSON_WRITER_H
#define UA_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct ua_json_writer ua_json_writer;

/* NULL when out of memory; every function below takes that NULL and does nothing. */
ua_json_writer *ua_json_writer_create(void);

/* `key` is NULL inside arrays and at the top. Keys are copied. */
void ua_json_begin_object(ua_json_writer *writer, const char *key);
void ua_json_begin_array(ua_json_writer *writer, const char *key);
void ua_json_end(ua_json_writer *writer);
void ua_json_add_text(ua_json_writer *writer, const char *key, ua_text value); /* absent: null */
void ua_json_add_integer(ua_json_writer *writer, const char *key, int64_t value);
void ua_json_add_boolean(ua_json_writer *writer, const char *key, bool value);
void ua_json_add_null(ua_json_writer *writer, const char *key);

/* Serialises the one top-level value into the arena and destroys the writer (sets *writer to NULL).
 * Keys of every object come out sorted by bytes. With `newline` the text ends in one "\n".
 * Lengths are honoured: strings may hold NUL (written as \u0000). Slashes are not escaped.
 * UA_INTERNAL when anything failed on the way or a begin has no end. */
UA_CHECK ua_status ua_json_finish(ua_json_writer **writer, ua_arena *arena, bool newline, ua_text *text_r);

/* Destroys what was not finished, and sets *writer, which may be NULL, to NULL. */
void ua_json_discard(ua_json_writer **writer);

#endif
