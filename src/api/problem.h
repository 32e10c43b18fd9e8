/* THE table from statuses to HTTP errors. */
#ifndef UA_API_PROBLEM_H
#define UA_API_PROBLEM_H

#include "api/violations.h"
#include "base/arena.h"
#include "base/error.h"
#include "http/response.h"

/* What a handler may say beyond its status. */
typedef struct ua_problem {
  ua_text message;                 /* absent: the table's */
  const ua_violations *violations; /* NULL: no payload */
  ua_text allow;                   /* of a 405 */
  ua_text login;                   /* where to log in, with the place to come back to */
  bool redirect;                   /* send the client there, in place of telling the web server */
} ua_problem;

/* Answers with `status` (anything but UA_OK): {"error_code":…,"message":…,"payload":…}. */
UA_CHECK ua_status ua_api_problem_render(ua_arena *arena, ua_status status, const ua_problem *problem,
                                         ua_response *response);

/* The HTTP status code of a status: 500 for one that is out of range. */
int ua_api_problem_http_status(ua_status status);

#endif
