/* Structures of the public header that begin with their size: a program may have been built with an older or
 * a newer header. */
#ifndef UA_EMBED_VERSIONS_H
#define UA_EMBED_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all bytes are zero, as reserved and unused ones must be. */
bool ua_embed_is_unused(const void *bytes, size_t count);

/* Whether a structure can be read. Its first member gives its `size`: it has at least `smallest` bytes, and
 * uses none after the `known` ones of this version, which would be ignored otherwise. */
bool ua_embed_is_known(const void *structure, size_t size, size_t smallest, size_t known);

#endif
