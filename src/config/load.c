#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/assignment.h"
#include "base/file.h"
#include "base/log.h"
#include "config/table.h"

enum { MOST_SETTINGS = 64, WHERE_BYTES = 192, MOST_NAME_BYTES = 96 };

static const char name_prefix[] = "USER_API_";
static const char file_suffix[] = "_FILE";

/* Where values come from; later ones win. */
typedef enum config_source { SOURCE_NONE, SOURCE_FILE, SOURCE_ENVIRONMENT, SOURCE_FLAG } config_source;

typedef struct config_entry {
  config_source source;
  bool is_path; /* of a file that holds the value */
  char *value;
  char where[WHERE_BYTES]; /* for messages: "--workers", "a.conf line 3" */
} config_entry;

typedef struct loader {
  config_entry entry[MOST_SETTINGS];
  ua_config_options options;
  const char *file; /* of --config */
  bool unreadable;  /* a file cannot be read; false: a setting is wrong */
  char *error;
  size_t error_size;
} loader;

__attribute__((format(printf, 2, 3))) static bool fail(loader *self, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(self->error, self->error_size, format, arguments);
  va_end(arguments);
  for (char *letter = self->error; *letter != '\0'; letter++) {
    if (ua_text_is_control(*letter)) {
      *letter = '?';
    }
  }
  return false;
}

static void wipe_bytes(char *bytes, size_t length)
{
  if (bytes != NULL) {
    explicit_bzero(bytes, length);
    free(bytes);
  }
}

static void wipe_string(char *string)
{
  wipe_bytes(string, string == NULL ? 0 : strlen(string));
}

/* Whether the admin tool or a script reads this name from the same environment. */
static bool is_foreign(ua_text key)
{
  static const char *const prefixes[] = {"ADMIN_", "SERVICE_", "MIGRATIONS"};
  for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
    if (ua_text_starts_with(key, ua_text_of(prefixes[i]))) {
      return true;
    }
  }
  return ua_text_equal(key, UA_TEXT("CONFIG"));
}

/* The setting of "BODY_LIMIT" or "JWT_SECRET_FILE". */
static bool find_setting(ua_text key, size_t *index_r, bool *is_path_r)
{
  for (size_t i = 0; i < ua_settings_count; i++) {
    ua_text name = ua_text_of(ua_config_settings[i].key);
    if (!ua_text_starts_with(key, name)) {
      continue;
    }
    ua_text rest = {key.data + name.length, key.length - name.length};
    bool is_path = ua_config_settings[i].secret && ua_text_equal(rest, ua_text_of(file_suffix));
    if (rest.length == 0 || is_path) {
      *index_r = i;
      *is_path_r = is_path;
      return true;
    }
  }
  return false;
}

static bool put(loader *self, size_t index, bool is_path, config_source source, const char *where,
                ua_text value)
{
  config_entry *entry = &self->entry[index];
  if (entry->source > source) {
    return true;
  }
  if (entry->source == source && entry->is_path != is_path) {
    return fail(self, "%s: USER_API_%s and USER_API_%s_FILE are both given", where,
                ua_config_settings[index].key, ua_config_settings[index].key);
  }
  char *copy = NULL;
  if (entry->source == source && source == SOURCE_FLAG && ua_config_settings[index].repeatable) {
    if (asprintf(&copy, "%s %.*s", entry->value, UA_TEXT_ARGS(value)) < 0) {
      copy = NULL;
    }
  } else {
    copy = strndup(value.data, value.length);
  }
  if (copy == NULL) {
    return fail(self, "out of memory");
  }
  wipe_string(entry->value);
  entry->value = copy;
  entry->source = source;
  entry->is_path = is_path;
  (void)snprintf(entry->where, sizeof(entry->where), "%s", where);
  return true;
}

/* Reads a small file whole. Waits for a pipe, but not for ever: a reload calls it, too. */
static bool read_file(loader *self, const char *path, ua_file *file_r)
{
  ua_error_line error;
  if (ua_file_read(path, UA_FILE_WAIT_SECONDS, file_r, &error) == UA_OK) {
    return true;
  }
  self->unreadable = true;
  return fail(self, "%s", error.text);
}

static void warn_if_exposed(const ua_file *file, const char *path)
{
  if ((file->mode & S_IROTH) != 0) {
    ua_log(UA_LOG_WARN, UA_EVENT("a file with secrets can be read by others"), ua_log_str("file", path));
  }
}

