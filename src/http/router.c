#include "http/router.h"

#include <string.h>

/* How a row's pattern fits a path. Ranks are comparable for paths with the same number of segments: two bits
 * for each segment, the leftmost counts most. */
typedef enum fit { FIT_NONE, FIT_BUT_FOR_THE_SLASH, FIT_EXACT } fit;

enum { RANK_STRING, RANK_INTEGER, RANK_LITERAL };
enum { RANK_BITS = 2 };

typedef struct candidate {
  ua_match match;
  uint64_t rank;
} candidate;

typedef struct parameter_kind {
  ua_text prefix;
  unsigned rank;
} parameter_kind;

static const parameter_kind parameter_kinds[] = {
    {{"<int:", sizeof "<int:" - 1}, RANK_INTEGER},
    {{"<string:", sizeof "<string:" - 1}, RANK_STRING},
};

static bool fits_parameter(ua_text pattern, const parameter_kind *kind, ua_text segment, candidate *found)
{
  if (found->match.parameter_count == UA_MAX_PATH_PARAMETERS) {
    return false;
  }
  ua_path_parameter *parameter = &found->match.parameter[found->match.parameter_count];
  *parameter = (ua_path_parameter){
      .name = pattern.data + kind->prefix.length,
      .name_length = pattern.length - kind->prefix.length - 1,
      .text = segment,
  };
  if (kind->rank == RANK_INTEGER) {
    uint64_t value = 0;
    if (!ua_text_to_uint(segment, INT32_MAX, &value) || value == 0) {
      return false;
    }
    parameter->integer = (int32_t)value;
  }
  found->match.parameter_count++;
  return true;
}

static bool fits_segment(ua_text pattern, ua_text segment, candidate *found)
{
  unsigned rank = RANK_LITERAL;
  const parameter_kind *kind = NULL;
  bool closed = pattern.length > 0 && pattern.data[pattern.length - 1] == '>';
  for (size_t i = 0; closed && i < sizeof parameter_kinds / sizeof *parameter_kinds; i++) {
    if (ua_text_starts_with(pattern, parameter_kinds[i].prefix)) {
      kind = &parameter_kinds[i];
    }
  }
  if (kind != NULL) {
    if (!fits_parameter(pattern, kind, segment, found)) {
      return false;
    }
    rank = kind->rank;
  } else if (!ua_text_equal(pattern, segment)) {
    return false;
  }
  found->rank = found->rank << RANK_BITS | rank;
  return true;
}

/* Matches the segments of `pattern` ("" or beginning with "/") with those of the path from *next on. */
static bool fits_segments(ua_text pattern, const ua_path *path, size_t *next, candidate *found)
{
  ua_text part;
  if (pattern.length == 0) {
    return true;
  }
  if (pattern.data[0] != '/') {
    return false;
  }
  pattern = (ua_text){pattern.data + 1, pattern.length - 1};
  while (ua_text_split(&pattern, '/', &part)) {
    if (part.length == 0 && pattern.data == NULL) {
      break;
    }
    if (*next == path->count || !fits_segment(part, path->segment[*next], found)) {
      return false;
    }
    (*next)++;
  }
  return true;
}

/* How much of the path a mount matches. */
typedef struct mounted {
  const char *mount;
  bool fits;
  size_t next; /* segment of the path behind the mount */
  candidate found;
} mounted;

static mounted try_mount(const char *mount, const ua_path *path)
{
  mounted at = {.mount = mount};
  at.fits = fits_segments(ua_text_of(mount), path, &at.next, &at.found);
  return at;
}

/* The row's mount fits. */
static fit fit_row(const ua_route_pattern *row, const ua_path *path, const mounted *at, candidate *found)
{
  size_t next = at->next;
  ua_text pattern = ua_text_of(row->pattern);
  *found = at->found;
  if (!fits_segments(pattern, path, &next, found) || next != path->count) {
    return FIT_NONE;
  }
  bool slash = pattern.length > 0 && pattern.data[pattern.length - 1] == '/';
  if (slash == path->trailing_slash) {
    return FIT_EXACT;
  }
  return slash ? FIT_BUT_FOR_THE_SLASH : FIT_NONE;
}

static unsigned with_implied(unsigned methods)
{
  if (methods & UA_METHOD_GET) {
    methods |= UA_METHOD_HEAD;
  }
  return methods | UA_METHOD_OPTIONS;
}

ua_match_result ua_http_router_match(const void *routes, size_t count, size_t stride, ua_method method,
                                     const ua_path *path, ua_match *match_r)
{
  unsigned wanted = (unsigned)method;
  if (method == UA_METHOD_HEAD) {
    wanted |= UA_METHOD_GET;
  }
  bool known = false;
  bool found = false;
  bool slash_missing = false;
  unsigned allowed = 0;
  candidate best = {0};
  mounted at = try_mount(NULL, path);
  for (size_t i = 0; i < count; i++) {
    const ua_route_pattern *row = (const ua_route_pattern *)(const void *)((const char *)routes + i * stride);
    candidate next;
    if (row->mount != at.mount) { /* rows of one mount are adjacent */
      at = try_mount(row->mount, path);
    }
    fit fits = at.fits ? fit_row(row, path, &at, &next) : FIT_NONE;
    if (fits == FIT_BUT_FOR_THE_SLASH) {
      slash_missing = true;
    }
    if (fits != FIT_EXACT || (known && next.rank < best.rank)) {
      continue;
    }
    if (!known || next.rank > best.rank) {
      best = next;
      known = true;
      found = false;
      allowed = 0;
    }
    allowed |= (unsigned)row->method;
    if (!found && (row->method == UA_METHOD_ANY || ((unsigned)row->method & wanted) != 0)) {
      best = next;
      best.match.index = i;
      found = true;
    }
  }
  if (!known) {
    return slash_missing ? UA_MATCH_ADD_SLASH : UA_MATCH_NONE;
  }
  best.match.allowed = with_implied(allowed);
  *match_r = best.match;
  if (found) {
    return UA_MATCH_FOUND;
  }
  return method == UA_METHOD_OPTIONS ? UA_MATCH_OPTIONS : UA_MATCH_METHOD_NOT_ALLOWED;
}

ua_text ua_http_router_allow(ua_arena *arena, unsigned allowed)
{
  static const struct {
    ua_method method;
    const char *name;
  } methods[] = {
      {UA_METHOD_GET, "GET"},         {UA_METHOD_HEAD, "HEAD"},   {UA_METHOD_POST, "POST"},
      {UA_METHOD_PUT, "PUT"},         {UA_METHOD_PATCH, "PATCH"}, {UA_METHOD_DELETE, "DELETE"},
      {UA_METHOD_OPTIONS, "OPTIONS"},
  };
  char *out = ua_arena_alloc(arena, sizeof "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (out == NULL) {
    return UA_TEXT_ABSENT;
  }
  size_t length = 0;
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if ((allowed & (unsigned)methods[i].method) == 0) {
      continue;
    }
    ua_text name = ua_text_of(methods[i].name);
    if (length > 0) {
      memcpy(out + length, ", ", 2);
      length += 2;
    }
    memcpy(out + length, name.data, name.length);
    length += name.length;
  }
  return (ua_text){out, length};
}
