#include "operator/migration_file.h"

/* Which directive a line is. */
typedef enum directive { DIRECTIVE_NONE, DIRECTIVE_UP, DIRECTIVE_DOWN, DIRECTIVE_COUNT } directive;

static bool is_digit(char character)
{
  return character >= '0' && character <= '9';
}

/* Blanks, tabs, and the CR of files from Windows. */
static ua_text trim(ua_text text)
{
  text = ua_text_trim(text);
  if (text.length > 0 && text.data[text.length - 1] == '\r') {
    text.length--;
    text = ua_text_trim(text);
  }
  return text;
}

ua_text ua_operator_migration_version(ua_text name)
{
  static const ua_text suffix = {".sql", 4};
  size_t digits = 0;
  while (digits < name.length && is_digit(name.data[digits])) {
    digits++;
  }
  if (digits == 0 || digits > UA_MAX_MIGRATION_VERSION_BYTES || name.length < digits + suffix.length ||
      name.length > UA_MAX_MIGRATION_NAME_BYTES || ua_text_has_nul(name)) {
    return UA_TEXT_ABSENT;
  }
  ua_text end = {name.data + name.length - suffix.length, suffix.length};
  return ua_text_equal(end, suffix) ? (ua_text){name.data, digits} : UA_TEXT_ABSENT;
}

/* dbmate's `^--\s*migrate:up(\s*$|\s+\S+)`. What follows the directive goes to *options_r. */
static directive read_directive(ua_text line, ua_text *options_r)
{
  static const ua_text words[DIRECTIVE_COUNT] = {
      [DIRECTIVE_UP] = {"migrate:up", 10},
      [DIRECTIVE_DOWN] = {"migrate:down", 12},
  };
  if (!ua_text_starts_with(line, UA_TEXT("--"))) {
    return DIRECTIVE_NONE;
  }
  line = trim((ua_text){line.data + 2, line.length - 2});
  for (directive found = DIRECTIVE_UP; found < DIRECTIVE_COUNT; found++) {
    size_t length = words[found].length;
    if (!ua_text_starts_with(line, words[found])) {
      continue;
    }
    if (line.length == length || line.data[length] == ' ' || line.data[length] == '\t') {
      *options_r = trim((ua_text){line.data + length, line.length - length});
      return found;
    }
  }
  return DIRECTIVE_NONE;
}

/* Every file runs in one transaction with its row of the ledger. A file that asks for anything else is
 * refused. */
static ua_status check_options(ua_text name, ua_text options, ua_error_line *error)
{
  if (options.length == 0 || ua_text_equal(options, UA_TEXT("transaction:true"))) {
    return UA_OK;
  }
  if (ua_text_equal(options, UA_TEXT("transaction:false"))) {
    ua_error_line_set(error, "%.*s: transaction:false is not supported: every migration is one transaction",
                      UA_TEXT_ARGS(name));
  } else {
    ua_error_line_set(error, "%.*s: unknown option of a directive", UA_TEXT_ARGS(name));
  }
  return UA_BAD_REQUEST;
}

static bool is_comment_or_empty(ua_text line)
{
  line = trim(line);
  return line.length == 0 || ua_text_starts_with(line, UA_TEXT("--"));
}

/* The texts between the directives, found in one pass over the lines. */
typedef struct parse {
  ua_text name;
  directive seen; /* the last one */
  const char *up_begin, *up_end, *down_begin;
  const char *complaint;
} parse;

static void take_directive(parse *state, directive found, const char *line, const char *next)
{
  if (found == DIRECTIVE_UP && state->seen == DIRECTIVE_NONE) {
    state->up_begin = next;
  } else if (found == DIRECTIVE_DOWN && state->seen == DIRECTIVE_UP) {
    state->up_end = line;
    state->down_begin = next;
  } else if (found == DIRECTIVE_DOWN && state->seen == DIRECTIVE_NONE) {
    state->complaint = "-- migrate:up has to come before -- migrate:down";
  } else {
    state->complaint = "a directive occurs twice";
  }
  state->seen = found;
}

static ua_status walk_lines(parse *state, ua_text content, ua_error_line *error)
{
  ua_text rest = content;
  ua_text line;
  while (state->complaint == NULL && ua_text_split(&rest, '\n', &line)) {
    ua_text options = UA_TEXT_ABSENT;
    directive found = read_directive(line, &options);
    if (found == DIRECTIVE_NONE) {
      if (state->seen == DIRECTIVE_NONE && !is_comment_or_empty(line)) {
        state->complaint = "there are statements before -- migrate:up";
      }
      continue;
    }
    if (check_options(state->name, options, error) != UA_OK) {
      return UA_BAD_REQUEST;
    }
    take_directive(state, found, line.data, rest.data == NULL ? content.data + content.length : rest.data);
  }
  return UA_OK;
}

ua_status ua_operator_migration_parse(ua_text name, ua_text content, ua_operator_migration *migration_r,
                                      ua_error_line *error)
{
  parse state = {.name = name, .seen = DIRECTIVE_NONE};
  ua_text version = ua_operator_migration_version(name);
  if (version.data == NULL) {
    ua_error_line_set(error, "a migration's name has to be <digits>_<words>.sql");
    return UA_BAD_REQUEST;
  }
  if (content.length > UA_MAX_MIGRATION_BYTES) {
    state.complaint = "larger than 1 MiB";
  } else if (ua_text_has_nul(content) || !ua_text_is_utf8(content)) {
    state.complaint = "not UTF-8 text";
  } else if (walk_lines(&state, content, error) != UA_OK) {
    return UA_BAD_REQUEST;
  }
  if (state.complaint == NULL && state.seen != DIRECTIVE_DOWN) {
    state.complaint = state.up_begin == NULL ? "there is no -- migrate:up" : "there is no -- migrate:down";
  }
  if (state.complaint != NULL) {
    ua_error_line_set(error, "%.*s: %s", UA_TEXT_ARGS(name), state.complaint);
    return UA_BAD_REQUEST;
  }
  *migration_r = (ua_operator_migration){
      .name = name,
      .version = version,
      .up = {state.up_begin, (size_t)(state.up_end - state.up_begin)},
      .down = {state.down_begin, (size_t)(content.data + content.length - state.down_begin)},
  };
  return UA_OK;
}
