/* One set of outcomes for every room; api/problem.c maps it to HTTP. */
#ifndef UA_BASE_ERROR_H
#define UA_BASE_ERROR_H

/* The caller must check the result of every function that can fail. */
#define UA_CHECK __attribute__((warn_unused_result))

/* UA_INTERNAL is zero, so that a result that was never set means "deny". */
typedef enum ua_status {
  UA_INTERNAL = 0,
  UA_OK,
  UA_BAD_REQUEST,    /* contradictory, truncated or ambiguous request */
  UA_NO_CREDENTIALS, /* the request carries none */
  UA_INVALID_TOKEN,  /* malformed, expired, forged or revoked */
  UA_WRONG_LOGIN,    /* unknown email or wrong password: the difference is never shown */
  UA_USER_INACTIVE,  /* reported only after the right password */
  UA_FORBIDDEN,      /* a required role is missing */
  UA_NOT_FOUND,      /* no such path, or no such row of this customer */
  UA_METHOD_NOT_ALLOWED,
  UA_PRECONDITION_FAILED, /* If-Match names another state of it */
  UA_CONFLICT,            /* a unique constraint would be violated, or something removed that has to stay */
  UA_QUOTA_EXCEEDED,      /* the customer has as many users as it may have */
  UA_PAYLOAD_TOO_LARGE,
  UA_HEADERS_TOO_LARGE,
  UA_WRONG_PAYLOAD_FORMAT, /* not application/json */
  UA_WRONG_PAYLOAD,        /* not a JSON object */
  UA_WRONG_DOCUMENT,       /* a JSON object that fails its field table */
  UA_WRONG_ARGS,           /* query arguments that fail theirs */
  UA_UNPROCESSABLE,        /* well-formed, but refers to something that does not exist */
  UA_TOO_MANY_REQUESTS,    /* this caller has as many searches under way as one may have */
  UA_BUSY,                 /* no capacity right now (all hashing slots taken) */
  UA_UNAVAILABLE,          /* the database cannot be reached; nothing has been changed */
  UA_OUTCOME_UNKNOWN,      /* the connection broke during a write: it may have happened; never repeat it */
  UA_PENDING,              /* the request waits for its turn and is tried again: never reaches a client */
  UA_STATUS_COUNT
} ua_status;

/* The name of a status for logs, "internal" for one that is out of range. Static. */
const char *ua_status_name(ua_status status);

#endif
