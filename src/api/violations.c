#include "api/violations.h"

#include <stdio.h>

static bool is_first_of_its_field(const ua_violations *violations, size_t index)
{
  for (size_t i = 0; i < index; i++) {
    if (ua_text_equal(violations->list[i].field, violations->list[index].field)) {
      return false;
    }
  }
  return true;
}

/* Writes the message, of a field of an object or of the whole object. */
static void write_sentence(ua_json_writer *writer, const ua_violation *violation)
{
  if (violation->item_field == NULL) {
    ua_json_add_text(writer, NULL, violation->sentence);
    return;
  }
  ua_json_begin_object(writer, NULL);
  ua_json_begin_array(writer, violation->item_field);
  ua_json_add_text(writer, NULL, violation->sentence);
  ua_json_end(writer);
  ua_json_end(writer);
}

static void write_item(ua_json_writer *writer, const ua_violation *violation)
{
  char key[24];
  (void)snprintf(key, sizeof key, "%ld", violation->item);
  ua_json_begin_array(writer, key);
  write_sentence(writer, violation);
  ua_json_end(writer);
}

/* Writes the messages about the field of violation `first`, then one object with those about items of its
 * list. */
static void write_field(ua_json_writer *writer, const ua_violations *violations, size_t first)
{
  ua_text field = violations->list[first].field;
  bool in_items = false;
  for (size_t i = first; i < violations->count; i++) {
    const ua_violation *violation = &violations->list[i];
    if (!ua_text_equal(violation->field, field)) {
      continue;
    }
    if (violation->item < 0) {
      write_sentence(writer, violation);
      continue;
    }
    if (!in_items) {
      ua_json_begin_object(writer, NULL);
      in_items = true;
    }
    write_item(writer, violation);
  }
  if (in_items) {
    ua_json_end(writer);
  }
}

void ua_api_violations_write(ua_arena *arena, ua_json_writer *writer, const char *key,
                             const ua_violations *violations)
{
  ua_json_begin_object(writer, key);
  for (size_t i = 0; i < violations->count; i++) {
    ua_text name = ua_arena_copy(arena, violations->list[i].field);
    if (name.data == NULL || !is_first_of_its_field(violations, i)) {
      continue;
    }
    ua_json_begin_array(writer, name.data);
    write_field(writer, violations, i);
    ua_json_end(writer);
  }
  ua_json_end(writer);
}
