/* The operator's command line. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/report.h"

int main(int argc, char *argv[])
{
  int code = ua_admin_main(argc, argv);
  if (fflush(stdout) != 0 && code == UA_ADMIN_OK) {
    return ua_admin_fail("cannot write to standard output");
  }
  return code;
}
