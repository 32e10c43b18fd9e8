#include "embed/draft.h"

#include "base/limits.h"

ua_json_value *ua_embed_draft_add(ua_embed_draft *draft, const char *name, ua_json_type type)
{
  ua_json_member *member = &draft->member[draft->count++];
  *member = (ua_json_member){.name = ua_text_of(name), .value = {.type = type}};
  return &member->value;
}

void ua_embed_draft_add_string(ua_embed_draft *draft, const char *name, const char *string)
{
  if (string != NULL) {
    ua_embed_draft_add(draft, name, UA_JSON_STRING)->string = ua_text_of(string);
  }
}

ua_status ua_embed_draft_add_roles(ua_arena *arena, ua_embed_draft *draft, const int32_t *ids, size_t count)
{
  size_t given = count > UA_MAX_ROLES ? UA_MAX_ROLES + 1 : count; /* enough to be refused */
  ua_json_member *items = ua_arena_calloc(arena, given, 2 * sizeof *items);
  if (items == NULL) {
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < given; i++) {
    ua_json_member *id = &items[given + i];
    *id = (ua_json_member){.name = UA_TEXT("id"), .value = {.type = UA_JSON_INTEGER, .integer = ids[i]}};
    items[i].value = (ua_json_value){.type = UA_JSON_OBJECT, .members = id, .count = 1};
  }
  ua_json_value *list = ua_embed_draft_add(draft, "roles", UA_JSON_ARRAY);
  list->members = items;
  list->count = given;
  return UA_OK;
}

/* Strings from a client have passed the JSON reader, which accepts only UTF-8; these have not. */
static ua_status check_utf8(ua_embed_call *call, const ua_embed_draft *draft)
{
  for (size_t i = 0; i < draft->count; i++) {
    const ua_json_value *value = &draft->member[i].value;
    if (value->type == UA_JSON_STRING && !ua_text_is_utf8(value->string)) {
      ua_service_violations_add(
          call->arena, &call->refusal.violations,
          (ua_violation){
              .field = draft->member[i].name, .item = -1, .sentence = UA_TEXT("must be of string type")});
    }
  }
  return call->refusal.violations.found > 0 ? UA_WRONG_DOCUMENT : UA_OK;
}

ua_status ua_embed_draft_read_payload(ua_embed_call *call, const ua_document_schema *schema,
                                      ua_embed_draft *draft, ua_document *document_r)
{
  ua_json_value value = {.type = UA_JSON_OBJECT, .members = draft->member, .count = draft->count};
  const ua_document_rules rules = {.password_min_bytes = call->config->password_min_bytes,
                                   .password_policy = &call->service->password_policy};
  ua_status status = check_utf8(call, draft);
  return status == UA_OK ? ua_api_document_read(call->arena, schema, &rules, &value, document_r,
                                                &call->refusal.violations)
                         : status;
}

/* Over HTTP, limits, offsets and the like are query arguments, so they are refused in the same way. */
ua_status ua_embed_draft_read_arguments(ua_embed_call *call, const ua_document_schema *schema,
                                        ua_embed_draft *draft, ua_document *document_r)
{
  ua_status status = ua_embed_draft_read_payload(call, schema, draft, document_r);
  return status == UA_WRONG_DOCUMENT ? UA_WRONG_ARGS : status;
}
