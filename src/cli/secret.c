#include "cli/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/normal_form.h"

enum { RANDOM_BYTES = 48, PIPE_SECONDS = 60 /* time to type the password of a key ring */ };

ua_text ua_cli_secret_text(const ua_cli_secret *secret)
{
  return ua_text_of(secret->value);
}

void ua_cli_secret_wipe(ua_cli_secret *secret)
{
  explicit_bzero(secret, sizeof *secret);
}

ua_status ua_cli_secret_set(const char *name, ua_text value, ua_cli_secret *secret_r, ua_error_line *error)
{
  if (value.length >= sizeof secret_r->value || ua_text_has_nul(value)) {
    ua_error_line_set(error, "%s: %s", name, ua_text_has_nul(value) ? "holds a NUL" : "too long");
    return UA_BAD_REQUEST;
  }
  memcpy(secret_r->value, value.data, value.length);
  secret_r->value[value.length] = '\0';
  secret_r->given = true;
  return UA_OK;
}

ua_status ua_cli_secret_read_file(const char *path, ua_cli_secret *secret_r, ua_error_line *error)
{
  ua_file file = {.bytes = NULL};
  ua_text line;
  bool is_input = strcmp(path, "-") == 0;
  const char *name = is_input ? "standard input" : path;
  ua_status status = is_input ? ua_file_read_from(STDIN_FILENO, name, UA_FILE_WAIT_FOREVER, &file, error)
                              : ua_file_read(path, PIPE_SECONDS, &file, error);
  if (status != UA_OK) {
    return UA_BAD_REQUEST;
  }
  status = ua_file_line(&file, name, &line, error);
  if (status == UA_OK) {
    status = ua_cli_secret_set(name, line, secret_r, error);
  }
  ua_file_clear(&file);
  return status;
}

ua_status ua_cli_secret_find(const char *variable, const char *argument, const char *file,
                             ua_cli_secret *secret_r, ua_error_line *error)
{
  char file_variable[64];
  (void)snprintf(file_variable, sizeof file_variable, "%s_FILE", variable);
  const char *value = getenv(variable);
  const char *value_file = getenv(file_variable);
  if (argument != NULL && file != NULL) {
    ua_error_line_set(error, "%s is given both as an argument and as a file", variable);
    return UA_BAD_REQUEST;
  }
  if (argument != NULL) {
    return ua_cli_secret_set(variable, ua_text_of(argument), secret_r, error);
  }
  if (file != NULL) {
    return ua_cli_secret_read_file(file, secret_r, error);
  }
  if (value != NULL && value_file != NULL) {
    ua_error_line_set(error, "both %s and %s are set", variable, file_variable);
    return UA_BAD_REQUEST;
  }
  if (value != NULL) {
    return ua_cli_secret_set(variable, ua_text_of(value), secret_r, error);
  }
  if (value_file != NULL && !ua_file_is_path(value_file)) {
    ua_error_line_set(error, "%s: there is no such file; the secret itself goes into %s", file_variable,
                      variable);
    return UA_BAD_REQUEST;
  }
  if (value_file != NULL) {
    return ua_cli_secret_read_file(value_file, secret_r, error);
  }
  return UA_OK;
}

ua_status ua_cli_secret_compose(const char *name, ua_cli_secret *secret, ua_error_line *error)
{
  ua_normal_form form;
  ua_status status = ua_normal_form_nfc(ua_cli_secret_text(secret), &form);
  if (status != UA_OK) {
    ua_error_line_set(error, "%s %s", name, status == UA_BAD_REQUEST ? "has to be UTF-8" : "finds no memory");
    return status;
  }
  status = ua_cli_secret_set(name, ua_normal_form_text(&form), secret, error);
  ua_normal_form_clear(&form);
  return status;
}

ua_status ua_cli_secret_generate(ua_cli_secret *secret_r, ua_error_line *error)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  unsigned char bytes[RANDOM_BYTES];
  size_t used = 0;
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
    ua_error_line_set(error, "cannot get random bytes: %s", strerror(errno));
    return UA_INTERNAL;
  }
  for (size_t i = 0; i < sizeof bytes; i += 3) {
    unsigned group = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) {
      secret_r->value[used++] = alphabet[group >> shift & 63];
    }
  }
  secret_r->value[used] = '\0';
  secret_r->given = true;
  explicit_bzero(bytes, sizeof bytes);
  return UA_OK;
}
