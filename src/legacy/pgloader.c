#include "legacy/pgloader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/scratch.h"

enum { MAX_VARIABLES = 16, MAX_VARIABLE_BYTES = 4096, MAX_LINE_BYTES = 2048, MAX_COMMAND_BYTES = 4096 };

/* A single worker of pgloader 3.6 waits for itself for ever. The server converts all text to utf8mb4, because
 * pgloader reads latin1 as ISO 8859-1, but MySQL means Windows-1252. */
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

/* Leaves out a variable without a value: for pgloader "" is a value. */
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

/* Other users can see pgloader's arguments, but not its environment. */
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

/* Checks a name that is part of pgloader's command, whose grammar cannot quote it. */
static ua_status check_name(const char *what, const char *name, const char *further, ua_error_line *error)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  size_t at = strspn(name, plain);
  while (name[at] != '\0' && strchr(further, name[at]) != NULL) {
    at++;
    at += strspn(name + at, plain);
  }
  if (name[0] == '\0' || name[at] != '\0') {
    ua_error_line_set(error, "pgloader accepts only letters, digits, _ and -%s in the name of %s",
                      further[0] == '\0' ? "" : ", / and .", what);
    return UA_BAD_REQUEST;
  }
  return UA_OK;
}

static ua_status check_names(const ua_legacy_pgloader_job *job, ua_error_line *error)
{
  const char *socket = job->source->socket;
  ua_status status = check_name("the MySQL database", job->source->database, "", error);
  if (status != UA_OK) {
    return status;
  }
  status = check_name("the target database", job->target->database, "", error);
  if (status != UA_OK) {
    return status;
  }
  return socket[0] == '\0' ? UA_OK : check_name("the MySQL server's socket", socket, "/.", error);
}

static bool write_file(const ua_cli_scratch *scratch, const char *name, const char *text, size_t length)
{
  int fd = ua_cli_scratch_open(scratch, name);
  if (fd < 0) {
    return false;
  }
  bool written = write(fd, text, length) == (ssize_t)length;
  return close(fd) == 0 && written;
}

static ua_status write_command(const ua_legacy_pgloader_job *job, const ua_cli_scratch *scratch,
                               ua_error_line *error)
{
  /* pgloader has no sslmode for verification: it verifies unless an argument disables it, see load. */
  static const char *const tls[] = {[UA_MYSQL_TLS_NONE] = "disable",
                                    [UA_MYSQL_TLS_PREFERRED] = "prefer",
                                    [UA_MYSQL_TLS_REQUIRED] = "require",
                                    [UA_MYSQL_TLS_VERIFIED] = "require"};
  char text[MAX_COMMAND_BYTES];
  char address[160] = "";
  const ua_legacy_mysql_url *source = job->source;
  if (source->socket[0] != '\0') {
    (void)snprintf(address, sizeof address, "unix:%s:%s", source->socket, source->port);
  }
  int length = snprintf(text, sizeof text, command_format, address, source->database, tls[source->tls],
                        job->target->database, job->target->encrypted ? "require" : "disable",
                        source->database, job->schema);
  if (length < 0 || (size_t)length >= sizeof text || !write_file(scratch, "command", text, (size_t)length)) {
    ua_error_line_set(error, "cannot write to %s", scratch->path);
    return UA_INTERNAL;
  }
  return UA_OK;
}

/* The columns of the summary that count here. */
enum { SUMMARY_TABLE, SUMMARY_READ, SUMMARY_IMPORTED, SUMMARY_ERRORS, SUMMARY_COLUMNS };

/* "<schema>.<table>";read;imported;errors;…  The table's name may be quoted once more. */
static void read_summary_line(char *line, const char *schema, ua_legacy_pgloader_summary *summary)
{
  ua_text rest = ua_text_of(line);
  ua_text column[SUMMARY_COLUMNS];
  char name[128];
  size_t used = 0;
  ua_legacy_pgloader_table table = {.read = 0};
  for (size_t i = 0; i < SUMMARY_COLUMNS; i++) {
    if (!ua_text_split(&rest, ';', &column[i])) {
      return;
    }
  }
  const ua_text quoted = column[SUMMARY_TABLE];
  for (size_t i = 0; i < quoted.length && used + 1 < sizeof name; i++) {
    if (strchr("\"\\", quoted.data[i]) == NULL) {
      name[used++] = quoted.data[i];
    }
  }
  name[used] = '\0';
  size_t prefix = strlen(schema);
  if (strncmp(name, schema, prefix) != 0 || name[prefix] != '.' || summary->count == UA_PGLOADER_MAX_TABLES) {
    return;
  }
  (void)snprintf(table.name, sizeof table.name, "%.31s", name + prefix + 1);
  if (ua_text_to_uint(column[SUMMARY_READ], UINT64_MAX, &table.read) &&
      ua_text_to_uint(column[SUMMARY_ERRORS], UINT64_MAX, &table.errors)) {
    summary->table[summary->count++] = table;
  }
}

