/* Prints the table of SQL as JSON, for the test that runs every entry on a real database. */
#include <stdio.h>

#include "json/writer.h"
#include "store/statements.h"

static const char *const reaches[] = {[UA_STATEMENT_SHARED] = "shared",
                                      [UA_STATEMENT_BOUND] = "bound",
                                      [UA_STATEMENT_RESOLVES] = "resolves",
                                      [UA_STATEMENT_COUNTS] = "counts",
                                      [UA_STATEMENT_EVENTS] = "events"};

int main(void)
{
  ua_arena *arena = ua_arena_create(4096, 1 << 20);
  ua_text text;
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_array(writer, NULL);
  for (int i = 0; i < UA_STATEMENT_COUNT; i++) {
    const ua_statement_row *row = ua_store_statement_get((ua_statement)i);
    ua_json_begin_object(writer, NULL);
    ua_json_add_boolean(writer, "control", row->kind == UA_STATEMENT_CONTROL);
    ua_json_add_integer(writer, "customer", row->customer);
    ua_json_add_text(writer, "reach", ua_text_of(reaches[row->reach]));
    ua_json_add_text(writer, "name", ua_text_of(row->name));
    ua_json_add_text(writer, "sql", ua_text_of(row->sql));
    ua_json_end(writer);
  }
  ua_json_end(writer);
  if (ua_json_finish(&writer, arena, true, &text) != UA_OK) {
    return 1;
  }
  (void)fwrite(text.data, 1, text.length, stdout);
  ua_arena_destroy(&arena);
  return 0;
}
