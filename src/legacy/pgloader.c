#include "legacy/pgloader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/scratch.h"

enum { MAX_VARIABLES = 16, MAX_VARIABLE_BYTES = 4096, MAX_LINE_BYTES = 2048, MAX_COMMAND_BYTES = 4096 };

/* One worker of pgloader 3.6 waits for itself for ever. The server converts all text to utf8mb4 itself:
 * pgloader takes latin1 for ISO 8859-1, where MySQL means Windows-1252. */
static const char command_format[] =
    "LOAD DATABASE FROM mysql://%s/%s?sslmode=%s INTO pgsql:///%s?sslmode=%s\n"
    "WITH include no drop, create tables, create no indexes, no foreign keys, reset no sequences,\n"
    " downcase identifiers, workers = 4, concurrency = 1, batch rows = 5000, prefetch rows = 5000,\n"
    " on error stop SET MySQL PARAMETERS character_set_results = 'utf8mb4'\n"
    "CAST type int to bigint drop not null drop default drop typemod,\n"
    " type tinyint to smallint drop not null drop default drop typemod,\n"
    " type varchar to text drop not null drop default drop typemod,\n"
    " type char to text drop not null drop default drop typemod\n"
    "INCLUDING ONLY TABLE NAMES MATCHING 'customer', '_user', 'role', 'user_has_role',\n"
    " 'user', 'group', 'user_in_group' ALTER SCHEMA '%s' RENAME TO '%s';\n";

typedef struct environment {
  char text[MAX_VARIABLES][MAX_VARIABLE_BYTES];
  const char *variables[MAX_VARIABLES + 1];
  size_t count;
  bool failed;
} environment;

/* Leaves out what has no value: for pgloader "" is one. */
static void set_variable(environment *env, const char *name, const char *value)
{
  if (value == NULL || value[0] == '\0') {
    return;
  }
  int length = env->count == MAX_VARIABLES
                   ? -1
                   : snprintf(env->text[env->count], MAX_VARIABLE_BYTES, "%s=%s", name, value);
  if (length < 0 || length >= MAX_VARIABLE_BYTES) {
    env->failed = true;
    return;
  }
  env->variables[env->count] = env->text[env->count];
  env->count++;
}

/* Whoever runs pgloader sees its arguments, but not its environment. */
static ua_status set_environment(const ua_legacy_pgloader_job *job, const ua_cli_scratch *scratch,
                                 environment *env, ua_error_line *error)
{
  set_variable(env, "PATH", getenv("PATH"));
  set_variable(env, "HOME", scratch->path);
  set_variable(env, "TMPDIR", scratch->path);
  set_variable(env, "LC_ALL", "C.UTF-8");
  set_variable(env, "USER", job->source->user);
  set_variable(env, "MYSQL_PWD", job->source->password);
  set_variable(env, "MYSQL_HOST", job->source->socket[0] == '\0' ? job->source->host : NULL);
  set_variable(env, "MYSQL_TCP_PORT", job->source->port);
  set_variable(env, "PGHOST", job->target->host);
  set_variable(env, "PGPORT", job->target->port);
  set_variable(env, "PGUSER", job->target->user);
  set_variable(env, "PGPASSWORD", job->target->password);
  if (env->failed) {
    ua_error_line_set(error, "a name, password or PATH is too long for pgloader");
  }
  return env->failed ? UA_BAD_REQUEST : UA_OK;
}

/* The names that have to stand in pgloader's command, whose grammar cannot quote them. */
static ua_status check_name(const char *what, const char *name, const char *further, ua_error_line *error)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  size_t at = strspn(name, plain);
  while (name[at] != '\0' && strchr(further, name[at]) != NULL) {
    at++;
    at += strspn(name + at, plain);
  }
  if (name[0] == '\0' || name[at] != '\0') {
    ua_error_line_set(error, "pgloader takes letters, digits, _ and -%s alone in the name of %s",
                      further[0] == '\0' ? "" : ", / and .", what);
    return UA_BAD_REQUEST;
  }
  return UA_OK;
}

