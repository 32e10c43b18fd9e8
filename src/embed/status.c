#include "api/problem.h"
#include "base/error.h"
#include "embed/instance.h"

/* The numbers of the public enum are part of the ABI, the internal ones are not. */
static const user_api_status outside[UA_STATUS_COUNT] = {
    [UA_INTERNAL] = USER_API_INTERNAL,
    [UA_OK] = USER_API_OK,
    [UA_BAD_REQUEST] = USER_API_BAD_REQUEST,
    [UA_NO_CREDENTIALS] = USER_API_NO_CREDENTIALS,
    [UA_INVALID_TOKEN] = USER_API_INVALID_TOKEN,
    [UA_WRONG_LOGIN] = USER_API_WRONG_LOGIN,
    [UA_USER_INACTIVE] = USER_API_USER_INACTIVE,
    [UA_FORBIDDEN] = USER_API_FORBIDDEN,
    [UA_NOT_FOUND] = USER_API_NOT_FOUND,
    [UA_METHOD_NOT_ALLOWED] = USER_API_METHOD_NOT_ALLOWED,
    [UA_PRECONDITION_FAILED] = USER_API_PRECONDITION_FAILED,
    [UA_CONFLICT] = USER_API_CONFLICT,
    [UA_QUOTA_EXCEEDED] = USER_API_QUOTA_EXCEEDED,
    [UA_PAYLOAD_TOO_LARGE] = USER_API_PAYLOAD_TOO_LARGE,
    [UA_HEADERS_TOO_LARGE] = USER_API_HEADERS_TOO_LARGE,
    [UA_WRONG_PAYLOAD_FORMAT] = USER_API_WRONG_PAYLOAD_FORMAT,
    [UA_WRONG_PAYLOAD] = USER_API_WRONG_PAYLOAD,
    [UA_WRONG_DOCUMENT] = USER_API_WRONG_DOCUMENT,
    [UA_WRONG_ARGS] = USER_API_WRONG_ARGS,
    [UA_UNPROCESSABLE] = USER_API_UNPROCESSABLE,
    [UA_TOO_MANY_REQUESTS] = USER_API_TOO_MANY_REQUESTS,
    [UA_BUSY] = USER_API_BUSY,
    [UA_UNAVAILABLE] = USER_API_UNAVAILABLE,
    [UA_OUTCOME_UNKNOWN] = USER_API_OUTCOME_UNKNOWN,
    [UA_PENDING] = USER_API_BUSY, /* listed after UA_BUSY, so USER_API_BUSY maps back to UA_BUSY */
};

user_api_status ua_embed_status(ua_status status)
{
  unsigned index = (unsigned)status;
  return index < UA_STATUS_COUNT ? outside[index] : USER_API_INTERNAL;
}

/* UA_INTERNAL for statuses that exist only in the public interface. */
ua_status ua_embed_status_inside(user_api_status status)
{
  for (unsigned i = 0; i < UA_STATUS_COUNT; i++) {
    if (outside[i] == status) {
      return (ua_status)i;
    }
  }
  return UA_INTERNAL;
}

const char *user_api_status_name(user_api_status status)
{
  if (status == USER_API_MISUSED) {
    return "misused";
  }
  return status == USER_API_INFORMED ? "informed" : ua_status_name(ua_embed_status_inside(status));
}

int user_api_http_status(user_api_status status)
{
  enum { HTTP_OK = 200 };
  bool well = status == USER_API_OK || status == USER_API_INFORMED;
  return well ? HTTP_OK : ua_api_problem_http_status(ua_embed_status_inside(status));
}

const char *user_api_version(void)
{
  return UA_VERSION;
}
