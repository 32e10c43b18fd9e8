/* A list of texts, one a line, with case-insensitive lookup (base/normal_form.h). */
#ifndef UA_BASE_WORD_LIST_H
#define UA_BASE_WORD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/error_line.h"
#include "base/text.h"

enum { UA_WORD_LIST_MAX_BYTES = 16 * 1024 * 1024 /* of the file */ };

typedef struct ua_word_list ua_word_list;

/* Makes a list from lines that end in "\n" or "\r\n". Empty lines are skipped; blanks in other lines are
 * kept. UA_BAD_REQUEST for a line that is not UTF-8, with its number in *line_r, and if there is no line (0);
 * UA_INTERNAL when out of memory. */
UA_CHECK ua_status ua_word_list_create(ua_text lines, ua_word_list **list_r, size_t *line_r);

/* The same from a file of at most UA_WORD_LIST_MAX_BYTES; `error` describes any mistake. UA_UNAVAILABLE when
 * the file cannot be read. */
UA_CHECK ua_status ua_word_list_load(const char *path, ua_word_list **list_r, ua_error_line *error);

/* Whether a text that is folded already is in the list. */
bool ua_word_list_has(const ua_word_list *list, ua_text folded);

/* Frees it, and sets *list to NULL. Does nothing for NULL. */
void ua_word_list_destroy(ua_word_list **list);

#endif
