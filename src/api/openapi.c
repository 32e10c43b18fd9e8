#include "api/openapi.h"

#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/openapi_source.h"
#include "base/crypto.h"
#include "base/metrics.h"
#include "http/etag.h"

/* A path of the document, as the settings mount it. */
typedef struct entry {
  ua_text name;
  ua_text value;
} entry;

/* Where the settings mount the part of the API that is at `preset` in the document; NULL: nowhere. */
static const char *mount_of(const ua_config *config, ua_text name, ua_text *preset_r)
{
  const struct {
    const char *preset;
    const char *mount;
  } parts[] = {{"/api/users", config->users_prefix},         {"/api/roles", config->roles_prefix},
               {"/api/customers", config->customers_prefix}, {"/api/account", config->account_prefix},
               {"/api/events", config->events_prefix},       {"/api/guard", config->guard_prefix},
               {"/api/openapi.json", config->openapi_path}};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    *preset_r = ua_text_of(parts[i].preset);
    if (ua_text_starts_with(name, *preset_r)) {
      return parts[i].mount;
    }
  }
  *preset_r = UA_TEXT("");
  return "";
}

/* Whether "/users" and "/<int:id>" together are "/users/{id}". */
static bool is_path_of(const ua_route_pattern *pattern, ua_text path)
{
  ua_text mount = ua_text_of(pattern->mount);
  if (!ua_text_starts_with(path, mount)) {
    return false;
  }
  const char *own = pattern->pattern;
  size_t at = mount.length;
  while (at < path.length && *own != '\0') {
    if (*own == '<' && path.data[at] == '{') {
      own = strchr(own, ':') + 1;
      at++;
    } else if (*own == path.data[at] || (*own == '>' && path.data[at] == '}')) {
      own++;
      at++;
    } else {
      return false;
    }
  }
  return at == path.length && *own == '\0';
}

/* The document does not describe an embedding program's own routes, whatever their paths. */
static bool is_ours(const ua_route *route)
{
  return route->number >= UA_METRICS_OURS && route->number < UA_METRICS_HOSTS;
}

static bool has_route(const ua_routes *routes, ua_text path)
{
  bool has = false;
  for (size_t i = 0; !has && i < routes->count; i++) {
    has = is_ours(&routes->list[i]) && is_path_of(&routes->list[i].pattern, path);
  }
  return has;
}

/* By name; of two with the same name, the later one in the source goes first. */
static int compare(const void *a, const void *b)
{
  const entry *one = a;
  const entry *other = b;
  int order = ua_text_compare(one->name, other->name);
  return order != 0 ? order : (one->value.data < other->value.data) - (one->value.data > other->value.data);
}

/* A guard or the document may be mounted at "/api/users/token", which is in use already. Readers of JSON
 * disagree about an object that has a name twice. */
static size_t drop_repeated(entry *entries, size_t count)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (kept == 0 || !ua_text_equal(entries[kept - 1].name, entries[i].name)) {
      entries[kept++] = entries[i];
    }
  }
  return kept;
}

/* The source from `begin` to `end`. */
static ua_text cut(size_t begin, size_t end)
{
  return (ua_text){(const char *)ua_api_openapi_source + begin, end - begin};
}

static char *put(char *at, ua_text text)
{
  memcpy(at, text.data, text.length);
  return at + text.length;
}

/* Fills entries[], which has room for all, with those that are answered, in the order of their names. */
static ua_status find_entries(ua_arena *arena, const ua_config *config, const ua_routes *routes,
                              entry *entries, size_t *count_r)
{
  *count_r = 0;
  for (size_t i = 0; i < ua_api_openapi_path_count; i++) {
    const ua_openapi_path *path = &ua_api_openapi_paths[i];
    ua_text preset;
    ua_text name = ua_text_of(path->name);
    const char *mount = mount_of(config, name, &preset);
    if (mount == NULL) {
      continue;
    }
    ua_text moved = ua_arena_printf(arena, "%s%s", mount, name.data + preset.length);
    if (moved.data == NULL) {
      return UA_INTERNAL;
    }
    if (has_route(routes, moved)) {
      entries[(*count_r)++] = (entry){moved, cut(path->begin, path->begin + path->length)};
    }
  }
  qsort(entries, *count_r, sizeof *entries, compare);
  *count_r = drop_repeated(entries, *count_r);
  return UA_OK;
}

ua_status ua_api_openapi_write(ua_arena *arena, const ua_config *config, const ua_routes *routes,
                               ua_text *document_r)
{
  static const size_t around = sizeof "\"\":," - 1;
  const ua_text head = cut(0, ua_api_openapi_first);
  const ua_text tail = cut(ua_api_openapi_last, ua_api_openapi_length);
  entry *entries = ua_arena_calloc(arena, ua_api_openapi_path_count, sizeof *entries);
  size_t count;
  if (entries == NULL || find_entries(arena, config, routes, entries, &count) != UA_OK) {
    return UA_INTERNAL;
  }
  size_t room = head.length + tail.length + 1;
  for (size_t i = 0; i < count; i++) {
    room += entries[i].name.length + entries[i].value.length + around;
  }
  char *bytes = ua_arena_alloc(arena, room);
  if (bytes == NULL) {
    return UA_INTERNAL;
  }
  char *at = put(bytes, head);
  for (size_t i = 0; i < count; i++) {
    at = put(at, i == 0 ? UA_TEXT("\"") : UA_TEXT(",\""));
    at = put(at, entries[i].name); /* the setting allows no character that JSON escapes */
    at = put(at, UA_TEXT("\":"));
    at = put(at, entries[i].value);
  }
  at = put(at, tail);
  at = put(at, UA_TEXT("\n"));
  *document_r = (ua_text){bytes, (size_t)(at - bytes)};
  return UA_OK;
}

/* An entity tag of what is answered, in the arena; absent when that fails. */
static ua_text tag_of(ua_arena *arena, ua_text document)
{
  unsigned char digest[UA_SHA256_BYTES];
  char tag[sizeof digest + 3] = "\"";
  if (!ua_crypto_sha256(document, digest)) {
    return UA_TEXT_ABSENT;
  }
  ua_text_hex(digest, sizeof digest / 2, tag + 1);
  return ua_arena_printf(arena, "%s\"", tag);
}

/* It holds no private data, so a client may cache it, and revalidates it each time. */
ua_status ua_api_handle_openapi(ua_exchange *exchange)
{
  ua_text document;
  ua_text known;
  ua_status status = ua_api_openapi_write(exchange->arena, exchange->config, exchange->routes, &document);
  if (status == UA_OK) {
    status = ua_http_request_joined(exchange->request, "HTTP_IF_NONE_MATCH", UA_TEXT(", "), &known);
  }
  if (status != UA_OK) {
    return status;
  }
  ua_text tag = tag_of(exchange->arena, document);
  ua_http_response_add_header(&exchange->response, "Cache-Control", UA_TEXT("no-cache"));
  ua_http_response_add_header(&exchange->response, "ETag", tag);
  bool is_known = ua_http_etag_is_named(known, tag, UA_ETAG_WEAK);
  exchange->response.status = is_known ? 304 : 200;
  exchange->response.body = is_known ? UA_TEXT("") : document;
  return UA_OK;
}
