/* Reading ends. Every byte belongs to exactly one line. No value is longer than its line. A value can be
 * written and read back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assignment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const ua_assignment *read)
{
  char *written = NULL;
  size_t length = 0;
  ua_assignments self;
  ua_assignment again;
  FILE *out = open_memstream(&written, &length);
  if (out == NULL) {
    return;
  }
  ua_assignment_put(out, "K", read->value.data);
  (void)fclose(out);
  char *room = malloc(length + 1);
  ua_assignments_begin(&self, (ua_text){written, length}, room);
  if (room != NULL && (!ua_assignments_next(&self, &again) || again.wrong != NULL ||
                       !ua_text_equal(again.value, read->value) || again.source.length != length)) {
    abort();
  }
  free(room);
  free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ua_text text = {(const char *)data, size};
  ua_text left = ua_text_without_mark(text);
  ua_assignments self;
  ua_assignment read;
  char *room = malloc(size + 1);
  if (room == NULL || ua_text_has_nul(text)) {
    free(room);
    return 0;
  }
  ua_assignments_begin(&self, text, room);
  while (ua_assignments_next(&self, &read)) {
    if (read.source.data != left.data || read.source.length == 0 || read.source.length > left.length ||
        read.value.length > read.source.length) {
      abort();
    }
    left = (ua_text){left.data + read.source.length, left.length - read.source.length};
    if (read.key.data != NULL && read.wrong == NULL) {
      write_and_read(&read);
    }
  }
  if (left.length != 0) {
    abort();
  }
  free(room);
  return 0;
}
