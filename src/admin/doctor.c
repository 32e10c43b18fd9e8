#include "admin/doctor.h"

#include "admin/commands.h"
#include "admin/examination.h"
#include "cli/report.h"

static const ua_cli_option options[] = {
    UA_ADMIN_EXAMINATION_OPTION_ROWS,
    [UA_ADMIN_EXAMINATION_OPTIONS] = UA_CLI_JSON_OPTION_ROW,
    {NULL, NULL, NULL},
};

/* The settings that it checks; it ignores other USER_API_ variables. */
static const char *const looked_at[] = {"USER_API_JWT_SECRET", "USER_API_JWT_PREVIOUS_SECRETS",
                                        "USER_API_OPERATOR_ROLE", "USER_API_EVENT_DAYS", NULL};

static const char details[] =
    "Examines a database of the Python original or of this program, the rights of the\n"
    "workers' role, who may do what, and the service's secrets. Changes nothing.\n"
    "Prints a line for each finding: severity, code, count, meaning, and the first\n"
    "few rows. Below it, if possible, it prints commands that fix the finding.\n"
    "\n"
    "  note     nothing to do\n"
    "  warning  it works, but you should check it\n"
    "  error    the database cannot be adopted or served\n"
    "\n"
    "Exit code: 0 no warnings or errors, 3 warnings, 4 errors, 1 the examination\n"
    "failed, 2 a wrong command line.\n";

static int run_doctor(const ua_cli_arguments *arguments)
{
  ua_admin_examination examination = {0};
  ua_admin_findings findings = {.json = false};
  ua_operator_finding_sink sink = {ua_admin_findings_report, &findings};
  ua_operator_schema_kind kind = UA_SCHEMA_FOREIGN;
  ua_config config = {0};
  ua_admin_settings_file file;
  ua_error_line error = {""};
  int code = ua_admin_examination_open(arguments, &examination);
  if (code != UA_CLI_OK) {
    goto done;
  }
  if (ua_admin_service_settings(arguments->option[UA_ADMIN_EXAMINATION_CONFIG], looked_at, &config, &file,
                                &error) != UA_OK) {
    code = ua_cli_fail("%s", error.text);
    goto done;
  }
  examination.operator_role = config.operator_role == NULL ? "" : config.operator_role;
  examination.event_days = config.event_days;
  ua_admin_findings_begin(&findings, arguments->option[UA_ADMIN_EXAMINATION_OPTIONS] != NULL);
  if (ua_admin_examination_examine(&examination, sink, &kind, &error) != UA_OK ||
      ua_admin_doctor_secrets(&config, &file, sink, &error) != UA_OK) {
    ua_admin_findings_abandon(&findings);
    code = ua_cli_fail("%s", error.text);
    goto done;
  }
  code = ua_admin_findings_end(&findings, ua_admin_schema_name(kind));
done:
  ua_config_clear(&config);
  ua_admin_examination_close(&examination);
  return code;
}

const ua_cli_command ua_admin_doctor = {
    .name = "doctor",
    .synopsis = "[OPTIONS] [db_url]",
    .summary = "Finds what is wrong with a database and its secrets",
    .details = details,
    .example = "--database-url postgresql://postgres@db/user_api",
    .options = options,
    .positionals = 1,
    .run = run_doctor,
};