static FILE *open_file(const ua_cli_scratch *scratch, const char *name)
{
  char path[2 * UA_MAX_SCRATCH_BYTES];
  ua_cli_scratch_path(scratch, name, path);
  return fopen(path, "re");
}

static void read_summary(const ua_cli_scratch *scratch, const char *schema,
                         ua_legacy_pgloader_summary *summary)
{
  char line[MAX_LINE_BYTES];
  FILE *file = open_file(scratch, "summary.csv");
  if (file == NULL) {
    return;
  }
  while (fgets(line, sizeof line, file) != NULL) {
    read_summary_line(line, schema, summary);
  }
  (void)fclose(file);
}

/* The complaint in a line of pgloader's output; NULL if it is not a complaint. */
static char *complaint_of(char *line)
{
  static const struct {
    const char *mark;
    bool ends_prefix; /* the text before it is a time and a thread's name */
  } marks[] = {{" ERROR ", true}, {" FATAL ", true}, {"-ERROR: ", false}, {"Heap exhausted", false}};
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    char *found = strstr(line, marks[i].mark);
    if (found != NULL) {
      return marks[i].ends_prefix ? found + strlen(marks[i].mark) : line;
    }
  }
  return NULL;
}

static bool holds_password(const ua_legacy_pgloader_job *job, const char *text)
{
  const char *const secrets[] = {job->source->password, job->target->password};
  for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
    if (secrets[i][0] != '\0' && strstr(text, secrets[i]) != NULL) {
      return true;
    }
  }
  return false;
}

/* Removes the parts of a complaint that may quote a row: a value that Lisp found to have the wrong type, and
 * a message of the database that may quote values. */
static void cut_values(char *complaint)
{
  static const char typed[] = "The value ";
  static const char database[] = "Database error ";
  enum { SQLSTATE_BYTES = 5 };
  char *value = strstr(complaint, typed);
  char *error = strstr(complaint, database);
  if (value != NULL) {
    (void)snprintf(value, strlen(value) + 1, "a value");
  }
  if (error == NULL) {
    return;
  }
  char *sqlstate = error + sizeof database - 1;
  if (strlen(sqlstate) > SQLSTATE_BYTES && ua_operator_connection_quotes(sqlstate)) {
    sqlstate[SQLSTATE_BYTES] = '\0';
  }
}

/* The first complaint in pgloader's output; false when there is none. */
static bool find_complaint(const ua_legacy_pgloader_job *job, const ua_cli_scratch *scratch,
                           ua_error_line *error)
{
  char line[MAX_LINE_BYTES];
  char *found = NULL;
  FILE *file = open_file(scratch, "output");
  if (file == NULL) {
    return false;
  }
  while (found == NULL && fgets(line, sizeof line, file) != NULL) {
    found = complaint_of(line);
  }
  if (found != NULL && holds_password(job, found)) {
    ua_error_line_set(error, "pgloader: its complaint holds a password");
  } else if (found != NULL) {
    cut_values(found);
    ua_error_line_set(error, "pgloader: %.*s", (int)strcspn(found, "\n"), found);
  }
  (void)fclose(file);
  explicit_bzero(line, sizeof line);
  return found != NULL;
}

/* pgloader also exits with 0 after some failures, so its complaints count as failures, too. */
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
  ua_status status = check_names(job, error);
  if (status != UA_OK) {
    return status;
  }
  status = ua_cli_scratch_create(&scratch, error);
  if (status != UA_OK) {
    return status;
  }
  status = set_environment(job, &scratch, &env, error);
  if (status != UA_OK) {
    goto done;
  }
  status = write_command(job, &scratch, error);
  if (status != UA_OK) {
    goto done;
  }
  status = load(job, &scratch, &env, &summary, error);
  if (status == UA_OK) {
    *summary_r = summary;
  }
done:
  ua_cli_scratch_remove(&scratch);
  explicit_bzero(&env, sizeof env);
  return status;
}
