/* What somebody meant who mistyped a word. Pure. */
#ifndef UA_CLI_GUESS_H
#define UA_CLI_GUESS_H

#include <stddef.h>

#include "base/text.h"

/* A word that nobody knows, and the nearest of the known words that were tried so far. Begin with .word. */
typedef struct ua_cli_guess {
  ua_text word;
  ua_text nearest; /* absent: none is near */
  size_t distance; /* of the nearest */
} ua_cli_guess;

/* Compares the word with a known one, whose text has to live as long as the guess. Near is what differs by
 * few letters for its length (left out, added, wrong, or two that changed places; case does not matter), or
 * what the word begins. Of two that are equally near, the first one that was tried stays. */
void ua_cli_guess_try(ua_cli_guess *guess, ua_text known);

enum { UA_CLI_GUESS_BYTES = 96 };

/* Writes ": did you mean …?", or nothing when no known word is near, and returns `hint_r`. */
const char *ua_cli_guess_hint(const ua_cli_guess *guess, char hint_r[UA_CLI_GUESS_BYTES]);

#endif
