/* The operator's command line. */
#include <stdio.h>

#include "admin/commands.h"
#include "cli/report.h"

int main(int argc, char *argv[])
{
  int code = ua_cli_main(&ua_admin_program, argc, argv);
  if (fflush(stdout) != 0 && code == UA_CLI_OK) {
    return ua_cli_fail("cannot write to standard output");
  }
  return code;
}
