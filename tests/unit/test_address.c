#include "base/address.h"
#include "unit.h"

static void assert_reads(ua_text text, const char *expected)
{
  ua_address address = {"not written"};
  ua_address_read(text, &address);
  assert_string_equal(address.text, expected);
}

static void an_ipv4_address_counts_by_itself(void **state)
{
  (void)state;
  assert_reads(UA_TEXT("203.0.113.9"), "203.0.113.9");
  assert_reads(UA_TEXT("0.0.0.0"), "0.0.0.0");
  assert_reads(UA_TEXT("255.255.255.255"), "255.255.255.255");
}

static void an_ipv4_mapped_address_is_the_ipv4_address(void **state)
{
  (void)state;
  assert_reads(UA_TEXT("::ffff:203.0.113.9"), "203.0.113.9");
  assert_reads(UA_TEXT("::FFFF:cb00:7109"), "203.0.113.9");
  assert_reads(UA_TEXT("0:0:0:0:0:ffff:203.0.113.9"), "203.0.113.9");
}

static void an_ipv6_address_counts_by_its_64_bits(void **state)
{
  (void)state;
  assert_reads(UA_TEXT("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert_reads(UA_TEXT("2001:db8:1:2::"), "2001:db8:1:2::/64");
  assert_reads(UA_TEXT("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff"), "2001:db8:1:2::/64");
  assert_reads(UA_TEXT("2001:db8:1:3::1"), "2001:db8:1:3::/64");
  assert_reads(UA_TEXT("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "ffff:ffff:ffff:ffff::/64");
  assert_reads(UA_TEXT("::1"), "::/64");
}

static void a_zone_is_no_part_of_the_address(void **state)
{
  (void)state;
  assert_reads(UA_TEXT("fe80::1%eth0"), "fe80::/64");
  assert_reads(UA_TEXT("fe80::2%a-zone-that-is-longer-than-any-address-of-ipv6-is"), "fe80::/64");
  assert_reads(UA_TEXT("203.0.113.9%eth0"), "");
}

static void anything_else_is_no_address(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",           "unix:",         "localhost",         "203.0.113",     "203.0.113.256",   "203.0.113.9.1",
      "0203.0.0.1", "203.0.113.9 ",  " 203.0.113.9",      "203.0.113.9/8", "203.0.113.9:80",  "0x7f000001",
      "3405803785", "[2001:db8::1]", "[2001:db8::1]:443", "2001:db8",      "2001:db8::1::2",  "2001:db8::/64",
      "%eth0",      "12345::1",      "::ffff:203.0.113",  "1,2",           "203.0.113.9, ::1"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_reads(ua_text_of(wrong[i]), "");
  }
  assert_reads(UA_TEXT_ABSENT, "");
  assert_reads((ua_text){"203.0.113.9\0", 12}, "");
  assert_reads((ua_text){"::1\0 and more", 13}, "");
  assert_reads(UA_TEXT("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff"), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_ipv4_address_counts_by_itself),
      cmocka_unit_test(an_ipv4_mapped_address_is_the_ipv4_address),
      cmocka_unit_test(an_ipv6_address_counts_by_its_64_bits),
      cmocka_unit_test(a_zone_is_no_part_of_the_address),
      cmocka_unit_test(anything_else_is_no_address),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
