#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "unit.h"

enum { NOW = 1700000000 };

static const char *const one_secret[] = {"a secret of more than thirty-two bytes"};
static const ua_token_secrets secrets = {one_secret, 1};

#define CLAIMS                                                                                    \
  "\"active\":true,\"customer\":{\"id\":2},\"email\":\"a@b\",\"id\":7,\"name\":\"A\",\"roles\":[" \
  "{\"code\":\"admin\",\"id\":1,\"name\":\"Admin\"}]"

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

/* base64url without padding, RFC 7515 appendix C. */
static ua_text base64url(ua_arena *arena, const unsigned char *bytes, size_t length)
{
  char *out = ua_arena_alloc(arena, 4 * (length / 3 + 1) + 1);
  int written = EVP_EncodeBlock((unsigned char *)out, bytes, (int)length);
  for (int i = 0; i < written; i++) {
    out[i] = (char)(out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i]);
  }
  while (written > 0 && out[written - 1] == '=') {
    written--;
  }
  return (ua_text){out, (size_t)written};
}

/* A token made without our code: any header, any payload. */
static ua_text forge(ua_arena *arena, const char *header, const char *payload, const char *secret,
                     const EVP_MD *digest)
{
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length;
  ua_text head = base64url(arena, (const unsigned char *)header, strlen(header));
  ua_text body = base64url(arena, (const unsigned char *)payload, strlen(payload));
  ua_text signed_part = ua_arena_printf(arena, "%.*s.%.*s", UA_TEXT_ARGS(head), UA_TEXT_ARGS(body));
  (void)HMAC(digest, secret, (int)strlen(secret), (const unsigned char *)signed_part.data, signed_part.length,
             mac, &length);
  ua_text signature = base64url(arena, mac, length);
  return ua_arena_printf(arena, "%s.%.*s", signed_part.data, UA_TEXT_ARGS(signature));
}

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static ua_status verify_payload(ua_arena *arena, const char *payload, ua_claims *claims)
{
  return ua_auth_token_verify(&secrets, arena, forge(arena, HS256, payload, one_secret[0], EVP_sha256()), NOW,
                              claims);
}

static ua_user somebody(void)
{
  static const ua_role roles[] = {{.id = 1, .code = {"admin", 5}, .name = {"Admin", 5}}};
  return (ua_user){.id = 7,
                   .customer_id = 2,
                   .email = UA_TEXT("gr\xC3\xBC\xC3\x9F"
                                    "e@x"),
                   .name = UA_TEXT("A \"quoted\" / name"),
                   .active = true,
                   .epoch = 3,
                   .roles = roles,
                   .role_count = 1};
}

static void what_was_signed_is_read_again(void **state)
{
  ua_user user = somebody();
  ua_text token;
  ua_claims signed_claims;
  ua_claims claims;
  assert_int_equal(ua_auth_token_sign(&secrets, *state, &user, NOW + 60, &token, &signed_claims), UA_OK);
  assert_int_equal(ua_auth_token_verify(&secrets, *state, token, NOW, &claims), UA_OK);
  assert_int_equal(claims.user.id, 7);
  assert_int_equal(claims.user.customer_id, 2);
  assert_int_equal(claims.user.epoch, 3);
  assert_int_equal(claims.expires_at, NOW + 60);
  assert_true(ua_text_equal(claims.user.email, user.email));
  assert_true(ua_text_equal(claims.user.name, user.name));
  assert_int_equal(claims.user.role_count, 1);
  assert_true(ua_text_equal(claims.user.roles[0].code, UA_TEXT("admin")));
  assert_memory_equal(claims.key.digest, signed_claims.key.digest, sizeof claims.key.digest);
}

/* A revoked token must stay revoked, however its signature is written. */
static void a_token_is_known_by_what_is_signed_and_not_by_the_signature(void **state)
{
  ua_text token = forge(*state, HS256, "{" CLAIMS ",\"exp\":1700000001}", one_secret[0], EVP_sha256());
  size_t signed_bytes = (size_t)((const char *)memrchr(token.data, '.', token.length) - token.data);
  unsigned char digest[UA_SHA256_BYTES];
  ua_claims claims;
  assert_int_equal(ua_auth_token_verify(&secrets, *state, token, NOW, &claims), UA_OK);
  assert_true(ua_crypto_sha256((ua_text){token.data, signed_bytes}, digest));
  assert_memory_equal(claims.key.digest, digest, sizeof digest);
}

