#include <string.h>

#include "http/redirect.h"
#include "unit.h"

static int open_arena(void **state)
{
  *state = ua_arena_create(4096, 1 << 20);
  return *state == NULL;
}

static int close_arena(void **state)
{
  ua_arena *arena = *state;
  ua_arena_destroy(&arena);
  return 0;
}

static void a_path_on_the_site_is_local(void **state)
{
  (void)state;
  static const char *const local[] = {
      "/",
      "/private/",
      "/a/b.html?x=1&y=2",
      "/a?next=//evil.example",
      "/a#//evil",
      "/@user",
      "/%C3%BC",
      "/\xC3\xBC",
      "/a//b",
      "/a?x=%0d%0a%5c",
      "/a?%zz",
      "/...",
      "/a/..b/.c",
      "/a%20b",
      "/http://evil.example",
      "/a?b=..",
      "/?//",
      "/evil.example:80@other/",
      "/%2Ba",
  };
  for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
    if (!ua_http_redirect_is_local(ua_text_of(local[i]))) {
      fail_msg("%s is not taken", local[i]);
    }
  }
}

static const char *const hostile[] = {
    "",
    "evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/a\\b",
    "/a?\\",
    "https://evil.example",
    "https:evil.example",
    "HTTPS:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    ".evil.example",
    ":80/",
    "?next=/",
    "#/",
    " //evil.example",
    " /a",
    "\t/a",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "/a\r\nSet-Cookie: x=y",
    "/a?\r\nSet-Cookie: x=y",
    "/a\x7F",
    "/a\x01",
    "/%0d%0aSet-Cookie:%20x=y",
    "/%09/evil.example",
    "/%00/evil.example",
    "/%2f/evil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "%2f%2fevil.example",
    "/%252fevil.example",
    "/%255cevil.example",
    "/%25255cevil.example",
    "/%25252525255cevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/./a",
    "/a/.",
    "/a/..",
    "/%2e%2e//evil.example",
    "/%2e/%2fevil.example",
    "/a/%2e%2e%2f/evil.example",
    "/%zz",
    "/%",
    "/%2",
    "/a%25",
};

static void whatever_could_lead_elsewhere_is_not(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
    if (ua_http_redirect_is_local(ua_text_of(hostile[i]))) {
      fail_msg("%s is taken", hostile[i]);
    }
  }
  assert_false(ua_http_redirect_is_local(UA_TEXT_ABSENT));
  assert_false(ua_http_redirect_is_local(UA_TEXT("/a\0b")));
}

static void a_place_longer_than_2048_bytes_is_not_carried(void **state)
{
  (void)state;
  static char place[UA_MAX_RETURN_BYTES + 1];
  memset(place, 'x', sizeof place);
  place[0] = '/';
  assert_true(ua_http_redirect_is_local((ua_text){place, UA_MAX_RETURN_BYTES}));
  assert_false(ua_http_redirect_is_local((ua_text){place, UA_MAX_RETURN_BYTES + 1}));
}

static void assert_login(void **state, const char *login_url, const char *target, const char *expected)
{
  ua_text location = ua_http_redirect_to_login(*state, login_url, ua_text_of(target));
  assert_non_null(location.data);
  assert_string_equal(location.data, expected);
}

static void the_way_to_the_login_carries_the_place_encoded(void **state)
{
  assert_login(state, "/login/", "/a b?x=1&y=\"#z", "/login/?next=/a%20b%3Fx%3D1%26y%3D%22%23z");
  assert_login(state, "/login/", "/\xC3\xBC", "/login/?next=/%C3%BC");
  assert_login(state, "/login?theme=dark", "/a", "/login?theme=dark&next=/a");
  assert_login(state, "https://id.example/login", "/a?b=%0d", "https://id.example/login?next=/a%3Fb%3D%250d");
}

static void a_place_elsewhere_becomes_the_sites_root(void **state)
{
  assert_login(state, "/login/", "//evil.example", "/login/?next=/");
  assert_login(state, "/login/", "/a\r\nX: y", "/login/?next=/");
  assert_login(state, "/login/", NULL, "/login/?next=/");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_path_on_the_site_is_local),
      cmocka_unit_test(whatever_could_lead_elsewhere_is_not),
      cmocka_unit_test(a_place_longer_than_2048_bytes_is_not_carried),
      cmocka_unit_test_setup_teardown(the_way_to_the_login_carries_the_place_encoded, open_arena,
                                      close_arena),
      cmocka_unit_test_setup_teardown(a_place_elsewhere_becomes_the_sites_root, open_arena, close_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