/* The file may have keys that are not ours: it can also be systemd's EnvironmentFile. */
static bool put_assignment(loader *self, const char *where, const ua_assignment *read, bool *secret_r)
{
  ua_text ours = ua_text_of(name_prefix);
  ua_text key = read->key;
  size_t index = 0;
  bool is_path = false;
  if (read->wrong != NULL) {
    return fail(self, "%s: %s", where, read->wrong);
  }
  if (!ua_text_starts_with(key, ours)) {
    return true;
  }
  ua_text name = {key.data + ours.length, key.length - ours.length};
  if (!find_setting(name, &index, &is_path)) {
    return is_foreign(name) ||
           fail(self, "%s: unknown setting %.*s", where,
                (int)(key.length < MOST_NAME_BYTES ? key.length : MOST_NAME_BYTES), key.data);
  }
  *secret_r = *secret_r || (ua_config_settings[index].secret && !is_path);
  return put(self, index, is_path, SOURCE_FILE, where, read->value);
}

static bool load_file(loader *self, const char *path)
{
  ua_file file = {.bytes = NULL};
  ua_assignments lines;
  ua_assignment read;
  bool secret = false;
  if (!read_file(self, path, &file)) {
    return false;
  }
  char *room = malloc(file.length + 1);
  bool well = room != NULL || fail(self, "out of memory");
  ua_assignments_begin(&lines, (ua_text){file.bytes, file.length}, room);
  while (well && ua_assignments_next(&lines, &read)) {
    char where[WHERE_BYTES];
    (void)snprintf(where, sizeof(where), "%.128s line %zu", path, read.line);
    well = put_assignment(self, where, &read, &secret);
  }
  if (secret) {
    warn_if_exposed(&file, path);
  }
  wipe_bytes(room, file.length + 1);
  ua_file_clear(&file);
  return well;
}

static bool load_environment(loader *self, char *const environment[])
{
  ua_text ours = ua_text_of(name_prefix);
  for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
    ua_text value = ua_text_of(environment[i]), name;
    if (!ua_text_starts_with(value, ours) || !ua_text_split(&value, '=', &name) || value.data == NULL) {
      continue;
    }
    ua_text key = {name.data + ours.length, name.length - ours.length};
    size_t index = 0;
    bool is_path = false;
    char where[WHERE_BYTES];
    (void)snprintf(where, sizeof(where), "%.*s",
                   name.length < MOST_NAME_BYTES ? (int)name.length : MOST_NAME_BYTES, name.data);
    if (ua_text_equal(key, UA_TEXT("CONFIG"))) {
      self->file = self->file == NULL ? value.data : self->file;
    } else if (find_setting(key, &index, &is_path)) {
      if (!put(self, index, is_path, SOURCE_ENVIRONMENT, where, value)) {
        return false;
      }
    } else if (!is_foreign(key)) {
      ua_log(UA_LOG_WARN, UA_EVENT("unknown environment variable"), ua_log_str("name", where));
    }
  }
  return true;
}

static bool find_flag(ua_text name, size_t *index_r, bool *is_path_r)
{
  char key[MOST_NAME_BYTES];
  if (name.length >= sizeof(key)) {
    return false;
  }
  for (size_t i = 0; i < name.length; i++) {
    char letter = name.data[i];
    if (letter != '-' && (letter < 'a' || letter > 'z')) {
      return false;
    }
    key[i] = letter == '-' ? '_' : (char)(letter - 'a' + 'A');
  }
  return find_setting((ua_text){key, name.length}, index_r, is_path_r);
}

/* A flag with a value; *used_r is set when the value was the next argument. */
static bool load_flag(loader *self, const char *argument, const char *next, bool *used_r)
{
  char where[WHERE_BYTES];
  ua_text value = ua_text_of(argument + 2), name;
  size_t index = 0;
  bool is_path = false;
  (void)ua_text_split(&value, '=', &name);
  (void)snprintf(where, sizeof(where), "--%.*s",
                 name.length < MOST_NAME_BYTES ? (int)name.length : MOST_NAME_BYTES, name.data);
  bool is_config = ua_text_equal(name, UA_TEXT("config"));
  if (!is_config && !find_flag(name, &index, &is_path)) {
    return fail(self, "unknown flag %s (--help lists them)", ua_text_shown(where));
  }
  if (!is_config && ua_config_settings[index].secret && !is_path) {
    return fail(self, "%s: every user could see it; pass it by environment or file", where);
  }
  *used_r = value.data == NULL;
  value = *used_r ? ua_text_of(next) : value;
  if (value.data == NULL) {
    return fail(self, "%s: its value is missing", where);
  }
  if (is_config) {
    self->file = value.data;
    return true;
  }
  return put(self, index, is_path, SOURCE_FLAG, where, value);
}

