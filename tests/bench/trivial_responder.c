/* trivial_responder SOCKET WORKERS: answers every request with the same bytes. */
#include "prefork.h"

static void serve(FCGX_Request *request, void *state)
{
  (void)state;
  respond(request,
          "{\"active\":true,\"customer\":{\"id\":1},\"email\":\"admin\",\"exp\":1535940278,\"id\":1,"
          "\"name\":\"admin\",\"roles\":[{\"code\":\"admin\",\"id\":1,\"name\":\"Admin\"}]}\n");
}

int main(int argc, char **argv)
{
  return argc == 3 ? prefork(argv[1], argv[2], NULL, NULL, serve) : EXIT_FAILURE;
}
