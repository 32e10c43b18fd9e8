#include "embed/versions.h"

enum { MOST = 4 }; /* times the known size: a larger size is a mistake, so the structure is not read */

bool ua_embed_is_unused(const void *bytes, size_t count)
{
  const char *byte = bytes;
  for (size_t i = 0; i < count; i++) {
    if (byte[i] != '\0') {
      return false;
    }
  }
  return true;
}

bool ua_embed_is_known(const void *structure, size_t size, size_t smallest, size_t known)
{
  if (size < smallest || size >= MOST * known) {
    return false;
  }
  return size <= known || ua_embed_is_unused((const char *)structure + known, size - known);
}
