#include "transfer/format.h"

#include <string.h>

#include "cli/report.h"

static const struct {
  const char *word; /* of the option, or after the name's last dot */
  bool is_option;
  ua_transfer_format format;
} words[] = {{"jsonl", true, UA_ROWS_JSONL},
             {"csv", true, UA_ROWS_CSV},
             {"ndjson", false, UA_ROWS_JSONL},
             {"json", false, UA_ROWS_JSONL}};

int ua_transfer_format_of(const char *option, const char *path, ua_transfer_format *format_r)
{
  const char *dot = strrchr(path, '.');
  ua_text word = ua_text_of(option != NULL ? option : dot == NULL ? "" : dot + 1);
  if (strstr(path, "://") != NULL) {
    return ua_cli_misused("FILE has to be a file: a database's URL is given by --database-url");
  }
  if (option == NULL && strcmp(path, "-") == 0) {
    *format_r = UA_ROWS_JSONL;
    return UA_CLI_OK;
  }
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (ua_text_equal_nocase(word, ua_text_of(words[i].word)) && (option == NULL || words[i].is_option)) {
      *format_r = words[i].format;
      return UA_CLI_OK;
    }
  }
  return option != NULL
             ? ua_cli_misused("--format has to be jsonl or csv")
             : ua_cli_misused(
                   "the file's name does not show its format: end it in .jsonl or .csv, or give --format");
}

int ua_transfer_customer_of(const char *option, int32_t *customer_id_r)
{
  uint64_t id = 0;
  if (option != NULL && (!ua_text_to_uint(ua_text_of(option), INT32_MAX, &id) || id == 0)) {
    return ua_cli_misused("--customer has to be the id of a customer");
  }
  *customer_id_r = (int32_t)id;
  return UA_CLI_OK;
}
