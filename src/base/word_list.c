#include "base/word_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/normal_form.h"

/* The words are stored one after the other, each with a final NUL; `start` has their positions, in order. */
struct ua_word_list {
  char *words;
  size_t used;
  size_t size;
  uint32_t *start;
  size_t count;
};

static ua_text word_at(const ua_word_list *list, uint32_t start)
{
  return ua_text_of(list->words + start);
}

static int compare(const void *a, const void *b, void *list)
{
  return ua_text_compare(word_at(list, *(const uint32_t *)a), word_at(list, *(const uint32_t *)b));
}

/* Makes room for so many more bytes. */
static ua_status grow(ua_word_list *list, size_t bytes)
{
  size_t size = list->size;
  while (size - list->used < bytes) {
    size *= 2;
  }
  char *words = size == list->size ? list->words : realloc(list->words, size);
  if (words == NULL || size > UINT32_MAX) {
    list->words = words == NULL ? list->words : words;
    return UA_INTERNAL;
  }
  list->words = words;
  list->size = size;
  return UA_OK;
}

static ua_status add(ua_word_list *list, ua_text word)
{
  ua_normal_form form;
  ua_status status = ua_normal_form_folded(word, &form);
  if (status != UA_OK) {
    return status;
  }
  status = grow(list, form.length + 1);
  if (status == UA_OK) {
    memcpy(list->words + list->used, form.bytes, form.length + 1);
    list->start[list->count++] = (uint32_t)list->used;
    list->used += form.length + 1;
  }
  ua_normal_form_clear(&form);
  return status;
}

static size_t count_lines(ua_text lines)
{
  size_t count = 0;
  ua_text line;
  while (ua_text_split(&lines, '\n', &line)) {
    count++;
  }
  return count;
}

static ua_status fill(ua_word_list *list, ua_text lines, size_t *line_r)
{
  ua_text line;
  for (size_t number = 1; ua_text_split(&lines, '\n', &line); number++) {
    line.length -= line.length > 0 && line.data[line.length - 1] == '\r';
    ua_status status = line.length == 0 ? UA_OK : add(list, line);
    if (status != UA_OK) {
      *line_r = number;
      return status;
    }
  }
  *line_r = 0;
  return list->count == 0 ? UA_BAD_REQUEST : UA_OK;
}

ua_status ua_word_list_create(ua_text lines, ua_word_list **list_r, size_t *line_r)
{
  enum { FIRST_BYTES = 4096 };
  ua_word_list *list = calloc(1, sizeof *list);
  ua_status status = UA_INTERNAL;
  if (list == NULL) {
    return status;
  }
  list->words = malloc(FIRST_BYTES);
  list->size = FIRST_BYTES;
  list->start = calloc(count_lines(lines) + 1, sizeof *list->start);
  if (list->words != NULL && list->start != NULL) {
    status = fill(list, lines, line_r);
  }
  if (status != UA_OK) {
    ua_word_list_destroy(&list);
    return status;
  }
  qsort_r(list->start, list->count, sizeof *list->start, compare, list);
  *list_r = list;
  return UA_OK;
}

ua_status ua_word_list_load(const char *path, ua_word_list **list_r, ua_error_line *error)
{
  ua_file file;
  size_t line = 0;
  ua_status status = ua_file_read_large(path, UA_FILE_WAIT_SECONDS, UA_WORD_LIST_MAX_BYTES, &file, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_word_list_create(ua_file_text(&file), list_r, &line);
  ua_file_clear(&file);
  if (status == UA_BAD_REQUEST && line == 0) {
    ua_error_line_set(error, "'%.256s' is empty: it has to hold one word a line", path);
  } else if (status == UA_BAD_REQUEST) {
    ua_error_line_set(error, "'%.256s' line %zu is not UTF-8", path, line);
  } else if (status != UA_OK) {
    ua_error_line_set(error, "no memory for '%.256s'", path);
  }
  return status;
}

bool ua_word_list_has(const ua_word_list *list, ua_text folded)
{
  size_t first = 0;
  size_t end = list->count;
  while (first < end) {
    size_t middle = first + (end - first) / 2;
    int order = ua_text_compare(folded, word_at(list, list->start[middle]));
    if (order == 0) {
      return true;
    }
    if (order < 0) {
      end = middle;
    } else {
      first = middle + 1;
    }
  }
  return false;
}

void ua_word_list_destroy(ua_word_list **list)
{
  if (*list != NULL) {
    free((*list)->words);
    free((*list)->start);
    free(*list);
    *list = NULL;
  }
}
