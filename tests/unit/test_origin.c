#include "http/origin.h"
#include "unit.h"

static ua_origin read_origin(const char *text)
{
  ua_origin origin;
  if (!ua_http_origin_parse(ua_text_of(text), &origin)) {
    fail_msg("%s was not read", text);
  }
  return origin;
}

static void an_origin_is_scheme_host_and_port(void **state)
{
  (void)state;
  ua_origin origin = read_origin("https://app.example.org:8443");
  assert_true(ua_text_equal(origin.scheme, UA_TEXT("https")));
  assert_true(ua_text_equal(origin.host, UA_TEXT("app.example.org")));
  assert_int_equal(origin.port, 8443);
  origin = read_origin("http://[2001:db8::1]:81");
  assert_true(ua_text_equal(origin.host, UA_TEXT("[2001:db8::1]")));
  assert_int_equal(origin.port, 81);
  origin = read_origin("capacitor://localhost");
  assert_true(ua_text_equal(origin.scheme, UA_TEXT("capacitor")));
}

static void nothing_else_is_an_origin(void **state)
{
  (void)state;
  static const char *const wrong[] = {"",
                                      "null",
                                      "*",
                                      "a",
                                      "a.example",
                                      "//a.example",
                                      "https:",
                                      "https://",
                                      "https:/a",
                                      "https:a",
                                      "://a",
                                      "https://a/",
                                      "https://a/x",
                                      "https://a?x",
                                      "https://a#x",
                                      "https://u@a",
                                      "https://u:p@a",
                                      "https://*.a",
                                      "https://a:",
                                      "https://a:0",
                                      "https://a:x",
                                      "https://a:1:2",
                                      "https://a:65536",
                                      "https://a:080",
                                      "https://a b",
                                      " https://a",
                                      "https://a ",
                                      "https://[",
                                      "https://[]",
                                      "https://[::1",
                                      "https://[::1]x",
                                      "https://[::1]:",
                                      "https://:1",
                                      "https://a,https://a",
                                      "https://a\\b",
                                      "https://a%2e"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ua_origin origin;
    if (ua_http_origin_parse(ua_text_of(wrong[i]), &origin)) {
      fail_msg("%s was read", wrong[i]);
    }
  }
  ua_origin origin;
  assert_false(ua_http_origin_parse(UA_TEXT_ABSENT, &origin));
  assert_false(ua_http_origin_parse((ua_text){"https://a\0b", 11}, &origin));
}

static bool equal(const char *a, const char *b)
{
  ua_origin first = read_origin(a);
  ua_origin second = read_origin(b);
  return ua_http_origin_equal(&first, &second);
}

static void case_and_the_schemes_own_port_make_no_difference(void **state)
{
  (void)state;
  assert_true(equal("https://a.example", "HTTPS://A.example:443"));
  assert_true(equal("http://a.example:80", "http://a.example"));
  assert_false(equal("https://a.example", "http://a.example"));
  assert_false(equal("https://a.example", "https://a.example:80"));
  assert_false(equal("https://a.example", "https://a.example.evil"));
  assert_false(equal("app://a.example:443", "app://a.example"));
}

static bool is_host(const char *origin, const char *host)
{
  ua_origin read = read_origin(origin);
  return ua_http_origin_is_host(&read, ua_text_of(host));
}

static void a_host_is_compared_with_its_port(void **state)
{
  (void)state;
  assert_true(is_host("https://a.example", "a.example"));
  assert_true(is_host("https://a.example", "A.Example:443"));
  assert_true(is_host("http://a.example:8080", "a.example:8080"));
  assert_true(is_host("http://[::1]:8080", "[::1]:8080"));
  assert_false(is_host("http://a.example:8080", "a.example"));
  assert_false(is_host("http://a.example", "a.example:443"));
  assert_false(is_host("https://a.example", "b.a.example"));
  assert_false(is_host("https://a.example", "a.example.evil"));
  assert_false(is_host("https://a.example", "a.example/"));
  assert_false(is_host("https://a.example", ""));
  assert_false(is_host("https://a.example", NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_origin_is_scheme_host_and_port),
      cmocka_unit_test(nothing_else_is_an_origin),
      cmocka_unit_test(case_and_the_schemes_own_port_make_no_difference),
      cmocka_unit_test(a_host_is_compared_with_its_port),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
