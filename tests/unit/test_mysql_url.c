#include <string.h>

#include "legacy/mysql_url.h"
#include "unit.h"

static ua_legacy_mysql_url url;

static bool reads(const char *text)
{
  ua_error_line error = {""};
  memset(&url, 0, sizeof url);
  return ua_legacy_mysql_url_read(ua_text_of(text), &url, &error) == UA_OK;
}

static void all_parts_are_read_and_decoded(void **state)
{
  (void)state;
  assert_true(reads("mysql://us%65r:p%40ss%3Aw%2Fo%3Fr%23d%25%C3%BC@db.example.org:3307/user_api"));
  assert_string_equal(url.user, "user");
  assert_string_equal(url.password, "p@ss:w/o?r#d%\xC3\xBC");
  assert_string_equal(url.host, "db.example.org");
  assert_string_equal(url.port, "3307");
  assert_string_equal(url.database, "user_api");
  assert_int_equal(url.tls, UA_MYSQL_TLS_NONE);
}

static void what_is_left_out_has_a_preset(void **state)
{
  (void)state;
  assert_true(reads("mysql:///d"));
  assert_string_equal(url.host, "localhost");
  assert_string_equal(url.port, "3306");
  assert_string_equal(url.user, "");
  assert_string_equal(url.socket, "");
}

static void the_last_at_sign_ends_the_password(void **state)
{
  (void)state;
  assert_true(reads("mysql://u:a@b:c@h/d"));
  assert_string_equal(url.password, "a@b:c");
  assert_string_equal(url.host, "h");
}

static void drivers_and_charset_of_sqlalchemy_are_of_no_concern(void **state)
{
  (void)state;
  assert_true(reads("mysql+mysqlconnector://u:p@h/d?charset=utf8mb4"));
  assert_true(reads("mariadb+pymysql://u@h/d"));
  assert_false(reads("mysqlx://u@h/d"));
  assert_false(reads("postgresql://u@h/d"));
  assert_false(reads("mysql:u@h/d"));
}

static void an_ipv6_address_stands_in_brackets(void **state)
{
  (void)state;
  assert_true(reads("mysql://u@[::1]:3308/d"));
  assert_string_equal(url.host, "::1");
  assert_string_equal(url.port, "3308");
  assert_true(reads("mysql://[::1]/d"));
  assert_false(reads("mysql://[::1/d"));
  assert_false(reads("mysql://[::1]x/d"));
}

static void parameters_say_socket_and_tls(void **state)
{
  (void)state;
  assert_true(reads("mysql://u@/d?unix_socket=%2Frun%2Fmysqld%2Fmysqld.sock&sslmode=verify-ca"));
  assert_string_equal(url.socket, "/run/mysqld/mysqld.sock");
  assert_int_equal(url.tls, UA_MYSQL_TLS_VERIFIED);
  assert_true(reads("mysql://u@h/d?sslmode=require"));
  assert_int_equal(url.tls, UA_MYSQL_TLS_REQUIRED);
  assert_false(reads("mysql://u@h/d?sslmode=maybe"));
  assert_false(reads("mysql://u@h/d?unix_socket="));
  assert_false(reads("mysql://u@h/d?colour=red"));
  assert_false(reads("mysql://u@h/d?"));
}

static void what_is_malformed_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {"",
                                      "mysql://",
                                      "mysql://h",
                                      "mysql://h/",
                                      "mysql://h:/d",
                                      "mysql://h:x/d",
                                      "mysql://h:0/d",
                                      "mysql://h:65536/d",
                                      "mysql://u:%@h/d",
                                      "mysql://u:%4@h/d",
                                      "mysql://u:%zz@h/d",
                                      "mysql://u:%00@h/d",
                                      "mysql://u:a\nb@h/d",
                                      "mysql://u:12/secret@h"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_false(reads(wrong[i]));
    assert_string_equal(url.host, "");
  }
}

static void what_does_not_fit_is_refused(void **state)
{
  (void)state;
  char text[1024] = "mysql://u:";
  size_t used = strlen(text);
  memset(text + used, 'x', 600);
  memcpy(text + used + 600, "@h/d", sizeof "@h/d");
  assert_false(reads(text));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_parts_are_read_and_decoded),
      cmocka_unit_test(what_is_left_out_has_a_preset),
      cmocka_unit_test(the_last_at_sign_ends_the_password),
      cmocka_unit_test(drivers_and_charset_of_sqlalchemy_are_of_no_concern),
      cmocka_unit_test(an_ipv6_address_stands_in_brackets),
      cmocka_unit_test(parameters_say_socket_and_tls),
      cmocka_unit_test(what_is_malformed_is_refused),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
