#include "auth/token.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "json/reader.h"
#include "json/writer.h"

enum { NONCE_BYTES = 16 };

/* The signed part of a token identifies it: unlike the whole text, it cannot be spelt in two ways. */
static ua_status set_key(ua_text token, ua_claims *claims)
{
  const char *dot = memrchr(token.data, '.', token.length);
  if (dot == NULL) {
    return UA_INVALID_TOKEN;
  }
  if (!ua_crypto_sha256((ua_text){token.data, (size_t)(dot - token.data)}, claims->key.digest)) {
    return UA_INTERNAL;
  }
  claims->key.user_id = claims->user.id;
  claims->key.customer_id = claims->user.customer_id;
  return UA_OK;
}

/* A string of libjwt's. 1.10 always allocates it with malloc(); from 1.12 on an embedding program may have
 * set another allocator. The header has no version, but has this macro since then. */
static void free_string(char *string)
{
#ifdef JWT_VALIDATION_SUCCESS
  jwt_free_str(string);
#else
  free(string);
#endif
}

/* --- signing --- */

static void write_claims(ua_json_writer *writer, const ua_user *user, int64_t expires_at, const char *nonce)
{
  ua_json_begin_object(writer, NULL);
  ua_json_add_boolean(writer, "active", user->active);
  ua_json_begin_object(writer, "customer");
  ua_json_add_integer(writer, "id", user->customer_id);
  ua_json_end(writer);
  ua_json_add_text(writer, "email", user->email);
  ua_json_add_integer(writer, "epoch", user->epoch);
  ua_json_add_integer(writer, "exp", expires_at);
  ua_json_add_integer(writer, "id", user->id);
  ua_json_add_text(writer, "jti", ua_text_of(nonce));
  ua_json_add_text(writer, "name", user->name);
  ua_json_begin_array(writer, "roles");
  for (size_t i = 0; i < user->role_count; i++) {
    ua_json_begin_object(writer, NULL);
    ua_json_add_text(writer, "code", user->roles[i].code);
    ua_json_add_integer(writer, "id", user->roles[i].id);
    ua_json_add_text(writer, "name", user->roles[i].name);
    ua_json_end(writer);
  }
  ua_json_end(writer);
  ua_json_end(writer);
}

static ua_status encode(ua_text secret, ua_arena *arena, const char *payload, ua_text *token_r)
{
  ua_status status = UA_INTERNAL;
  char *encoded = NULL;
  jwt_t *jwt = NULL;
  if (secret.length == 0 || jwt_new(&jwt) != 0) {
    return UA_INTERNAL;
  }
  if (jwt_add_grants_json(jwt, payload) == 0 &&
      jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret.data, (int)secret.length) == 0) {
    encoded = jwt_encode_str(jwt);
  }
  if (encoded != NULL) {
    *token_r = ua_arena_copy(arena, ua_text_of(encoded));
    status = token_r->data == NULL ? UA_INTERNAL : UA_OK;
  }
  free_string(encoded);
  jwt_free(jwt);
  return status;
}

/* Of whatever length. */
static ua_status sign(ua_text secret, ua_arena *arena, const ua_user *user, int64_t expires_at,
                      ua_text *token_r)
{
  unsigned char nonce[NONCE_BYTES];
  char nonce_text[2 * NONCE_BYTES + 1];
  ua_text payload;
  if (!ua_crypto_random(nonce, sizeof nonce)) {
    return UA_INTERNAL;
  }
  ua_text_hex(nonce, sizeof nonce, nonce_text);
  ua_json_writer *writer = ua_json_writer_create();
  write_claims(writer, user, expires_at, nonce_text);
  ua_status status = ua_json_finish(&writer, arena, false, &payload);
  return status == UA_OK ? encode(secret, arena, payload.data, token_r) : status;
}

ua_status ua_auth_token_sign(const ua_token_secrets *secrets, ua_arena *arena, const ua_user *user,
                             int64_t expires_at, ua_text *token_r, ua_claims *claims_r)
{
  ua_text token;
  if (secrets->count == 0) {
    return UA_INTERNAL;
  }
  ua_status status = sign(ua_text_of(secrets->secret[0]), arena, user, expires_at, &token);
  if (status != UA_OK) {
    return status;
  }
  if (token.length > UA_MAX_TOKEN_BYTES) {
    ua_log(UA_LOG_ERROR, UA_EVENT("token too long: the user has too many roles"),
           ua_log_int("user", user->id), ua_log_int("bytes", (int64_t)token.length),
           ua_log_int("most", UA_MAX_TOKEN_BYTES));
    return UA_INTERNAL;
  }
  *token_r = token;
  *claims_r = (ua_claims){.user = *user, .not_before = INT64_MIN, .expires_at = expires_at};
  return set_key(*token_r, claims_r);
}

