#include "cli/guess.h"

#include <stdio.h>
#include <string.h>

/* Longer words are not typing errors, and get no suggestion. */
enum { LONGEST_WORD = 32, SHORTEST_BEGINNING = 3 };

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Whether the letters before `i` and `j` are the same, ignoring case. */
static bool same(ua_text a, size_t i, ua_text b, size_t j)
{
  return ua_text_equal_nocase((ua_text){a.data + i - 1, 1}, (ua_text){b.data + j - 1, 1});
}

/* Damerau and Levenshtein's distance in which no letter is edited twice; both texts are short. */
static size_t distance_of(ua_text a, ua_text b)
{
  size_t row[LONGEST_WORD + 1][LONGEST_WORD + 1];
  for (size_t i = 0; i <= a.length; i++) {
    row[i][0] = i;
  }
  for (size_t j = 0; j <= b.length; j++) {
    row[0][j] = j;
  }
  for (size_t i = 1; i <= a.length; i++) {
    for (size_t j = 1; j <= b.length; j++) {
      size_t change = same(a, i, b, j) ? 0 : 1;
      size_t edited = least(row[i - 1][j] + 1, row[i][j - 1] + 1);
      row[i][j] = least(edited, row[i - 1][j - 1] + change);
      if (i > 1 && j > 1 && same(a, i, b, j - 1) && same(a, i - 1, b, j)) {
        row[i][j] = least(row[i][j], row[i - 2][j - 2] + 1);
      }
    }
  }
  return row[a.length][b.length];
}

/* One error in a word of three letters, two in one of six, three in one of nine or more. */
static size_t tolerance_of(ua_text word)
{
  return least(word.length / 3, 3);
}

void ua_cli_guess_try(ua_cli_guess *guess, ua_text known)
{
  ua_text word = guess->word;
  if (word.length == 0 || word.length > LONGEST_WORD || known.length == 0 || known.length > LONGEST_WORD) {
    return;
  }
  size_t distance = distance_of(word, known);
  size_t most = least(tolerance_of(word), tolerance_of(known));
  bool begins = word.length >= SHORTEST_BEGINNING && ua_text_starts_with(known, word);
  if ((distance <= most || begins) && (guess->nearest.data == NULL || distance < guess->distance)) {
    guess->nearest = known;
    guess->distance = distance;
  }
}

const char *ua_cli_guess_hint(const ua_cli_guess *guess, char hint_r[UA_CLI_GUESS_BYTES])
{
  hint_r[0] = '\0';
  if (guess->nearest.data != NULL) {
    (void)snprintf(hint_r, UA_CLI_GUESS_BYTES, ": did you mean %.*s?", UA_TEXT_ARGS(guess->nearest));
  }
  return hint_r;
}
