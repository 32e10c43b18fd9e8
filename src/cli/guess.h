/* Suggestions for mistyped words. Pure. */
#ifndef UA_CLI_GUESS_H
#define UA_CLI_GUESS_H

#include <stddef.h>

#include "base/text.h"

/* An unknown word, and the nearest of the known words that were tried so far. Initialize only .word. */
typedef struct ua_cli_guess {
  ua_text word;
  ua_text nearest; /* absent: none is near */
  size_t distance; /* of the nearest */
} ua_cli_guess;

/* Compares the word with a known one, whose text has to live as long as the guess. A known word is near if it
 * differs by few letters for its length (missing, added, wrong, or two that are swapped; case is ignored), or
 * if the word is its beginning. Of two that are equally near, the first one stays. */
void ua_cli_guess_try(ua_cli_guess *guess, ua_text known);

enum { UA_CLI_GUESS_BYTES = 96 };

/* Writes ": did you mean …?", or nothing when no known word is near, and returns `hint_r`. */
const char *ua_cli_guess_hint(const ua_cli_guess *guess, char hint_r[UA_CLI_GUESS_BYTES]);

#endif
