#include "auth/common_password.h"

#include <passwdqc.h>
#include <string.h>

enum {
  MOST_BYTES = 20,   /* of a password that the library checks */
  BASE_BYTES = 7,    /* that a password needs in addition to those that the library discounts for a word */
  WORD_BYTES = 8,    /* of a word that is checked alone */
  AROUND_BYTES = 5,  /* digits and signs around that */
  LEAST_LETTERS = 4, /* of a word that the library looks for */
  PIECE_BYTES = 8
};

/* Whether the library refuses it: without words and sequences it has less than `least` bytes. */
static bool is_found(ua_text password, int least)
{
  char string[MOST_BYTES + 1];
  memcpy(string, password.data, password.length);
  string[password.length] = '\0';
  const passwdqc_params_qc_t bounds = {.min = {least, least, least, least, least},
                                       .max = MOST_BYTES + 1,
                                       .passphrase_words = 3,
                                       .match_length = LEAST_LETTERS};
  bool found = passwdqc_check(&bounds, string, NULL, NULL) != NULL;
  explicit_bzero(string, sizeof string);
  return found;
}

static bool is_letter(char character)
{
  unsigned char byte = (unsigned char)character;
  return byte >= 0x80 || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* The password without the non-letters at both ends. */
static ua_text word_of(ua_text password)
{
  ua_text word = password;
  while (word.length > 0 && !is_letter(word.data[word.length - 1])) {
    word.length--;
  }
  while (word.length > 0 && !is_letter(word.data[0])) {
    word = (ua_text){word.data + 1, word.length - 1};
  }
  return word;
}

/* One word with little around it: the library counts "1234" behind a word as if it were random. */
static bool is_decorated_word(ua_text password)
{
  ua_text word = word_of(password);
  return word.length >= LEAST_LETTERS && word.length <= WORD_BYTES &&
         password.length - word.length <= AROUND_BYTES && is_found(word, (int)word.length);
}

static bool repeats_a_piece(ua_text password)
{
  for (size_t piece = 1; piece <= PIECE_BYTES && 2 * piece <= password.length; piece++) {
    if (memcmp(password.data, password.data + piece, password.length - piece) == 0) {
      return true;
    }
  }
  return false;
}

bool ua_auth_common_password_is(ua_text password)
{
  if (password.length > MOST_BYTES) {
    return repeats_a_piece(password);
  }
  /* Settings can allow shorter passwords: do not refuse one for its length alone. */
  int least = password.length < BASE_BYTES ? (int)password.length : BASE_BYTES;
  return is_found(password, least) || is_decorated_word(password);
}