static void two_tokens_of_the_same_second_differ(void **state)
{
  ua_user user = somebody();
  ua_text one;
  ua_text other;
  ua_claims claims;
  assert_int_equal(ua_auth_token_sign(&secrets, *state, &user, NOW + 60, &one, &claims), UA_OK);
  assert_int_equal(ua_auth_token_sign(&secrets, *state, &user, NOW + 60, &other, &claims), UA_OK);
  assert_false(ua_text_equal(one, other));
}

static void a_token_of_the_original_counts_as_epoch_zero(void **state)
{
  ua_claims claims;
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":1700000001}", &claims), UA_OK);
  assert_int_equal(claims.user.epoch, 0);
}

static void an_expired_token_is_invalid(void **state)
{
  ua_claims claims;
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":1700000000}", &claims), UA_INVALID_TOKEN);
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":1}", &claims), UA_INVALID_TOKEN);
}

static void a_token_without_a_whole_number_of_seconds_as_expiry_is_invalid(void **state)
{
  ua_claims claims;
  assert_int_equal(verify_payload(*state, "{" CLAIMS "}", &claims), UA_INVALID_TOKEN);
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":\"9999999999\"}", &claims), UA_INVALID_TOKEN);
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":9999999999.5}", &claims), UA_INVALID_TOKEN);
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":null}", &claims), UA_INVALID_TOKEN);
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":true}", &claims), UA_INVALID_TOKEN);
}

static void a_token_that_is_not_yet_valid_is_invalid(void **state)
{
  ua_claims claims;
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":1700000001,\"nbf\":1700000000}", &claims),
                   UA_OK);
  assert_int_equal(verify_payload(*state, "{" CLAIMS ",\"exp\":1700000009,\"nbf\":1700000001}", &claims),
                   UA_INVALID_TOKEN);
}

static void a_token_of_another_algorithm_is_invalid(void **state)
{
  ua_claims claims;
  const char *payload = "{" CLAIMS ",\"exp\":1700000001}";
  ua_text hs512 = forge(*state, "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", payload, one_secret[0], EVP_sha512());
  ua_text lying = forge(*state, "{\"alg\":\"none\",\"typ\":\"JWT\"}", payload, one_secret[0], EVP_sha256());
  ua_text none =
      (ua_text){lying.data, (size_t)((const char *)memrchr(lying.data, '.', lying.length) - lying.data) + 1};
  assert_int_equal(ua_auth_token_verify(&secrets, *state, hs512, NOW, &claims), UA_INVALID_TOKEN);
  assert_int_equal(ua_auth_token_verify(&secrets, *state, lying, NOW, &claims), UA_INVALID_TOKEN);
  assert_int_equal(ua_auth_token_verify(&secrets, *state, none, NOW, &claims), UA_INVALID_TOKEN);
}

static void a_token_signed_with_another_secret_is_invalid(void **state)
{
  ua_claims claims;
  ua_text token = forge(*state, HS256, "{" CLAIMS ",\"exp\":1700000001}", "another secret", EVP_sha256());
  assert_int_equal(ua_auth_token_verify(&secrets, *state, token, NOW, &claims), UA_INVALID_TOKEN);
}

static void an_older_secret_is_still_accepted_and_the_first_one_signs(void **state)
{
  static const char *const both[] = {"the new secret of at least 32 bytes!",
                                     "a secret of more than thirty-two bytes"};
  static const ua_token_secrets rotated = {both, 2};
  ua_user user = somebody();
  ua_text token;
  ua_claims claims;
  assert_int_equal(ua_auth_token_sign(&secrets, *state, &user, NOW + 60, &token, &claims), UA_OK);
  assert_int_equal(ua_auth_token_verify(&rotated, *state, token, NOW, &claims), UA_OK);
  assert_int_equal(ua_auth_token_sign(&rotated, *state, &user, NOW + 60, &token, &claims), UA_OK);
  assert_int_equal(ua_auth_token_verify(&secrets, *state, token, NOW, &claims), UA_INVALID_TOKEN);
}

static void an_empty_secret_verifies_nothing(void **state)
{
  static const char *const empty[] = {""};
  static const ua_token_secrets none = {empty, 1};
  ua_user user = somebody();
  ua_text token = forge(*state, HS256, "{" CLAIMS ",\"exp\":1700000001}", "x", EVP_sha256());
  ua_claims claims;
  assert_int_not_equal(ua_auth_token_verify(&none, *state, token, NOW, &claims), UA_OK);
  assert_int_not_equal(ua_auth_token_sign(&none, *state, &user, NOW + 60, &token, &claims), UA_OK);
}