ua_status ua_auth_token_length(ua_arena *arena, const ua_user *user, size_t *bytes_r)
{
  static const int64_t longest_expiry = 9999999999; /* the year 2286 */
  ua_user later = *user;
  ua_text token;
  later.epoch = INT32_MAX;
  later.active = true; /* only active users have tokens; measuring the longer "false" could refuse a
                          deactivation */
  /* All signatures have the same length, and this one is never sent. */
  ua_status status = sign(UA_TEXT("measured, and never presented"), arena, &later, longest_expiry, &token);
  if (status == UA_OK) {
    *bytes_r = token.length;
  }
  return status;
}

/* --- verifying --- */

/* The payload's JSON when one of the secrets signed the token with HS256, and the number of that secret, from
 * 1. */
static ua_status decode(const ua_token_secrets *secrets, ua_arena *arena, const char *token,
                        ua_text *payload_r, size_t *signed_by_r)
{
  ua_status status = UA_INVALID_TOKEN;
  for (size_t i = 0; i < secrets->count && status == UA_INVALID_TOKEN; i++) {
    jwt_t *jwt = NULL;
    ua_text secret = ua_text_of(secrets->secret[i]);
    if (secret.length == 0) { /* libjwt would take any signature */
      return UA_INTERNAL;
    }
    if (jwt_decode(&jwt, token, (const unsigned char *)secret.data, (int)secret.length) != 0) {
      continue;
    }
    if (jwt_get_alg(jwt) == JWT_ALG_HS256) {
      char *json = jwt_get_grants_json(jwt, NULL);
      *payload_r = json == NULL ? UA_TEXT_ABSENT : ua_arena_copy(arena, ua_text_of(json));
      status = payload_r->data == NULL ? UA_INTERNAL : UA_OK;
      *signed_by_r = i + 1;
      free_string(json);
    }
    jwt_free(jwt);
  }
  return status;
}

/* A member that has to be there, of that type. NULL otherwise. */
static const ua_json_value *member(const ua_json_value *object, const char *name, ua_json_type type)
{
  const ua_json_value *value = ua_json_member_of(object, name);
  return value != NULL && value->type == type ? value : NULL;
}

static bool read_id(const ua_json_value *object, const char *name, int32_t *id_r)
{
  const ua_json_value *value = member(object, name, UA_JSON_INTEGER);
  if (value == NULL || value->integer < 1 || value->integer > INT32_MAX) {
    return false;
  }
  *id_r = (int32_t)value->integer;
  return true;
}

static bool read_string(const ua_json_value *object, const char *name, ua_text *text_r)
{
  const ua_json_value *value = member(object, name, UA_JSON_STRING);
  if (value == NULL || ua_text_has_nul(value->string)) {
    return false;
  }
  *text_r = value->string;
  return true;
}

static bool read_roles(ua_arena *arena, const ua_json_value *payload, ua_user *user)
{
  const ua_json_value *list = member(payload, "roles", UA_JSON_ARRAY);
  if (list == NULL || list->count > UA_MAX_ROLES) {
    return false;
  }
  ua_role *roles = ua_arena_calloc(arena, list->count, sizeof *roles);
  if (roles == NULL) {
    return false;
  }
  for (size_t i = 0; i < list->count; i++) {
    const ua_json_value *item = &list->members[i].value;
    if (!read_id(item, "id", &roles[i].id) || !read_string(item, "code", &roles[i].code) ||
        !read_string(item, "name", &roles[i].name)) {
      return false;
    }
  }
  user->roles = roles;
  user->role_count = list->count;
  return true;
}

/* Absent in tokens of the original. */
static bool read_epoch(const ua_json_value *payload, ua_user *user)
{
  const ua_json_value *epoch = ua_json_member_of(payload, "epoch");
  if (epoch == NULL) {
    return true;
  }
  if (epoch->type != UA_JSON_INTEGER || epoch->integer < 0 || epoch->integer > INT32_MAX) {
    return false;
  }
  user->epoch = (int32_t)epoch->integer;
  return true;
}

bool ua_auth_token_is_in_time(const ua_claims *claims, int64_t now)
{
  return claims->not_before <= now && now < claims->expires_at;
}

