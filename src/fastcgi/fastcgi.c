#include "fastcgi/fastcgi.h"

#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

enum {
  LINGER_MS = 2000, /* for a peer that is still sending what we did not read */
  BEGIN_RECORD_BYTES = 16,
  /* FastCGI specification sections 3.3 and 5.1 */
  FCGI_VERSION_1 = 1,
  FCGI_BEGIN_REQUEST = 1
};

struct ua_fastcgi {
  ua_fastcgi_settings settings;
  ua_param params[UA_MAX_PARAMS];
};

ua_fastcgi *ua_fastcgi_create(const ua_fastcgi_settings *settings)
{
  ua_fastcgi *fastcgi = calloc(1, sizeof(*fastcgi));
  if (fastcgi == NULL) {
    return NULL;
  }
  fastcgi->settings = *settings;
  /* FCGX_Init puts handlers of its own, without SA_RESTART, on these three, even where they are ignored. */
  struct sigaction terminate, user;
  bool known = sigaction(SIGTERM, NULL, &terminate) == 0 && sigaction(SIGUSR1, NULL, &user) == 0;
  int failed = FCGX_Init();
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  if (!known || failed != 0 || sigaction(SIGTERM, &terminate, NULL) != 0 ||
      sigaction(SIGUSR1, &user, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0) {
    ua_fastcgi_destroy(&fastcgi);
  }
  return fastcgi;
}

void ua_fastcgi_destroy(ua_fastcgi **fastcgi)
{
  free(*fastcgi);
  *fastcgi = NULL;
}

/* Whether the connection begins as every web server's does: a BEGIN_REQUEST without padding for a responder
 * or an authorizer. libfcgi misreads padding there, and a GET_VALUES record can smash its stack. Looks at
 * what has come so far; waits for the first byte alone. */
static bool begins_well(int fd)
{
  unsigned char seen[BEGIN_RECORD_BYTES];
  ssize_t length = recv(fd, seen, sizeof(seen), MSG_PEEK);
  static const struct {
    unsigned char lowest, highest;
  } expected[BEGIN_RECORD_BYTES] = {
      {FCGI_VERSION_1, FCGI_VERSION_1},
      {FCGI_BEGIN_REQUEST, FCGI_BEGIN_REQUEST},
      {0, UCHAR_MAX},
      {0, UCHAR_MAX}, /* request id */
      {0, 0},
      {8, 8}, /* content length */
      {0, 0},
      {0, UCHAR_MAX}, /* padding, reserved */
      {0, 0},
      {UA_ROLE_RESPONDER, UA_ROLE_AUTHORIZER},
      {0, UCHAR_MAX},
      {0, UCHAR_MAX}, /* flags, reserved */
      {0, UCHAR_MAX},
      {0, UCHAR_MAX},
      {0, UCHAR_MAX},
      {0, UCHAR_MAX},
  };
  for (ssize_t i = 0; i < length; i++) {
    if (seen[i] < expected[i].lowest || seen[i] > expected[i].highest) {
      return false;
    }
  }
  return length > 0;
}

/* All parameters as the peer sent them, views into libfcgi's copies. */
static void collect_params(const FCGX_Request *request, ua_input *input)
{
  /* The first is FCGI_ROLE, which libfcgi adds itself. */
  char **next = request->envp[0] == NULL ? request->envp : request->envp + 1;
  while (*next != NULL && ua_http_input_add(input, ua_text_of(*next))) {
    next++;
  }
}

/* Reads STDIN to its end, at most what was announced or the limit allows, and one byte more to notice what is
 * too much. Returns whether the peer may still be sending something that was not read. */
static bool read_body(const ua_fastcgi *fastcgi, const FCGX_Request *request, ua_arena *arena,
                      ua_input *input)
{
  bool known = false;
  uint64_t announced = 0;
  if (!ua_http_input_length(input, &known, &announced)) {
    return true;
  }
  if (announced > fastcgi->settings.body_limit) {
    input->body_too_large = true;
    return true;
  }
  size_t limit = known ? (size_t)announced : fastcgi->settings.body_limit;
  char first = 0;
  size_t length = (size_t)FCGX_GetStr(&first, 1, request->in);
  if (length > 0) {
    char *bytes = ua_arena_alloc(arena, limit + 1);
    if (bytes == NULL) {
      input->body_too_large = true;
      return true;
    }
    bytes[0] = first;
    length += (size_t)FCGX_GetStr(bytes + 1, (int)limit, request->in);
    input->body = (ua_text){bytes, length};
  }
  bool failed = FCGX_GetError(request->in) != 0;
  bool too_much = length > limit;
  input->body_too_large = too_much && !known;
  input->body_damaged = failed || (known && length != limit);
  if (failed || too_much) {
    input->body = UA_TEXT("");
  }
  return too_much && !failed;
}

/* Sends the whole answer and END_REQUEST, and learns whether that went well, which FCGX_Finish_r hides. */
static bool send_answer(FCGX_Request *request, ua_text answer)
{
  size_t sent = 0;
  while (sent < answer.length) {
    size_t rest = answer.length - sent;
    int chunk = rest > INT_MAX ? INT_MAX : (int)rest;
    if (FCGX_PutStr(answer.data + sent, chunk, request->out) != chunk) {
      return false;
    }
    sent += (size_t)chunk;
  }
  bool closed = FCGX_FClose(request->err) == 0;
  return FCGX_FClose(request->out) == 0 && closed;
}

/* Closing a socket with unread bytes resets it, and the peer loses the answer: read them first. libfcgi's own
 * lingering close does so too, but as long as the peer keeps sending. */
static void linger(int fd)
{
  char trash[16 * 1024];
  int64_t deadline = ua_clock_monotonic_ms() + LINGER_MS;
  if (shutdown(fd, SHUT_WR) != 0) {
    return;
  }
  for (int64_t left = LINGER_MS; left > 0; left = deadline - ua_clock_monotonic_ms()) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, (int)left) <= 0 || recv(fd, trash, sizeof(trash), MSG_DONTWAIT) <= 0) {
      break;
    }
  }
  explicit_bzero(trash, sizeof(trash));
}

