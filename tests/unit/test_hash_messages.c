#include <stdlib.h>
#include <string.h>

#include "process/hash_messages.h"
#include "unit.h"

enum { REQUEST = 77 };

static unsigned char packet[UA_HASH_MESSAGE_BYTES];

/* Writes the message, and reads it on the other side. */
static ua_hash_message through(const ua_hash_message *message, bool is_workers)
{
  ua_hash_message read;
  size_t length = ua_process_hash_messages_write(message, packet);
  assert_true(length > 0);
  assert_true(ua_process_hash_messages_read(packet, length, is_workers, &read));
  assert_int_equal(read.kind, message->kind);
  assert_int_equal(read.request, message->request);
  return read;
}

static ua_hash_message job_of(ua_text password, ua_text hash, ua_text salt)
{
  return (ua_hash_message){.kind = UA_HASH_GO,
                           .request = REQUEST,
                           .job = {.kind = UA_HASH_VERIFY,
                                   .cost = 12,
                                   .limit = 13,
                                   .upgrade = true,
                                   .password = password,
                                   .hash = hash,
                                   .salt = salt}};
}

static void assert_text(ua_text text, ua_text expected)
{
  assert_int_equal(text.data == NULL, expected.data == NULL);
  assert_true(text.data == NULL || ua_text_equal(text, expected));
}

static void a_question_names_its_source(void **state)
{
  (void)state;
  ua_hash_message message = {.kind = UA_HASH_ASK, .request = UINT64_MAX};
  memset(message.source, 0xA5, sizeof message.source);
  memset(message.address, 0x5A, sizeof message.address);
  ua_hash_message read = through(&message, true);
  assert_memory_equal(read.source, message.source, sizeof message.source);
  assert_memory_equal(read.address, message.address, sizeof message.address);
}

static void a_job_arrives_as_it_was(void **state)
{
  (void)state;
  ua_hash_message message = job_of(UA_TEXT("se\0cret"), UA_TEXT("$2b$"), UA_TEXT(""));
  ua_hash_message read = through(&message, true);
  assert_int_equal(read.job.kind, UA_HASH_VERIFY);
  assert_int_equal(read.job.cost, 12);
  assert_int_equal(read.job.limit, 13);
  assert_true(read.job.upgrade);
  assert_text(read.job.password, UA_TEXT("se\0cret"));
  assert_text(read.job.hash, UA_TEXT("$2b$"));
  assert_text(read.job.salt, UA_TEXT(""));
}

static void what_is_absent_stays_absent(void **state)
{
  (void)state;
  ua_hash_message message = job_of(UA_TEXT_ABSENT, UA_TEXT_ABSENT, UA_TEXT_ABSENT);
  ua_hash_message read = through(&message, true);
  assert_text(read.job.password, UA_TEXT(""));
  assert_text(read.job.hash, UA_TEXT_ABSENT);
  assert_text(read.job.salt, UA_TEXT_ABSENT);
}

static void what_is_too_long_to_match_is_cut_and_still_is(void **state)
{
  (void)state;
  static char text[4 * UA_MAX_TRIED_PASSWORD_BYTES];
  memset(text, 'x', sizeof text);
  ua_text all = {text, sizeof text};
  ua_hash_message message = job_of(all, all, all);
  ua_hash_message read = through(&message, true);
  assert_true(read.job.password.length > UA_MAX_TRIED_PASSWORD_BYTES);
  assert_int_equal(read.job.hash.length, UA_HASH_COLUMN_BYTES);
}

static void a_job_that_would_take_days_is_none(void **state)
{
  (void)state;
  ua_hash_message message = job_of(UA_TEXT("secret"), UA_TEXT("x"), UA_TEXT("x"));
  message.job.cost = UA_MAX_BCRYPT_COST + 1;
  assert_int_equal(ua_process_hash_messages_write(&message, packet), 0);
  message = job_of(UA_TEXT("secret"), UA_TEXT("x"), UA_TEXT("x"));
  message.job.limit = UA_MAX_BCRYPT_COST + 1;
  assert_int_equal(ua_process_hash_messages_write(&message, packet), 0);
  message.job.limit = -1;
  assert_int_equal(ua_process_hash_messages_write(&message, packet), 0);
}

