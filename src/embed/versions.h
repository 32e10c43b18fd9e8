/* Structures of the public header that begin with their size: a program may have been built against an older
 * header or a newer one. */
#ifndef UA_EMBED_VERSIONS_H
#define UA_EMBED_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of the bytes are zero: what is reserved, and what a program does not use. */
bool ua_embed_is_unused(const void *bytes, size_t count);

/* Whether a structure of `size` bytes, which its first member says, can be read: it has at least `smallest`,
 * and uses nothing behind the `known` ones of this version. What is there would be ignored otherwise. */
bool ua_embed_is_known(const void *structure, size_t size, size_t smallest, size_t known);

#endif
