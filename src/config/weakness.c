#include "config/weakness.h"

#include <string.h>

/* A secret made of a sample's words needs so many other characters. */
enum { LEAST_OWN_CHARACTERS = 12 };

/* The words of samples and of invented secrets. If a word begins with another one, the longer word comes
 * first. */
static const char *const words[] = {"authentication",
                                    "development",
                                    "production",
                                    "characters",
                                    "change_me",
                                    "change-me",
                                    "changeme",
                                    "change",
                                    "passphrase",
                                    "password",
                                    "passwd",
                                    "replace",
                                    "example",
                                    "default",
                                    "insecure",
                                    "secret",
                                    "secure",
                                    "signing",
                                    "super",
                                    "sample",
                                    "random",
                                    "string",
                                    "please",
                                    "testing",
                                    "test",
                                    "dummy",
                                    "admin",
                                    "token",
                                    "user",
                                    "your",
                                    "this",
                                    "long",
                                    "very",
                                    "with",
                                    "jwt",
                                    "key",
                                    "dev",
                                    "api",
                                    "the",
                                    "bit"};

static unsigned char lower(char letter)
{
  return (unsigned char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

/* The length of the word that `text` begins with, 0 for none. */
static size_t word_at(ua_text text)
{
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    ua_text word = ua_text_of(words[i]);
    if (text.length >= word.length && ua_text_equal_nocase((ua_text){text.data, word.length}, word)) {
      return word.length;
    }
  }
  return 0;
}

/* Counts characters outside words, separators, and runs such as "1111" and "12345"; of a run the first one
 * counts. */
static size_t own_characters(ua_text secret, bool *has_word_r)
{
  size_t count = 0;
  int last = -1;
  *has_word_r = false;
  while (secret.length > 0) {
    size_t step = word_at(secret);
    unsigned char letter = lower(secret.data[0]);
    if (step > 0) {
      *has_word_r = true;
    } else if (strchr("-_ .!*#", letter) == NULL) {
      count += letter != last && letter != last + 1 && letter != last - 1;
      last = letter;
    }
    step = step == 0 ? 1 : step;
    secret = (ua_text){secret.data + step, secret.length - step};
  }
  return count;
}

/* Whether it is a piece of less than `most` bytes, repeated twice or more. */
static bool repeats_a_piece(ua_text secret, size_t most)
{
  for (size_t piece = 1; piece < most && 2 * piece <= secret.length; piece++) {
    if (memcmp(secret.data, secret.data + piece, secret.length - piece) == 0) {
      return true;
    }
  }
  return false;
}

ua_config_weakness ua_config_secret_weakness(ua_text secret)
{
  bool has_word = false;
  bool is_short = secret.length < UA_STRONG_SECRET_BYTES;
  bool is_poor = own_characters(secret, &has_word) < LEAST_OWN_CHARACTERS;
  if ((is_poor && (has_word || !is_short)) || repeats_a_piece(secret, UA_STRONG_SECRET_BYTES)) {
    return UA_SECRET_KNOWN;
  }
  return is_short ? UA_SECRET_SHORT : UA_SECRET_STRONG;
}

const char *ua_config_weakness_text(ua_config_weakness weakness)
{
  switch (weakness) {
    case UA_SECRET_KNOWN:
      return "is a sample or a repeated piece, which anybody can guess";
    case UA_SECRET_SHORT:
      return "is shorter than 32 bytes and can be guessed";
    case UA_SECRET_STRONG:
      break;
  }
  return NULL;
}
