#include <stdio.h>
#include <string.h>

#include "transfer/header.h"
#include "transfer/row.h"
#include "unit.h"

/* The errors, as "field: reason; …". */
typedef struct told {
  char text[512];
} told;

static void tell(void *context, uint64_t line, const char *field, const char *reason)
{
  told *all = context;
  size_t used = strlen(all->text);
  assert_int_equal(line, 7);
  (void)snprintf(all->text + used, sizeof all->text - used, "%s: %s; ", field, reason);
}

static int32_t customers[] = {2, 5};
static ua_operator_import_role roles[] = {{(char *)"admin", 10}, {(char *)"two words", 20}};
static const ua_operator_import_known known = {
    .customers = customers, .customer_count = 2, .roles = roles, .role_count = 2};

static int open_arena(void **state)
{
  *state = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

static const char *complaints_of(ua_arena *arena, const char *json, int32_t customer, ua_transfer_row *row_r)
{
  static told all;
  ua_transfer_values values;
  all.text[0] = '\0';
  assert_int_equal(ua_transfer_values_of_json(arena, ua_text_of(json), &values), UA_OK);
  bool good = ua_transfer_row_make(&values, 7, customer, &known, tell, &all, row_r);
  assert_int_equal(good, all.text[0] == '\0');
  return all.text;
}

static void what_is_not_given_has_a_default(void **state)
{
  ua_transfer_row row;
  assert_string_equal(complaints_of(*state, "{\"email\":\"a\",\"name\":\"b\"}", 5, &row), "");
  assert_int_equal(row.user.id, 0);
  assert_true(row.user.active);
  assert_int_equal(row.user.customer_id, 5);
  assert_int_equal(row.user.epoch, 0);
  assert_int_equal(row.user.role_count, 0);
  assert_true(ua_text_equal(row.user.hash, UA_TEXT("*")));
  assert_true(ua_text_equal(row.user.salt, UA_TEXT("*")));
}

static void a_role_given_twice_counts_once(void **state)
{
  ua_transfer_row row;
  static const char json[] =
      "{\"email\":\"a\",\"name\":\"b\",\"customer\":2,\"roles\":[\"two words\",\"admin\",\"two words\"]}";
  assert_string_equal(complaints_of(*state, json, 0, &row), "");
  assert_int_equal(row.user.role_count, 2);
  assert_int_equal(row.user.role_ids[0], 20);
  assert_int_equal(row.user.role_ids[1], 10);
}

static void every_wrong_field_is_told(void **state)
{
  ua_transfer_row row;
  static const char json[] = "{\"id\":0,\"email\":null,\"customer\":3,\"roles\":[\"x\"],\"nick\":1}";
  assert_string_equal(complaints_of(*state, json, 5, &row),
                      "id: min value is 1; email: null value not allowed; name: required field;"
                      " customer: unknown customer; roles[0]: unknown role; nick: unknown field; ");
}

static void emails_and_names_have_the_form_that_the_api_asks_for(void **state)
{
  ua_transfer_row row;
  static const char json[] = "{\"email\":\"\\ufeffa@x\\n\",\"name\":\" b\"}";
  assert_string_equal(complaints_of(*state, json, 5, &row),
                      "email: control character not allowed; email: invisible character not allowed;"
                      " name: must not begin or end with a blank; ");
}

static void the_name_of_an_unknown_field_is_cut_at_a_whole_character(void **state)
{
  ua_transfer_row row;
  static const char json[] = "{\"email\":\"a\",\"name\":\"b\",\"xéééééééééééééééééééééééééé\":1}";
  assert_string_equal(complaints_of(*state, json, 5, &row), "xééééééééééééééééééé: unknown field; ");
}

static void csv_and_json_come_to_the_same(void **state)
{
  char scratch[256];
  ua_transfer_csv_record record;
  ua_transfer_csv_header header;
  ua_transfer_values values;
  ua_transfer_row row;
  told all = {""};
  ua_error_line error;
  ua_text names = UA_TEXT("roles,email,name,active,customer,id\n");
  ua_text fields = UA_TEXT("admin ; two words,a@x,\"\",FALSE,2,9\n");
  assert_int_equal(ua_transfer_csv_read(names, true, scratch, &record), UA_CSV_RECORD);
  assert_true(ua_transfer_header_read(&record, &header, &error));
  assert_int_equal(ua_transfer_csv_read(fields, true, scratch, &record), UA_CSV_RECORD);
  assert_int_equal(ua_transfer_values_of_csv(*state, &header, &record, &values), UA_OK);
  assert_false(ua_transfer_row_make(&values, 7, 0, &known, tell, &all, &row));
  assert_string_equal(all.text, "name: empty values not allowed; ");
  assert_int_equal(row.user.id, 9);
  assert_false(row.user.active);
  assert_int_equal(row.user.role_count, 2);
  assert_int_equal(row.user.role_ids[1], 20);
  assert_int_equal(row.user.name.length, 0);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_ARENA(what_is_not_given_has_a_default),
      WITH_ARENA(a_role_given_twice_counts_once),
      WITH_ARENA(every_wrong_field_is_told),
      WITH_ARENA(emails_and_names_have_the_form_that_the_api_asks_for),
      WITH_ARENA(the_name_of_an_unknown_field_is_cut_at_a_whole_character),
      WITH_ARENA(csv_and_json_come_to_the_same),
  };
  return cmocka_run_group_tests_name("user_row", tests, NULL, NULL);
}