static ua_status write_command(const ua_legacy_pgloader_job *job, const ua_cli_scratch *scratch,
                               ua_error_line *error)
{
  static const char *const tls[] = {[UA_MYSQL_TLS_NONE] = "disable",
                                    [UA_MYSQL_TLS_PREFERRED] = "prefer",
                                    [UA_MYSQL_TLS_REQUIRED] = "require",
                                    [UA_MYSQL_TLS_VERIFIED] = "require"};
  char text[MAX_COMMAND_BYTES];
  char address[160] = "";
  const ua_legacy_mysql_url *source = job->source;
  ua_status status = check_name("the MySQL database", source->database, "", error);
  if (status == UA_OK) {
    status = check_name("the target database", job->target->database, "", error);
  }
  if (status == UA_OK && source->socket[0] != '\0') {
    status = check_name("the MySQL server's socket", source->socket, "/.", error);
    (void)snprintf(address, sizeof address, "unix:%s:%s", source->socket, source->port);
  }
  if (status != UA_OK) {
    return status;
  }
  int length = snprintf(text, sizeof text, command_format, address, source->database, tls[source->tls],
                        job->target->database, job->target->encrypted ? "require" : "disable",
                        source->database, job->schema);
  int fd = ua_cli_scratch_open(scratch, "command");
  bool written = length > 0 && (size_t)length < sizeof text && fd >= 0 &&
                 write(fd, text, (size_t)length) == (ssize_t)length;
  if (fd >= 0) {
    written = close(fd) == 0 && written;
  }
  if (!written) {
    ua_error_line_set(error, "cannot write to %s", scratch->path);
  }
  return written ? UA_OK : UA_INTERNAL;
}

/* "<schema>.<table>";read;imported;errors;…  The table's name may be quoted once more. */
static void read_summary_line(char *line, const char *schema, ua_legacy_pgloader_summary *summary)
{
  ua_text rest = ua_text_of(line);
  ua_text column[4];
  char name[128];
  size_t used = 0;
  uint64_t read;
  uint64_t errors;
  for (size_t i = 0; i < 4; i++) {
    if (!ua_text_split(&rest, ';', &column[i])) {
      return;
    }
  }
  for (size_t i = 0; i < column[0].length && used + 1 < sizeof name; i++) {
    if (strchr("\"\\", column[0].data[i]) == NULL) {
      name[used++] = column[0].data[i];
    }
  }
  name[used] = '\0';
  size_t prefix = strlen(schema);
  if (strncmp(name, schema, prefix) == 0 && name[prefix] == '.' && summary->count < UA_PGLOADER_MAX_TABLES &&
      ua_text_to_uint(column[1], UINT64_MAX, &read) && ua_text_to_uint(column[3], UINT64_MAX, &errors)) {
    ua_legacy_pgloader_table *table = &summary->table[summary->count++];
    (void)snprintf(table->name, sizeof table->name, "%.31s", name + prefix + 1);
    table->read = read;
    table->errors = errors;
  }
}

static void read_summary(const ua_cli_scratch *scratch, const char *schema,
                         ua_legacy_pgloader_summary *summary)
{
  char path[2 * UA_MAX_SCRATCH_BYTES];
  char line[MAX_LINE_BYTES];
  ua_cli_scratch_path(scratch, "summary.csv", path);
  FILE *file = fopen(path, "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    read_summary_line(line, schema, summary);
  }
  if (file != NULL) {
    (void)fclose(file);
  }
}

