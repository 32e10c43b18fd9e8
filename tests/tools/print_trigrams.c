/* Reads patterns, one per line, and prints the trigrams of each as a search sends them to the database. */
#include <stdio.h>
#include <stdlib.h>

#include "store/trigrams.h"

int main(void)
{
  ua_arena *arena = ua_arena_create(4096, 1 << 20);
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  while ((length = getline(&line, &size, stdin)) > 0) {
    ua_text array;
    size_t end = (size_t)length - (line[length - 1] == '\n' ? 1 : 0);
    if (ua_store_trigrams_read(arena, (ua_text){line, end}, &array) != UA_OK) {
      return 1;
    }
    (void)printf("%s\n", array.data);
    ua_arena_reset(arena);
  }
  free(line);
  ua_arena_destroy(&arena);
  return 0;
}
