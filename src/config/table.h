/* The table of settings: private to this room. */
#ifndef UA_CONFIG_TABLE_H
#define UA_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "config/config.h"

typedef struct ua_config_setting ua_config_setting;

/* Puts a value into *config (which owns copies). Returns NULL, or what the value has to be: the end of a
 * sentence, never with the value itself. */
typedef const char *ua_setting_apply(const ua_config_setting *setting, ua_config *config, ua_text value);

struct ua_config_setting {
  const char *key;         /* "BODY_LIMIT": environment USER_API_BODY_LIMIT, flag --body-limit */
  const char *placeholder; /* of the value, in --help */
  ua_setting_apply *apply;
  size_t offset; /* in ua_config */
  int64_t minimum, maximum;
  const char *const *choices; /* NULL-terminated; the value is the index */
  const char *preset;         /* default, NULL for none */
  const char *advised;        /* recommended for new settings instead of the default, NULL: the default */
  const char *help;
  bool secret;     /* never a flag; KEY_FILE as well */
  bool many;       /* a secret's file may have several lines */
  bool repeatable; /* flags add up, separated by blanks elsewhere */
};

extern const ua_config_setting ua_config_settings[];
extern const size_t ua_settings_count;

/* The flag's name without "--", of at most UA_FLAG_BYTES with its NUL. */
enum { UA_FLAG_BYTES = 64 };
void ua_config_setting_flag(const ua_config_setting *setting, char *flag);

#endif