/* The first complaint in pgloader's output; false when there is none. */
static bool find_complaint(const ua_legacy_pgloader_job *job, const ua_cli_scratch *scratch,
                           ua_error_line *error)
{
  static const char *const marks[] = {" ERROR ", " FATAL ", "-ERROR: ", "Heap exhausted"};
  char path[2 * UA_MAX_SCRATCH_BYTES];
  char line[MAX_LINE_BYTES];
  const char *found = NULL;
  ua_cli_scratch_path(scratch, "output", path);
  FILE *file = fopen(path, "re");
  while (found == NULL && file != NULL && fgets(line, sizeof line, file) != NULL) {
    for (size_t i = 0; found == NULL && i < sizeof marks / sizeof marks[0]; i++) {
      const char *mark = strstr(line, marks[i]);
      found = mark == NULL ? NULL : i < 2 ? mark + strlen(marks[i]) : line;
    }
  }
  if (file != NULL) {
    (void)fclose(file);
  }
  const char *secrets[] = {job->source->password, job->target->password};
  for (size_t i = 0; found != NULL && i < sizeof secrets / sizeof secrets[0]; i++) {
    found =
        secrets[i][0] != '\0' && strstr(found, secrets[i]) != NULL ? "its complaint holds a password" : found;
  }
  if (found != NULL) {
    ua_error_line_set(error, "pgloader: %.*s", (int)strcspn(found, "\n"), found);
  }
  explicit_bzero(line, sizeof line);
  return found != NULL;
}

/* pgloader ends with 0 after some failures, too: what it complains of counts as well. */
static ua_status load(const ua_legacy_pgloader_job *job, const ua_cli_scratch *scratch,
                      const environment *env, ua_legacy_pgloader_summary *summary, ua_error_line *error)
{
  char command[2 * UA_MAX_SCRATCH_BYTES];
  char log[2 * UA_MAX_SCRATCH_BYTES];
  char table[2 * UA_MAX_SCRATCH_BYTES];
  char root[2 * UA_MAX_SCRATCH_BYTES];
  ua_cli_scratch_path(scratch, "command", command);
  ua_cli_scratch_path(scratch, "log", log);
  ua_cli_scratch_path(scratch, "summary.csv", table);
  ua_cli_scratch_path(scratch, "root/", root);
  bool verified = job->source->tls == UA_MYSQL_TLS_VERIFIED || job->target->verified;
  const char *const argv[] = {"pgloader",
                              "--root-dir",
                              root,
                              "--logfile",
                              log,
                              "--summary",
                              table,
                              "--client-min-messages",
                              "warning",
                              verified ? command : "--no-ssl-cert-verification",
                              verified ? NULL : command,
                              NULL};
  ua_cli_child child = {.argv = argv,
                        .environment = env->variables,
                        .output = ua_cli_scratch_open(scratch, "output"),
                        .wait = job->wait,
                        .context = job->context};
  if (child.output < 0) {
    ua_error_line_set(error, "cannot write to %s", scratch->path);
    return UA_INTERNAL;
  }
  ua_status status = ua_cli_child_run(&child, error);
  (void)close(child.output);
  if (status == UA_NOT_FOUND) {
    ua_error_line_set(error, "pgloader is not installed (Debian's package pgloader)");
  } else if ((status == UA_OK || status == UA_UNPROCESSABLE) && find_complaint(job, scratch, error)) {
    status = UA_UNPROCESSABLE;
  }
  if (status == UA_OK) {
    read_summary(scratch, job->schema, summary);
  }
  return status;
}

ua_status ua_legacy_pgloader_run(const ua_legacy_pgloader_job *job, ua_legacy_pgloader_summary *summary_r,
                                 ua_error_line *error)
{
  environment env = {.count = 0};
  ua_cli_scratch scratch = {""};
  ua_legacy_pgloader_summary summary = {.count = 0};
  ua_status status = ua_cli_scratch_create(&scratch, error);
  if (status == UA_OK) {
    status = set_environment(job, &scratch, &env, error);
  }
  if (status == UA_OK) {
    status = write_command(job, &scratch, error);
  }
  if (status == UA_OK) {
    status = load(job, &scratch, &env, &summary, error);
  }
  ua_cli_scratch_remove(&scratch);
  explicit_bzero(&env, sizeof env);
  if (status == UA_OK) {
    *summary_r = summary;
  }
  return status;
}
