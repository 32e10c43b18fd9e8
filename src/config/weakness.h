/* Which secrets can be guessed: short ones, and those that people copy or invent. */
#ifndef UA_CONFIG_WEAKNESS_H
#define UA_CONFIG_WEAKNESS_H

#include "base/text.h"

enum { UA_STRONG_SECRET_BYTES = 32 };

typedef enum ua_config_weakness {
  UA_SECRET_KNOWN, /* a sample ("changeme"), one with padding, or a short piece that is repeated */
  UA_SECRET_SHORT, /* below UA_STRONG_SECRET_BYTES */
  UA_SECRET_STRONG
} ua_config_weakness;

/* What is wrong with a JWT secret. */
ua_config_weakness ua_config_secret_weakness(ua_text secret);

/* The weakness in words, the end of a sentence about the secret; NULL for a strong one. */
const char *ua_config_weakness_text(ua_config_weakness weakness);

#endif
