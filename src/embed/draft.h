/* The document that a client would have sent: the endpoints' own tables check a program's values. */
#ifndef UA_EMBED_DRAFT_H
#define UA_EMBED_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "api/documents.h"
#include "embed/instance.h"
#include "json/reader.h"

enum { UA_EMBED_DRAFT_MEMBERS = 9 };

typedef struct ua_embed_draft {
  ua_json_member member[UA_EMBED_DRAFT_MEMBERS];
  size_t count;
} ua_embed_draft;

/* Adds a field of that type, to be filled; `name` is a literal. */
ua_json_value *ua_embed_draft_add(ua_embed_draft *draft, const char *name, ua_json_type type);

/* Adds a string; with NULL, the field is not given. */
void ua_embed_draft_add_string(ua_embed_draft *draft, const char *name, const char *string);

/* Adds roles by their ids. UA_INTERNAL when memory is exhausted. */
UA_CHECK ua_status ua_embed_draft_add_roles(ua_arena *arena, ua_embed_draft *draft, const int32_t *ids,
                                            size_t count);

/* Reads the draft as a payload of that schema, or as query arguments: UA_WRONG_DOCUMENT or UA_WRONG_ARGS with
 * the violations in the call's refusal. */
UA_CHECK ua_status ua_embed_draft_read_payload(ua_embed_call *call, const ua_document_schema *schema,
                                               ua_embed_draft *draft, ua_document *document_r);
UA_CHECK ua_status ua_embed_draft_read_arguments(ua_embed_call *call, const ua_document_schema *schema,
                                                 ua_embed_draft *draft, ua_document *document_r);

#endif
