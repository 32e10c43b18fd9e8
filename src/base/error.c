#include "base/error.h"

#include <stddef.h>

static const char *const names[UA_STATUS_COUNT] = {
    [UA_INTERNAL] = "internal",
    [UA_OK] = "ok",
    [UA_BAD_REQUEST] = "bad request",
    [UA_NO_CREDENTIALS] = "no credentials",
    [UA_INVALID_TOKEN] = "invalid token",
    [UA_WRONG_LOGIN] = "wrong login",
    [UA_USER_INACTIVE] = "user inactive",
    [UA_FORBIDDEN] = "forbidden",
    [UA_NOT_FOUND] = "not found",
    [UA_METHOD_NOT_ALLOWED] = "method not allowed",
    [UA_PRECONDITION_FAILED] = "precondition failed",
    [UA_CONFLICT] = "conflict",
    [UA_QUOTA_EXCEEDED] = "quota exceeded",
    [UA_PAYLOAD_TOO_LARGE] = "payload too large",
    [UA_HEADERS_TOO_LARGE] = "headers too large",
    [UA_WRONG_PAYLOAD_FORMAT] = "wrong payload format",
    [UA_WRONG_PAYLOAD] = "wrong payload",
    [UA_WRONG_DOCUMENT] = "wrong document",
    [UA_WRONG_ARGS] = "wrong args",
    [UA_UNPROCESSABLE] = "unprocessable",
    [UA_TOO_MANY_REQUESTS] = "too many requests",
    [UA_BUSY] = "busy",
    [UA_UNAVAILABLE] = "unavailable",
    [UA_OUTCOME_UNKNOWN] = "outcome unknown",
    [UA_PENDING] = "pending",
};

const char *ua_status_name(ua_status status)
{
  unsigned index = (unsigned)status;
  return index < UA_STATUS_COUNT && names[index] != NULL ? names[index] : names[UA_INTERNAL];
}
