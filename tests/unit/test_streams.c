/* libfcgi's streams: a body in, an answer as records out (FastCGI specification sections 5.3 and 5.5). */
#include <fastcgi.h>
#include <limits.h>
#include <string.h>

#include "base/limits.h"
#include "fastcgi/streams.h"
#include "unit.h"

enum { ID = 0xABCD, MOST = 65528, LARGE = 1 << 20 };

static ua_arena *arena;
static char text[LARGE + 1];

static int open_arena(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof text; i++) {
    text[i] = (char)(i * 31 + i / 257);
  }
  arena = ua_arena_create(UA_ARENA_BLOCK, UA_ARENA_LIMIT);
  return arena == NULL;
}

static int close_arena(void **state)
{
  (void)state;
  ua_arena_destroy(&arena);
  return 0;
}

/* Takes the record at *at, whose header has to follow section 3.3; returns its content's length. */
static size_t take_record(ua_text records, size_t *at, unsigned char type, const unsigned char **content_r)
{
  assert_true(records.length - *at >= FCGI_HEADER_LEN);
  const unsigned char *header = (const unsigned char *)records.data + *at;
  size_t length = (size_t)header[4] << 8 | header[5];
  const unsigned char wanted[] = {1, type, ID >> 8, ID & 0xFF, header[4], header[5], 0, 0};
  assert_memory_equal(header, wanted, sizeof wanted);
  *at += FCGI_HEADER_LEN + length;
  assert_true(*at <= records.length);
  *content_r = header + FCGI_HEADER_LEN;
  return length;
}

static void an_answer_is_framed_whole_and_followed_by_its_ends(void **state)
{
  (void)state;
  static const size_t lengths[] = {0,         1,        7,        8,     1000,  MOST - 1,
                                   MOST,      MOST + 1, 2 * MOST, 65535, 65536, 2 * MOST + 1,
                                   LARGE - 1, LARGE,    LARGE + 1};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    ua_text records;
    const unsigned char *content;
    size_t at = 0, seen = 0, length = 0;
    assert_int_equal(ua_fastcgi_streams_write(arena, ID, (ua_text){text, lengths[i]}, &records), UA_OK);
    while ((length = take_record(records, &at, FCGI_STDOUT, &content)) > 0) {
      assert_int_equal(length, lengths[i] - seen < MOST ? lengths[i] - seen : MOST);
      assert_memory_equal(content, text + seen, length);
      seen += length;
    }
    assert_int_equal(seen, lengths[i]);
    static const unsigned char complete[8];
    assert_int_equal(take_record(records, &at, FCGI_END_REQUEST, &content), sizeof complete);
    assert_memory_equal(content, complete, sizeof complete);
    assert_int_equal(at, records.length);
    const char *next = ua_arena_alloc(arena, 1);
    assert_true(next < records.data || next >= records.data + at); /* it has used only its own memory */
    ua_arena_reset(arena);
  }
}

static void an_answer_without_memory_is_none(void **state)
{
  (void)state;
  ua_text records = UA_TEXT("untouched");
  ua_arena *small = ua_arena_create(1024, 2048);
  assert_non_null(small);
  assert_int_equal(ua_fastcgi_streams_write(small, ID, (ua_text){text, 4096}, &records), UA_INTERNAL);
  assert_int_equal(ua_fastcgi_streams_write(small, ID, (ua_text){text, SIZE_MAX / 2}, &records), UA_INTERNAL);
  assert_string_equal(records.data, "untouched");
  assert_int_equal(ua_fastcgi_streams_write(small, ID, (ua_text){text, 512}, &records), UA_OK);
  ua_arena_destroy(&small);
}

static void a_body_is_copied_into_the_arena(void **state)
{
  (void)state;
  static const size_t lengths[] = {1, 2, 8191, 8192, 8193, 65536, LARGE};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    ua_text copy = ua_fastcgi_streams_read(arena, (ua_text){text, lengths[i]});
    assert_int_equal(copy.length, lengths[i]);
    assert_ptr_not_equal(copy.data, text);
    assert_memory_equal(copy.data, text, lengths[i]);
    ua_arena_reset(arena);
  }
}

static void an_empty_body_is_empty_and_not_absent(void **state)
{
  (void)state;
  ua_text copy = ua_fastcgi_streams_read(arena, UA_TEXT(""));
  assert_non_null(copy.data);
  assert_int_equal(copy.length, 0);
}

static void a_body_without_memory_is_absent(void **state)
{
  (void)state;
  ua_arena *small = ua_arena_create(1024, 2048);
  assert_non_null(small);
  assert_null(ua_fastcgi_streams_read(small, (ua_text){text, 4096}).data);
  assert_null(ua_fastcgi_streams_read(small, (ua_text){text, (size_t)INT_MAX + 1}).data);
  assert_non_null(ua_fastcgi_streams_read(small, (ua_text){text, 512}).data);
  ua_arena_destroy(&small);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_answer_is_framed_whole_and_followed_by_its_ends),
      cmocka_unit_test(an_answer_without_memory_is_none),
      cmocka_unit_test(a_body_is_copied_into_the_arena),
      cmocka_unit_test(an_empty_body_is_empty_and_not_absent),
      cmocka_unit_test(a_body_without_memory_is_absent),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