static bool read_times(const ua_json_value *payload, ua_claims *claims)
{
  const ua_json_value *exp = member(payload, "exp", UA_JSON_INTEGER);
  const ua_json_value *nbf = ua_json_member_of(payload, "nbf");
  if (exp == NULL || (nbf != NULL && nbf->type != UA_JSON_INTEGER)) {
    return false;
  }
  claims->expires_at = exp->integer;
  claims->not_before = nbf == NULL ? INT64_MIN : nbf->integer;
  return true;
}

static bool read_claims(ua_arena *arena, const ua_json_value *payload, ua_claims *claims)
{
  const ua_json_value *active = member(payload, "active", UA_JSON_BOOLEAN);
  ua_user *user = &claims->user;
  if (active == NULL) {
    return false;
  }
  user->active = active->boolean;
  return read_times(payload, claims) && read_id(payload, "id", &user->id) &&
         read_id(ua_json_member_of(payload, "customer"), "id", &user->customer_id) &&
         read_string(payload, "email", &user->email) && read_string(payload, "name", &user->name) &&
         read_epoch(payload, user) && read_roles(arena, payload, user);
}

/* A NUL-terminated copy of what may be a token. */
static ua_status copy_token(ua_arena *arena, ua_text token, ua_text *copy_r)
{
  if (token.length == 0 || token.length > UA_MAX_TOKEN_BYTES || ua_text_has_nul(token)) {
    return UA_INVALID_TOKEN;
  }
  *copy_r = ua_arena_copy(arena, token);
  return copy_r->data == NULL ? UA_INTERNAL : UA_OK;
}

ua_status ua_auth_token_verify(const ua_token_secrets *secrets, ua_arena *arena, ua_text token, int64_t now,
                               ua_claims *claims_r)
{
  ua_claims claims = {.expires_at = 0};
  ua_json_value payload;
  ua_text copy;
  ua_text json;
  size_t signed_by;
  ua_status status = copy_token(arena, token, &copy);
  if (status == UA_OK) {
    status = decode(secrets, arena, copy.data, &json, &signed_by);
  }
  if (status != UA_OK) {
    return status;
  }
  if (ua_json_parse(arena, json, &payload) != UA_OK || !read_claims(arena, &payload, &claims) ||
      !ua_auth_token_is_in_time(&claims, now)) {
    return UA_INVALID_TOKEN;
  }
  status = set_key(copy, &claims);
  if (status != UA_OK) {
    return status;
  }
  *claims_r = claims;
  return UA_OK;
}

/* The payload's JSON, no matter who signed the token: for display, never for a decision. */
static ua_status decode_unverified(ua_arena *arena, const char *token, ua_text *payload_r)
{
  ua_status status = UA_INVALID_TOKEN;
  char *json = NULL;
  jwt_t *jwt = NULL;
  if (jwt_decode(&jwt, token, NULL, 0) != 0) {
    return UA_INVALID_TOKEN;
  }
  json = jwt_get_grants_json(jwt, NULL);
  if (json != NULL) {
    *payload_r = ua_arena_copy(arena, ua_text_of(json));
    status = payload_r->data == NULL ? UA_INTERNAL : UA_OK;
  }
  free_string(json);
  jwt_free(jwt);
  return status;
}

ua_status ua_auth_token_read(const ua_token_secrets *secrets, ua_arena *arena, ua_text token, int64_t now,
                             ua_token_content *content_r)
{
  ua_token_content content = {.signed_by = 0};
  ua_json_value payload;
  ua_text copy;
  ua_status status = copy_token(arena, token, &copy);
  if (status == UA_OK) {
    status = decode(secrets, arena, copy.data, &content.payload, &content.signed_by);
    status = status == UA_INVALID_TOKEN ? decode_unverified(arena, copy.data, &content.payload) : status;
  }
  if (status != UA_OK) {
    return status;
  }
  if (ua_json_parse(arena, content.payload, &payload) != UA_OK || payload.type != UA_JSON_OBJECT) {
    return UA_INVALID_TOKEN;
  }
  const ua_json_value *exp = member(&payload, "exp", UA_JSON_INTEGER);
  content.has_expiry = exp != NULL;
  content.expires_at = exp == NULL ? 0 : exp->integer;
  content.is_in_time =
      read_times(&payload, &content.claims) && ua_auth_token_is_in_time(&content.claims, now);
  content.is_session =
      read_claims(arena, &payload, &content.claims) && set_key(copy, &content.claims) == UA_OK;
  *content_r = content;
  return UA_OK;
}
