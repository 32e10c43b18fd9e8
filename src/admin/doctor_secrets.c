#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/doctor.h"
#include "base/assignment.h"
#include "base/file.h"
#include "config/config.h"
#include "config/weakness.h"

/* Files whose content is secret. */
static const char *const secret_files[] = {"USER_API_JWT_SECRET_FILE", "USER_API_JWT_PREVIOUS_SECRETS_FILE",
                                           "USER_API_DATABASE_URL_FILE"};

enum { SECRET_FILES = sizeof secret_files / sizeof secret_files[0] };

static void report_if_any(ua_operator_finding_sink sink, const ua_operator_finding *finding)
{
  if (finding->count > 0) {
    sink.report(sink.context, finding);
  }
}

static void look_at_secrets(const ua_config *config, const ua_admin_settings_file *file,
                            ua_operator_finding_sink sink)
{
  ua_operator_finding well_known = {
      .severity = UA_SEVERITY_ERROR, .code = "jwt-known", .message = "JWT secrets that anyone can guess"};
  ua_operator_finding brief = {
      .severity = UA_SEVERITY_WARNING,
      .code = "jwt-short",
      .message = "JWT secrets of less than 32 bytes, which an attacker may find by trying"};
  ua_operator_finding absent = {
      .severity = UA_SEVERITY_NOTE, .code = "jwt-absent", .message = "no JWT secret was given to check"};
  for (size_t i = 0; i < config->jwt_secret_count; i++) {
    ua_text secret = ua_text_of(config->jwt_secret[i]);
    const char *name = i == 0 ? "USER_API_JWT_SECRET" : "USER_API_JWT_PREVIOUS_SECRETS";
    if (secret.length == 0) {
      continue;
    }
    ua_config_weakness weakness = ua_config_secret_weakness(secret);
    if (weakness != UA_SECRET_STRONG) {
      ua_operator_finding_add(weakness == UA_SECRET_KNOWN ? &well_known : &brief, name);
    }
  }
  bool none = config->jwt_secret_count == 0 || config->jwt_secret[0][0] == '\0';
  if (none && file->skipped.text[0] != '\0') {
    ua_operator_finding_add(&absent, file->skipped.text);
  } else if (none) {
    absent.count = 1;
  }
  report_if_any(sink, &well_known);
  report_if_any(sink, &brief);
  report_if_any(sink, &absent);
}

static void look_at_file(const char *path, ua_operator_finding *exposed)
{
  struct stat status;
  if (stat(path, &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    ua_operator_finding_add(exposed, path);
  }
}

static bool names_a_secret_file(ua_text key)
{
  for (size_t i = 0; i < SECRET_FILES; i++) {
    if (ua_text_equal(key, ua_text_of(secret_files[i]))) {
      return true;
    }
  }
  return false;
}

/* Files that the settings name. */
static ua_status look_into_settings(const char *path, ua_operator_finding *exposed, ua_error_line *error)
{
  ua_file file = {.bytes = NULL};
  ua_assignments lines;
  ua_assignment read;
  ua_status status = ua_file_read(path, UA_FILE_WAIT_SECONDS, &file, error);
  if (status != UA_OK) {
    return status;
  }
  char *room = malloc(file.length + 1);
  if (room == NULL) {
    ua_error_line_set(error, "out of memory");
    status = UA_INTERNAL;
    goto done;
  }
  ua_assignments_begin(&lines, (ua_text){file.bytes, file.length}, room);
  while (ua_assignments_next(&lines, &read)) {
    if (names_a_secret_file(read.key)) {
      look_at_file(read.value.data, exposed);
    }
  }
  explicit_bzero(room, file.length + 1);
done:
  free(room);
  ua_file_clear(&file);
  return status;
}

static ua_status look_at_files(const char *file, ua_operator_finding_sink sink, ua_error_line *error)
{
  ua_operator_finding exposed = {
      .severity = UA_SEVERITY_WARNING,
      .code = "secret-exposed",
      .message = "files with secrets that other users can read or write, or that their group can write"};
  ua_status status = UA_OK;
  for (size_t i = 0; i < SECRET_FILES; i++) {
    const char *path = getenv(secret_files[i]);
    if (path != NULL) {
      look_at_file(path, &exposed);
    }
  }
  if (file != NULL) {
    look_at_file(file, &exposed);
    status = look_into_settings(file, &exposed, error);
  }
  report_if_any(sink, &exposed);
  return status;
}

ua_status ua_admin_doctor_secrets(const ua_config *config, const ua_admin_settings_file *file,
                                  ua_operator_finding_sink sink, ua_error_line *error)
{
  look_at_secrets(config, file, sink);
  return look_at_files(file->path, sink, error);
}
