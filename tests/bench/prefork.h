/* A pool of processes for both responders, which follows libfcgi's manual and does nothing else. */
#ifndef UA_TESTS_BENCH_PREFORK_H
#define UA_TESTS_BENCH_PREFORK_H

#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 1024, MOST_WORKERS = 64 };

/* Answers 200 with a JSON body. */
static inline void respond(FCGX_Request *request, const char *body)
{
  char head[128];
  int length = snprintf(head, sizeof head, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                        strlen(body));
  if (length > 0 && (size_t)length < sizeof head) {
    (void)FCGX_PutStr(head, length, request->out);
    (void)FCGX_PutStr(body, (int)strlen(body), request->out);
  }
}

/* Forks `workers` (one digit or two) processes that call `serve` for each request on the unix socket at
 * `path`, until they are killed. `start` makes what a worker needs. */
static inline int prefork(const char *path, const char *workers, void *(*start)(void *), void *argument,
                          void (*serve)(FCGX_Request *, void *))
{
  char *end;
  long count = strtol(workers, &end, 10);
  if (*end != '\0' || count < 1 || count > MOST_WORKERS || FCGX_Init() != 0) {
    return EXIT_FAILURE;
  }
  int listener = FCGX_OpenSocket(path, BACKLOG);
  for (long i = 0; i < count && listener >= 0; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      FCGX_Request request;
      if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || FCGX_InitRequest(&request, listener, 0) != 0) {
        _exit(EXIT_FAILURE);
      }
      void *state = start == NULL ? NULL : start(argument);
      while (FCGX_Accept_r(&request) == 0) {
        serve(&request, state);
        FCGX_Finish_r(&request);
      }
      _exit(EXIT_SUCCESS);
    }
    if (pid < 0) {
      return EXIT_FAILURE;
    }
  }
  /* libfcgi handles TERM. With the default action, TERM ends this process again. */
  (void)signal(SIGTERM, SIG_DFL);
  while (wait(NULL) > 0) {
  }
  return EXIT_FAILURE;
}

#endif
