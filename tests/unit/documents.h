/* The validation errors of a document, or of arguments. */
#ifndef UA_TESTS_UNIT_DOCUMENTS_H
#define UA_TESTS_UNIT_DOCUMENTS_H

#include "api/documents.h"
#include "api/violations.h"
#include "unit.h"

static inline int open_arena(void **state)
{
  *state = ua_arena_create(4096, 1 << 22);
  return *state == NULL;
}

static inline int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

/* The payload of validation errors, "" if there are none. */
static inline const char *errors_of(ua_arena *arena, ua_status status, const ua_violations *violations)
{
  ua_text text;
  if (status == UA_OK) {
    return "";
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_api_violations_write(arena, writer, "payload", violations);
  ua_json_end(writer);
  assert_int_equal(ua_json_finish(&writer, arena, false, &text), UA_OK);
  return text.data;
}

static inline const char *errors_in_document(ua_arena *arena, const ua_document_schema *schema,
                                             const ua_document_rules *by, const char *json,
                                             ua_document *document)
{
  ua_violations violations = {0};
  ua_json_value value;
  assert_int_equal(ua_json_parse(arena, ua_text_of(json), &value), UA_OK);
  ua_status status = ua_api_document_read(arena, schema, by, &value, document, &violations);
  assert_true(status == UA_OK || status == UA_WRONG_DOCUMENT);
  return errors_of(arena, status, &violations);
}

/* The errors in arguments of the list of users. */
static inline const char *errors_in_arguments(ua_arena *arena, const ua_document_rules *by, const char *query,
                                              ua_document *document)
{
  ua_violations violations = {0};
  ua_argument *arguments;
  size_t count;
  assert_int_equal(ua_http_uri_parse_query(arena, ua_text_of(query), &arguments, &count), UA_OK);
  ua_status status =
      ua_api_arguments_read(arena, &ua_arguments_list_users, by, arguments, count, document, &violations);
  assert_true(status == UA_OK || status == UA_WRONG_ARGS);
  return errors_of(arena, status, &violations);
}

#endif
