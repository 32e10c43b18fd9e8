/* THE table from statuses to HTTP errors. */
#ifndef UA_API_PROBLEM_H
#define UA_API_PROBLEM_H

#include "base/arena.h"
#include "base/error.h"
#include "http/response.h"
#include "service/refusal.h"

/* What an answer says beyond its status. */
typedef struct ua_problem {
  ua_refusal refusal;
  ua_text allow; /* of a 405: the methods, for the header Allow */
  ua_text login; /* where to log in, with the place to come back to; absent: nowhere */
  bool redirect; /* redirect the client there, instead of leaving that to the web server */
  bool silent;   /* no body: the web server shows a page of its own */
} ua_problem;

/* Fills *response with the answer for `status` (anything but UA_OK): {"error_code":…,"message":…}, and
 * "payload" where violations are the reason. Headers that are there already stay. UA_INTERNAL when memory is
 * exhausted. */
UA_CHECK ua_status ua_api_problem_render(ua_arena *arena, ua_status status, const ua_problem *problem,
                                         ua_response *response);

/* The HTTP status code of a status: 500 for one that is out of range. */
int ua_api_problem_http_status(ua_status status);

#endif