static bool load_flags(loader *self, int argc, char *const argv[])
{
  const struct {
    const char *name;
    bool *seen;
  } plain[] = {{"--help", &self->options.help},
               {"-h", &self->options.help},
               {"--version", &self->options.version},
               {"-V", &self->options.version},
               {"--check-config", &self->options.check_config},
               {"--print-example", &self->options.print_example}};
  for (int i = 1; i < argc; i++) {
    bool used = false, known = false;
    for (size_t k = 0; k < sizeof(plain) / sizeof(plain[0]); k++) {
      if (strcmp(argv[i], plain[k].name) == 0) {
        *plain[k].seen = known = true;
      }
    }
    if (known) {
      continue;
    }
    if (argv[i][0] != '-' || argv[i][1] != '-') {
      return fail(self, "unexpected argument '%.64s' (--help lists them)", ua_text_shown(argv[i]));
    }
    if (!load_flag(self, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used)) {
      return false;
    }
    i += used;
  }
  return true;
}

/* The file that holds a secret; *value_r points into it. */
static bool read_value_file(loader *self, const ua_config_setting *setting, const config_entry *entry,
                            ua_file *file_r, ua_text *value_r)
{
  ua_error_line error;
  if (!ua_file_is_path(entry->value)) {
    return fail(self, "%s: there is no such file; the secret itself goes into USER_API_%s", entry->where,
                setting->key);
  }
  if (!read_file(self, entry->value, file_r)) {
    return false;
  }
  warn_if_exposed(file_r, entry->value);
  *value_r = ua_file_text(file_r);
  if (setting->many || ua_file_line(file_r, entry->value, value_r, &error) == UA_OK) {
    return true;
  }
  ua_file_clear(file_r);
  return fail(self, "%s: %s", entry->where, error.text);
}

static bool apply_setting(loader *self, size_t index, ua_config *config)
{
  const ua_config_setting *setting = &ua_config_settings[index];
  config_entry *entry = &self->entry[index];
  ua_text value = ua_text_of(entry->source == SOURCE_NONE ? setting->preset : entry->value);
  ua_file file = {.bytes = NULL};
  if (value.data == NULL) {
    return true;
  }
  if (entry->is_path && !read_value_file(self, setting, entry, &file, &value)) {
    return false;
  }
  const char *wanted = setting->apply(setting, config, value);
  ua_file_clear(&file);
  if (wanted != NULL && setting->maximum > 0) {
    return fail(self, "%s: must be %s from %lld to %lld", entry->where, wanted, (long long)setting->minimum,
                (long long)setting->maximum);
  }
  return wanted == NULL || fail(self, "%s: must be %s", entry->where, wanted);
}

static bool load_deny_file(loader *self, ua_config *config)
{
  ua_error_line error;
  if (config->password_deny_file == NULL) {
    return true;
  }
  ua_status status = ua_word_list_load(config->password_deny_file, &config->password_denied, &error);
  self->unreadable = self->unreadable || status == UA_UNAVAILABLE;
  return status == UA_OK || fail(self, "USER_API_PASSWORD_DENY_FILE: %s", error.text);
}

ua_status ua_config_load(int argc, char *const argv[], char *const environment[], ua_config *config_r,
                         ua_config_options *options_r, char *error, size_t error_size)
{
  loader self = {.error = error, .error_size = error_size};
  ua_config config = {.workers = -1};
  bool well = ua_settings_count <= MOST_SETTINGS && load_flags(&self, argc, argv);
  bool informs = self.options.help || self.options.version || self.options.print_example;
  if (well && !informs) {
    well = load_environment(&self, environment) &&
           (self.file == NULL || self.file[0] == '\0' || load_file(&self, self.file));
  }
  for (size_t i = 0; well && !informs && i < ua_settings_count; i++) {
    well = apply_setting(&self, i, &config);
  }
  well = well && load_deny_file(&self, &config);
  for (size_t i = 0; i < MOST_SETTINGS; i++) {
    wipe_string(self.entry[i].value);
  }
  if (!well) {
    ua_config_clear(&config);
    return self.unreadable ? UA_UNAVAILABLE : UA_BAD_REQUEST;
  }
  *config_r = config;
  *options_r = self.options;
  return UA_OK;
}