static void claims_of_a_wrong_type_are_invalid(void **state)
{
  static const char *const payloads[] = {
      "{\"exp\":1700000001}",
      "{\"active\":1,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[],\"exp\":"
      "1700000001}",
      "{\"active\":true,\"customer\":2,\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[],\"exp\":"
      "1700000001}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":\"7\",\"name\":\"A\",\"roles\":[],"
      "\"exp\":1700000001}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":0,\"name\":\"A\",\"roles\":[],\"exp\":"
      "1700000001}",
      "{\"active\":true,\"customer\":{\"id\":4294967298},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[]"
      ",\"exp\":1700000001}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[\"admin\"]"
      ",\"exp\":1700000001}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[],\"exp\":"
      "1700000001,\"epoch\":-1}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[],\"exp\":"
      "1700000001,\"epoch\":\"0\"}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[],\"exp\":"
      "1700000001,\"epoch\":4294967296}",
      "{\"active\":true,\"customer\":{\"id\":2},\"email\":\"a\",\"id\":7,\"name\":\"A\",\"roles\":[{\"id\":1,"
      "\"code\":\"admin\\u0000s\",\"name\":\"A\"}],\"exp\":1700000001}",
      "[]",
  };
  for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
    ua_claims claims;
    assert_int_not_equal(verify_payload(*state, payloads[i], &claims), UA_OK);
  }
}

static void what_is_no_token_is_invalid(void **state)
{
  static const char *const texts[] = {"",
                                      ".",
                                      "..",
                                      "...",
                                      "a.b.c",
                                      "eyJhbGciOiJIUzI1NiJ9",
                                      "eyJhbGciOiJIUzI1NiJ9..",
                                      "Bearer x",
                                      "\xFF.\xFF.\xFF"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    ua_claims claims;
    assert_int_equal(ua_auth_token_verify(&secrets, *state, ua_text_of(texts[i]), NOW, &claims),
                     UA_INVALID_TOKEN);
  }
}

static void every_changed_byte_makes_a_token_invalid(void **state)
{
  ua_user user = somebody();
  ua_text token;
  ua_claims claims;
  assert_int_equal(ua_auth_token_sign(&secrets, *state, &user, NOW + 60, &token, &claims), UA_OK);
  for (size_t i = 0; i < token.length; i++) {
    ua_text copy = ua_arena_copy(*state, token);
    char *bytes = ua_arena_alloc(*state, token.length + 1);
    memcpy(bytes, copy.data, token.length);
    bytes[i] = bytes[i] == 'A' ? 'B' : 'A';
    assert_int_equal(ua_auth_token_verify(&secrets, *state, (ua_text){bytes, token.length}, NOW, &claims),
                     UA_INVALID_TOKEN);
  }
}

static ua_token_content read_token(ua_arena *arena, const ua_token_secrets *with, ua_text token)
{
  ua_token_content content;
  assert_int_equal(ua_auth_token_read(with, arena, token, NOW, &content), UA_OK);
  return content;
}

static void reading_tells_which_secret_signed(void **state)
{
  static const char *const both[] = {"the new secret of at least 32 bytes!",
                                     "a secret of more than thirty-two bytes"};
  static const ua_token_secrets rotated = {both, 2};
  const char *payload = "{" CLAIMS ",\"exp\":1700000001}";
  ua_text old = forge(*state, HS256, payload, both[1], EVP_sha256());
  ua_text current = forge(*state, HS256, payload, both[0], EVP_sha256());
  ua_text foreign = forge(*state, HS256, payload, "another secret", EVP_sha256());
  ua_text hs512 = forge(*state, "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", payload, both[0], EVP_sha512());
  assert_int_equal(read_token(*state, &rotated, current).signed_by, 1);
  assert_int_equal(read_token(*state, &rotated, old).signed_by, 2);
  assert_int_equal(read_token(*state, &rotated, foreign).signed_by, 0);
  assert_int_equal(read_token(*state, &rotated, hs512).signed_by, 0);
  assert_int_equal(read_token(*state, &rotated, foreign).claims.user.id, 7);
}

static void reading_tells_time_and_claims_apart(void **state)
{
  ua_text expired = forge(*state, HS256, "{" CLAIMS ",\"exp\":1700000000}", one_secret[0], EVP_sha256());
  ua_text early =
      forge(*state, HS256, "{" CLAIMS ",\"exp\":1700000009,\"nbf\":1700000001}", one_secret[0], EVP_sha256());
  ua_text other = forge(*state, HS256, "{\"sub\":\"x\"}", one_secret[0], EVP_sha256());
  ua_token_content content = read_token(*state, &secrets, expired);
  assert_true(content.is_session && !content.is_in_time && content.has_expiry);
  assert_int_equal(content.expires_at, 1700000000);
  assert_false(read_token(*state, &secrets, early).is_in_time);
  content = read_token(*state, &secrets, other);
  assert_true(!content.is_session && !content.is_in_time && !content.has_expiry);
  assert_string_equal(content.payload.data, "{\"sub\":\"x\"}");
}