static void an_outcome_arrives_as_it_was(void **state)
{
  (void)state;
  ua_hash_message message = {
      .kind = UA_HASH_DONE,
      .request = REQUEST,
      .outcome = {.status = UA_OK, .verdict = UA_PASSWORD_MATCH_OUTDATED, .has_record = true}};
  memset(message.outcome.record.hash, 'h', sizeof message.outcome.record.hash - 1);
  memset(message.outcome.record.salt, 's', 29);
  ua_hash_message read = through(&message, false);
  assert_int_equal(read.outcome.status, UA_OK);
  assert_int_equal(read.outcome.verdict, UA_PASSWORD_MATCH_OUTDATED);
  assert_true(read.outcome.has_record);
  assert_string_equal(read.outcome.record.hash, message.outcome.record.hash);
  assert_string_equal(read.outcome.record.salt, message.outcome.record.salt);
}

static void an_outcome_has_few_reasons(void **state)
{
  (void)state;
  for (int status = 0; status < UA_STATUS_COUNT; status++) {
    ua_hash_message message = {.kind = UA_HASH_DONE, .outcome = {.status = (ua_status)status}};
    bool may = status == UA_OK || status == UA_BAD_REQUEST || status == UA_INTERNAL || status == UA_BUSY;
    assert_int_equal(ua_process_hash_messages_write(&message, packet) > 0, may);
    message = (ua_hash_message){.kind = UA_HASH_REFUSED, .status = (ua_status)status};
    may = status == UA_TOO_MANY_REQUESTS || status == UA_BUSY;
    assert_int_equal(ua_process_hash_messages_write(&message, packet) > 0, may);
  }
}

static void each_side_takes_only_what_the_other_may_say(void **state)
{
  (void)state;
  for (int kind = 0; kind <= UA_HASH_REFUSED + 1; kind++) {
    ua_hash_message message = {.kind = (ua_hash_message_kind)kind, .status = UA_BUSY};
    message.job = job_of(UA_TEXT(""), UA_TEXT_ABSENT, UA_TEXT_ABSENT).job;
    size_t length = ua_process_hash_messages_write(&message, packet);
    assert_int_equal(length > 0, kind >= UA_HASH_ASK && kind <= UA_HASH_REFUSED);
    assert_int_equal(ua_process_hash_messages_read(packet, length, true, &message),
                     kind >= UA_HASH_ASK && kind <= UA_HASH_DROP);
  }
}

/* Each kind has its own size: with one byte fewer or more, a packet is another message or none. */
static void a_packet_that_is_cut_or_longer_is_refused(void **state)
{
  (void)state;
  static unsigned char cut[UA_HASH_MESSAGE_BYTES + 1];
  ua_hash_message read;
  ua_hash_message message = job_of(UA_TEXT("secret"), UA_TEXT("hash"), UA_TEXT("salt"));
  size_t length = ua_process_hash_messages_write(&message, packet);
  for (size_t i = 0; i < length; i++) {
    unsigned char *exact = malloc(i + 1); /* so that a sanitizer detects a read beyond the end */
    assert_non_null(exact);
    memcpy(exact, packet, i);
    assert_false(ua_process_hash_messages_read(exact, i, true, &read));
    free(exact);
  }
  memcpy(cut, packet, length);
  assert_false(ua_process_hash_messages_read(cut, length + 1, true, &read));
  assert_false(ua_process_hash_messages_read(cut, sizeof cut, true, &read));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_question_names_its_source),
      cmocka_unit_test(a_job_arrives_as_it_was),
      cmocka_unit_test(what_is_absent_stays_absent),
      cmocka_unit_test(what_is_too_long_to_match_is_cut_and_still_is),
      cmocka_unit_test(a_job_that_would_take_days_is_none),
      cmocka_unit_test(an_outcome_arrives_as_it_was),
      cmocka_unit_test(an_outcome_has_few_reasons),
      cmocka_unit_test(each_side_takes_only_what_the_other_may_say),
      cmocka_unit_test(a_packet_that_is_cut_or_longer_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
