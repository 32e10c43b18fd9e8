/* bcrypt_alone PROCESSES SECONDS COST: measures crypt_r alone, and prints hashes a second. */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PROCESSES = 64 };

static double now(void)
{
  struct timespec time;
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The hashes a second of one process. Only complete hashes count. */
static double measure(double seconds, unsigned long cost)
{
  static struct crypt_data data;
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  double start = now(), passed = 0;
  int count = 0;
  if (crypt_gensalt_rn("$2b$", cost, NULL, 0, setting, (int)sizeof setting) == NULL) {
    return 0;
  }
  while (passed < seconds && crypt_r("correct horse battery", setting, &data)[0] != '*') {
    count++;
    passed = now() - start;
  }
  return passed > 0 ? count / passed : 0;
}

int main(int argc, char **argv)
{
  int pipes[2];
  long processes = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
  if (processes < 1 || processes > MOST_PROCESSES || pipe(pipes) != 0) {
    return EXIT_FAILURE;
  }
  for (long i = 0; i < processes; i++) {
    if (fork() == 0) {
      double rate = measure(strtod(argv[2], NULL), strtoul(argv[3], NULL, 10));
      _exit(write(pipes[1], &rate, sizeof rate) == sizeof rate ? EXIT_SUCCESS : EXIT_FAILURE);
    }
  }
  double total = 0, rate = 0;
  for (long i = 0; i < processes && read(pipes[0], &rate, sizeof rate) == sizeof rate; i++) {
    total += rate;
  }
  while (wait(NULL) > 0) {
  }
  return printf("%.3f\n", total) > 0 && total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