/* How libfcgi's FCGX_Stream_Data, which no header declares, has begun since 1996. */
typedef struct stream_data {
  unsigned char *buffer;
  int size;
} stream_data;

/* A stream's public pointers lie within its buffer. Where they do not, the layout is another one. */
static void wipe_stream(const FCGX_Stream *stream)
{
  const stream_data *data = stream->data;
  if (data->size > 0 && stream->stop >= data->buffer && stream->stop <= data->buffer + data->size) {
    explicit_bzero(data->buffer, (size_t)data->size);
  }
}

/* libfcgi frees passwords and tokens as they are. What it has freed already is out of reach: a parameter that
 * the peer cut short, and a request that never became one. */
static void wipe_request(const FCGX_Request *request)
{
  for (char **next = request->envp; *next != NULL; next++) {
    explicit_bzero(*next, strlen(*next));
  }
  wipe_stream(request->in);
  wipe_stream(request->out);
}

static ua_status answer_request(ua_fastcgi *fastcgi, FCGX_Request *request, ua_arena *arena,
                                ua_fastcgi_handler *handler, void *context)
{
  ua_input input = {.role = (ua_role_kind)request->role, .params = fastcgi->params, .body = UA_TEXT("")};
  /* After PARAMS that were cut short libfcgi returns a request like any other; only its error shows the
   * difference. */
  input.params_damaged = FCGX_GetError(request->in) != 0;
  collect_params(request, &input);
  bool unread = !input.params_damaged;
  if (unread && input.role == UA_ROLE_RESPONDER) {
    unread = read_body(fastcgi, request, arena, &input);
  }
  ua_text answer = handler(context, arena, &input);
  if (answer.data == NULL || !send_answer(request, answer)) {
    return UA_UNAVAILABLE;
  }
  if (unread) {
    linger(request->ipcFd);
  }
  return UA_OK;
}

ua_status ua_fastcgi_serve(ua_fastcgi *fastcgi, int fd, ua_arena *arena, ua_fastcgi_handler *handler,
                           void *context)
{
  struct timeval timeout = {.tv_sec = fastcgi->settings.io_timeout_seconds};
  FCGX_Request request;
  ua_status status = UA_BAD_REQUEST;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0 || !begins_well(fd) ||
      FCGX_InitRequest(&request, -1, 0) != 0) {
    (void)close(fd);
    return status;
  }
  /* With a connection to "keep", FCGX_Accept_r does not accept one itself; and where the peer speaks no
   * FastCGI it closes ours without its lingering. */
  request.ipcFd = fd;
  request.keepConnection = 1;
  request.detached = 1;
  if (FCGX_Accept_r(&request) == 0) {
    status = answer_request(fastcgi, &request, arena, handler, context);
    wipe_request(&request);
    /* Not FCGX_Finish_r: it would end a half-written answer as if it were whole. */
    request.detached = 1;
    FCGX_Free(&request, 1);
  }
  ua_arena_reset(arena);
  return status;
}
