#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "config/table.h"

enum { MOST_SETTINGS = 64, WHERE_BYTES = 192, MOST_FILE_BYTES = 64 * 1024, MOST_NAME_BYTES = 96 };

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
  bool unreadable;  /* a file, rather than wrong */
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

/* The names that the admin tool and scripts read from the same environment. */
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

/* Reads a small file whole, NUL-terminated; whether others may read it too. */
static bool read_file(loader *self, const char *path, char **bytes_r, size_t *length_r, bool *exposed_r)
{
  struct stat status;
  bool well = false;
  size_t length = 0;
  char *bytes = calloc(1, MOST_FILE_BYTES + 1);
  int fd = bytes == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0 || fstat(fd, &status) != 0) {
    (void)fail(self, "cannot read '%.128s': %s", path, strerror(errno));
    goto done;
  }
  ssize_t got = 1;
  while (got > 0 && length <= MOST_FILE_BYTES) {
    got = read(fd, bytes + length, MOST_FILE_BYTES + 1 - length);
    length += got > 0 ? (size_t)got : 0;
  }
  if (got < 0 || length > MOST_FILE_BYTES) {
    (void)fail(self, "cannot read '%.128s': %s", path, strerror(got < 0 ? errno : EFBIG));
    goto done;
  }
  if (ua_text_has_nul((ua_text){bytes, length})) {
    (void)fail(self, "'%.128s' holds a NUL byte", path);
    goto done;
  }
  *bytes_r = bytes;
  *length_r = length;
  *exposed_r = (status.st_mode & S_IROTH) != 0;
  well = true;
done:
  if (fd >= 0) {
    (void)close(fd);
  }
  if (!well) {
    self->unreadable = true;
    wipe_bytes(bytes, length);
  }
  return well;
}

static void warn_exposed(const char *path)
{
  ua_log(UA_LOG_WARN, UA_EVENT("a file with secrets can be read by others"), ua_log_str("file", path));
}

static bool is_key(ua_text text)
{
  for (size_t i = 0; i < text.length; i++) {
    char letter = text.data[i];
    bool is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '_';
    if (!is_letter && (i == 0 || letter < '0' || letter > '9')) {
      return false;
    }
  }
  return text.length > 0;
}

/* One "KEY=value". Keys that are not ours may stand in the file: it also is systemd's EnvironmentFile. */
static bool parse_line(loader *self, const char *where, ua_text line, bool *secret_r)
{
  ua_text value = line, key;
  if (line.length == 0 || line.data[0] == '#') {
    return true;
  }
  if (!ua_text_split(&value, '=', &key) || value.data == NULL || !is_key(ua_text_trim(key))) {
    return fail(self, "%s: not KEY=value", where);
  }
  key = ua_text_trim(key);
  value = ua_text_trim(value);
  bool opened = value.length > 0 && value.data[0] == '"';
  bool closed = value.length > 1 && value.data[value.length - 1] == '"';
  if (opened != closed) {
    return fail(self, "%s: a double quote is missing", where);
  }
  if (opened) {
    value = (ua_text){value.data + 1, value.length - 2};
  }
  ua_text ours = ua_text_of(name_prefix);
  size_t index = 0;
  bool is_path = false;
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
  return put(self, index, is_path, SOURCE_FILE, where, value);
}

static bool load_file(loader *self, const char *path)
{
  char *bytes = NULL;
  size_t length = 0;
  bool exposed = false, secret = false;
  if (!read_file(self, path, &bytes, &length, &exposed)) {
    return false;
  }
  ua_text rest = {bytes, length}, line;
  bool well = true;
  for (int number = 1; well && ua_text_split(&rest, '\n', &line); number++) {
    char where[WHERE_BYTES];
    (void)snprintf(where, sizeof(where), "%.128s line %d", path, number);
    if (line.length > 0 && line.data[line.length - 1] == '\r') {
      line.length--;
    }
    well = parse_line(self, where, ua_text_trim(line), &secret);
  }
  if (secret && exposed) {
    warn_exposed(path);
  }
  wipe_bytes(bytes, length);
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
    return fail(self, "unknown flag %s (--help lists them)", where);
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
      return fail(self, "unexpected argument '%.64s' (--help lists them)", argv[i]);
    }
    if (!load_flag(self, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used)) {
      return false;
    }
    i += used;
  }
  return true;
}

static bool apply_setting(loader *self, size_t index, ua_config *config)
{
  const ua_config_setting *setting = &ua_config_settings[index];
  config_entry *entry = &self->entry[index];
  ua_text value = ua_text_of(entry->source == SOURCE_NONE ? setting->preset : entry->value);
  char *bytes = NULL;
  size_t length = 0;
  bool exposed = false;
  if (value.data == NULL) {
    return true;
  }
  if (entry->is_path) {
    if (!read_file(self, entry->value, &bytes, &length, &exposed)) {
      return false;
    }
    if (exposed) {
      warn_exposed(entry->value);
    }
    value = (ua_text){bytes, length > 0 && bytes[length - 1] == '\n' ? length - 1 : length};
  }
  const char *wanted = setting->apply(setting, config, value);
  wipe_bytes(bytes, length);
  if (wanted != NULL && setting->maximum > 0) {
    return fail(self, "%s: must be %s from %lld to %lld", entry->where, wanted, (long long)setting->minimum,
                (long long)setting->maximum);
  }
  return wanted == NULL || fail(self, "%s: must be %s", entry->where, wanted);
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
