#include "transfer/beginning.h"

#include <string.h>

#include "transfer/header.h"

/* With a length, because some contain NUL bytes. If one is the beginning of another, the longer one comes
 * first. */
#define BYTES(literal) {(literal), sizeof(literal) - 1}

static const struct {
  ua_text bytes;
  const char *meaning;
} signatures[] = {
    {BYTES("\xFF\xFE\0\0"), "is UTF-32: convert it to UTF-8, as iconv -f UTF-32 -t UTF-8 does"},
    {BYTES("\0\0\xFE\xFF"), "is UTF-32: convert it to UTF-8, as iconv -f UTF-32 -t UTF-8 does"},
    {BYTES("\xFF\xFE"), "is UTF-16: convert it to UTF-8, as iconv -f UTF-16 -t UTF-8 does"},
    {BYTES("\xFE\xFF"), "is UTF-16: convert it to UTF-8, as iconv -f UTF-16 -t UTF-8 does"},
    {BYTES("\x1F\x8B"), "is compressed by gzip: unpack it first (gunzip)"},
    {BYTES("BZh"), "is compressed by bzip2: unpack it first (bunzip2)"},
    {BYTES("\xFD\x37zXZ"), "is compressed by xz: unpack it first (unxz)"},
    {BYTES("\x28\xB5\x2F\xFD"), "is compressed by zstd: unpack it first (unzstd)"},
    {BYTES("PK\x03\x04"), "is a zip archive, as Excel's .xlsx is: unpack it, or save the sheet as CSV UTF-8"},
    {BYTES("\xD0\xCF\x11\xE0"), "is an Excel workbook (.xls): save the sheet as CSV UTF-8"},
};

static bool is_space(char character)
{
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static bool has(ua_text text, char character)
{
  return text.length > 0 && memchr(text.data, character, text.length) != NULL;
}

/* The next line that is not blank, without surrounding blanks and its line end; absent after the last one. */
static ua_text next_line(ua_text *rest)
{
  ua_text line;
  while (ua_text_split(rest, '\n', &line)) {
    while (line.length > 0 && is_space(line.data[0])) {
      line = (ua_text){line.data + 1, line.length - 1};
    }
    while (line.length > 0 && is_space(line.data[line.length - 1])) {
      line.length--;
    }
    if (line.length > 0) {
      return line;
    }
  }
  return UA_TEXT_ABSENT;
}

/* UTF-16 without a byte order mark, or no text at all. */
static const char *find_nul(ua_text beginning, ua_text line)
{
  const char *data = beginning.data;
  if (beginning.length >= 4 && data[0] != '\0' && data[1] == '\0' && data[2] != '\0' && data[3] == '\0') {
    return "is UTF-16: convert it to UTF-8, as iconv -f UTF-16LE -t UTF-8 does";
  }
  if (beginning.length >= 4 && data[0] == '\0' && data[1] != '\0' && data[2] == '\0' && data[3] != '\0') {
    return "is UTF-16: convert it to UTF-8, as iconv -f UTF-16BE -t UTF-8 does";
  }
  return ua_text_has_nul(line) ? "has NUL bytes in its first line: it is not text, or it is damaged" : NULL;
}

static const char *find_wrong_bytes(ua_text beginning, ua_text line)
{
  for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
    if (ua_text_starts_with(beginning, signatures[i].bytes)) {
      return signatures[i].meaning;
    }
  }
  const char *wrong = find_nul(beginning, line);
  /* The line has no trailing blanks, so another character follows a CR in it. */
  if (wrong == NULL && has(line, '\r') && !has(beginning, '\n')) {
    wrong = "has lines that end in CR alone: make them end in LF, as tr '\\r' '\\n' does";
  }
  return wrong;
}

/* `second` is the next line; `ended`: the first line ends within the beginning. */
static const char *find_wrong_json(ua_text line, bool ended, ua_text second)
{
  if (line.data[0] == '[') {
    return "is a JSON array: write one object a line, as jq -c '.[]' does";
  }
  if (line.data[0] != '{') {
    return "does not begin with a JSON object: if it is CSV, end its name in .csv, or give --format csv";
  }
  if (!ended) {
    return NULL;
  }
  char last = line.data[line.length - 1];
  if (last == ',' && line.length > 1 && line.data[line.length - 2] == '}') {
    return "has a comma behind an object, as in a JSON array: write one object a line, and no commas between";
  }
  if (last != '}' && second.data != NULL && (second.data[0] == '"' || second.data[0] == '}')) {
    return "spreads an object over several lines: write one object a line, as jq -c . does";
  }
  return NULL;
}

static const char *find_wrong_csv(ua_text line)
{
  if (line.data[0] == '{' || line.data[0] == '[') {
    return "seems to be JSON: if it has one object a line, end its name in .jsonl, or give --format jsonl";
  }
  if (ua_text_starts_with(line, UA_TEXT("sep=")) || ua_text_starts_with(line, UA_TEXT("SEP="))) {
    return "begins with Excel's line sep=, which is no header: delete that line, and separate columns by "
           "commas";
  }
  return NULL;
}

bool ua_transfer_beginning_check(ua_text beginning, bool is_all, ua_transfer_format format,
                                 ua_error_line *error)
{
  ua_text rest = beginning;
  ua_text line = next_line(&rest);
  const char *wrong = beginning.length == 0 ? NULL : find_wrong_bytes(beginning, line);
  if (wrong == NULL && line.data == NULL && is_all && format == UA_ROWS_CSV) {
    wrong = "is empty: its first line has to name the columns";
  }
  if (wrong == NULL && line.data != NULL) {
    bool ended = is_all || rest.data != NULL;
    wrong = format == UA_ROWS_JSONL ? find_wrong_json(line, ended, next_line(&rest)) : find_wrong_csv(line);
  }
  if (wrong != NULL) {
    ua_error_line_set(error, "the file %s", wrong);
    return false;
  }
  return format == UA_ROWS_JSONL || line.data == NULL || ua_transfer_header_separators(line, error);
}