static void what_is_no_token_cannot_be_read(void **state)
{
  static const char *const texts[] = {"", ".", "..", "a.b.c", "eyJhbGciOiJIUzI1NiJ9..", "\xFF.\xFF.\xFF"};
  ua_token_content content;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    assert_int_equal(ua_auth_token_read(&secrets, *state, ua_text_of(texts[i]), NOW, &content),
                     UA_INVALID_TOKEN);
  }
  ua_text list = forge(*state, HS256, "[1]", "x", EVP_sha256());
  assert_int_equal(ua_auth_token_read(&secrets, *state, list, NOW, &content), UA_INVALID_TOKEN);
}

static void a_token_longer_than_the_limit_is_invalid(void **state)
{
  char *bytes = ua_arena_alloc(*state, UA_MAX_TOKEN_BYTES + 2);
  ua_claims claims;
  memset(bytes, 'A', UA_MAX_TOKEN_BYTES + 1);
  assert_int_equal(
      ua_auth_token_verify(&secrets, *state, (ua_text){bytes, UA_MAX_TOKEN_BYTES + 1}, NOW, &claims),
      UA_INVALID_TOKEN);
}

#ifdef JWT_VALIDATION_SUCCESS /* of a libjwt that has jwt_set_alloc */

enum { AHEAD = 64 };

/* Memory that free() would refuse. */
static void *allocate_ahead(size_t size)
{
  char *memory = malloc(size + AHEAD);
  return memory == NULL ? NULL : memory + AHEAD;
}

static void free_ahead(void *memory)
{
  if (memory != NULL) {
    free((char *)memory - AHEAD);
  }
}

static void *reallocate_ahead(void *memory, size_t size)
{
  char *moved = realloc(memory == NULL ? NULL : (char *)memory - AHEAD, size + AHEAD);
  return moved == NULL ? NULL : moved + AHEAD;
}

static void the_library_may_have_an_allocator_of_the_programs(void **state)
{
  ua_user user = somebody();
  ua_text token;
  ua_claims claims;
  assert_int_equal(jwt_set_alloc(allocate_ahead, reallocate_ahead, free_ahead), 0);
  assert_int_equal(ua_auth_token_sign(&secrets, *state, &user, NOW + 60, &token, &claims), UA_OK);
  assert_int_equal(ua_auth_token_verify(&secrets, *state, token, NOW, &claims), UA_OK);
  assert_int_equal(jwt_set_alloc(NULL, NULL, NULL), 0);
}

#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_signed_is_read_again),
      cmocka_unit_test(a_token_is_known_by_what_is_signed_and_not_by_the_signature),
      cmocka_unit_test(two_tokens_of_the_same_second_differ),
      cmocka_unit_test(a_token_of_the_original_counts_as_epoch_zero),
      cmocka_unit_test(an_expired_token_is_invalid),
      cmocka_unit_test(a_token_without_a_whole_number_of_seconds_as_expiry_is_invalid),
      cmocka_unit_test(a_token_that_is_not_yet_valid_is_invalid),
      cmocka_unit_test(a_token_of_another_algorithm_is_invalid),
      cmocka_unit_test(a_token_signed_with_another_secret_is_invalid),
      cmocka_unit_test(an_older_secret_is_still_accepted_and_the_first_one_signs),
      cmocka_unit_test(an_empty_secret_verifies_nothing),
      cmocka_unit_test(claims_of_a_wrong_type_are_invalid),
      cmocka_unit_test(what_is_no_token_is_invalid),
      cmocka_unit_test(every_changed_byte_makes_a_token_invalid),
      cmocka_unit_test(reading_tells_which_secret_signed),
      cmocka_unit_test(reading_tells_time_and_claims_apart),
      cmocka_unit_test(what_is_no_token_cannot_be_read),
      cmocka_unit_test(a_token_longer_than_the_limit_is_invalid),
#ifdef JWT_VALIDATION_SUCCESS
      cmocka_unit_test(the_library_may_have_an_allocator_of_the_programs),
#endif
  };
  return cmocka_run_group_tests_name("token", tests, open_arena, close_arena);
}
