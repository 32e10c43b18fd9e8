#include "admin/token_report.h"

#include <stdio.h>
#include <time.h>

enum {
  COLUMN_CLAIMS, /* first: JSON already, and written separately */
  COLUMN_COUNTS,
  COLUMN_SIGNED_BY,
  COLUMN_EXPIRED,
  COLUMN_EXPIRES,
  COLUMN_USER_EXISTS,
  COLUMN_USER_ACTIVE,
  COLUMN_EPOCH_CURRENT,
  COLUMN_REVOKED,
  COLUMNS
};

static const ua_cli_column columns[COLUMNS + 1] = {
    [COLUMN_CLAIMS] = {"claims", UA_CLI_TEXT, NULL},
    [COLUMN_COUNTS] = {"counts", UA_CLI_BOOLEAN, NULL},
    [COLUMN_SIGNED_BY] = {"signed_by_secret", UA_CLI_INTEGER, "none of those given"},
    [COLUMN_EXPIRED] = {"expired", UA_CLI_BOOLEAN, NULL},
    [COLUMN_EXPIRES] = {"expires", UA_CLI_TEXT, "the token does not say"},
    [COLUMN_USER_EXISTS] = {"user_exists", UA_CLI_BOOLEAN, "not known"},
    [COLUMN_USER_ACTIVE] = {"user_active", UA_CLI_BOOLEAN, "not known"},
    [COLUMN_EPOCH_CURRENT] = {"epoch_current", UA_CLI_BOOLEAN, "not known"},
    [COLUMN_REVOKED] = {"revoked", UA_CLI_BOOLEAN, "not known"},
};

bool ua_admin_token_counts(const ua_admin_token_report *report)
{
  const ua_token_content *content = &report->content;
  const ua_operator_token_state *state = &report->state;
  if (content->signed_by == 0 || !content->is_session || !content->is_in_time) {
    return false;
  }
  return !report->asked || (state->user_exists && state->user_active && !state->revoked && !state->expired &&
                            state->epoch == content->claims.user.epoch);
}

/* RFC 3339, or the seconds if they are outside the calendar. */
static void write_time(int64_t seconds, char *out, size_t size)
{
  struct tm parts;
  time_t moment = (time_t)seconds;
  if (gmtime_r(&moment, &parts) == NULL || strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    (void)snprintf(out, size, "%lld", (long long)seconds);
  }
}

/* The claims are JSON already, and are printed byte for byte as they were signed. A writer could not
 * guarantee that. */
int ua_admin_token_print_with_claims(const ua_admin_session *session, ua_text claims, ua_json_writer **writer)
{
  ua_text text;
  if (ua_json_finish(writer, session->arena, true, &text) != UA_OK) {
    return ua_cli_fail("out of memory");
  }
  (void)printf("{\"claims\":%.*s,%s", UA_TEXT_ARGS(claims), text.data + 1);
  return UA_CLI_OK;
}

int ua_admin_token_print_report(const ua_admin_session *session, const ua_admin_token_report *report)
{
  static const char *const words[] = {"f", "t"};
  const ua_token_content *content = &report->content;
  const ua_operator_token_state *state = &report->state;
  const char *values[COLUMNS] = {[COLUMN_COUNTS] = words[ua_admin_token_counts(report)],
                                 [COLUMN_CLAIMS] = content->payload.data,
                                 [COLUMN_EXPIRED] = words[!content->is_in_time || state->expired]};
  char signed_by[16];
  char expires[32];
  (void)snprintf(signed_by, sizeof signed_by, "%zu", content->signed_by);
  write_time(content->expires_at, expires, sizeof expires);
  values[COLUMN_SIGNED_BY] = content->signed_by > 0 ? signed_by : NULL;
  values[COLUMN_EXPIRES] = content->has_expiry ? expires : NULL;
  if (report->asked) {
    values[COLUMN_USER_EXISTS] = words[state->user_exists];
    values[COLUMN_REVOKED] = words[state->revoked];
  }
  if (report->asked && state->user_exists) {
    values[COLUMN_USER_ACTIVE] = words[state->user_active];
    values[COLUMN_EPOCH_CURRENT] = words[state->epoch == content->claims.user.epoch];
  }
  if (!session->json) {
    return ua_cli_print_object(false, columns, values);
  }
  ua_json_writer *writer = ua_json_writer_create();
  ua_json_begin_object(writer, NULL);
  ua_cli_write_members(writer, columns + 1, values + 1);
  ua_json_end(writer);
  return ua_admin_token_print_with_claims(session, content->payload, &writer);
}
