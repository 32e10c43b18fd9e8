#include "store/trigrams.h"

#include <stdbool.h>
#include <string.h>

enum { CHARACTERS = 3, MAX_CHARACTER_BYTES = 4 };

/* "%abc%", with its quotes and a comma. */
enum { MAX_ITEM_BYTES = CHARACTERS * MAX_CHARACTER_BYTES + 5 };

/* The last characters that were read. */
typedef struct window {
  const char *start[CHARACTERS];
  size_t count;
} window;

static bool is_in_trigrams(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (unsigned char)c >= 0x80;
}

/* True if it holds as many characters as a trigram has. */
static bool slide(window *w, const char *character)
{
  if (w->count == CHARACTERS) {
    memmove(w->start, w->start + 1, sizeof w->start - sizeof w->start[0]);
    w->count--;
  }
  w->start[w->count++] = character;
  return w->count == CHARACTERS;
}

static size_t add(char *out, bool is_first, ua_text trigram)
{
  size_t used = 0;
  if (!is_first) {
    out[used++] = ',';
  }
  memcpy(out + used, "\"%", 2);
  memcpy(out + used + 2, trigram.data, trigram.length);
  memcpy(out + used + 2 + trigram.length, "%\"", 2);
  return used + trigram.length + 4;
}

ua_status ua_store_trigrams_read(ua_arena *arena, ua_text pattern, ua_text *array_r)
{
  char text[2 + UA_MAX_TRIGRAMS * MAX_ITEM_BYTES];
  size_t used = 0;
  size_t found = 0;
  window w = {.count = 0};
  ua_text rest = pattern;
  if (pattern.data == NULL) {
    *array_r = UA_TEXT_ABSENT;
    return UA_OK;
  }
  text[used++] = '{';
  while (rest.length > 0 && found < UA_MAX_TRIGRAMS) {
    size_t step = ua_text_utf8_sequence(rest);
    if (step == 0 || !is_in_trigrams(rest.data[0])) {
      w.count = 0;
      step = step == 0 ? 1 : step;
    } else if (slide(&w, rest.data)) {
      ua_text trigram = {w.start[0], (size_t)(rest.data + step - w.start[0])};
      used += add(text + used, found++ == 0, trigram);
    }
    rest = (ua_text){rest.data + step, rest.length - step};
  }
  text[used++] = '}';
  *array_r = ua_arena_copy(arena, (ua_text){text, used});
  return array_r->data == NULL ? UA_INTERNAL : UA_OK;
}
