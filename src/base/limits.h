/* Every bound that is not a setting. */
#ifndef UA_BASE_LIMITS_H
#define UA_BASE_LIMITS_H

enum {
  UA_MAX_PARAMS = 512,                /* FastCGI parameters of a request */
  UA_MAX_PARAM_BYTES = 96 * 1024,     /* all of them together, as NAME=value */
  UA_MAX_MANAGEMENT_BYTES = 1024,     /* content of a FastCGI management record */
  UA_MAX_CONNECTIONS = 512,           /* that a worker holds at a time; the oldest is dropped first */
  UA_MAX_HELD_BYTES = 16 << 20,       /* of requests and answers in part that a worker keeps; likewise */
  UA_MAX_PARKED = 96,                 /* requests of a worker that wait for their turn */
  UA_MAX_PARKED_MS = 10000,           /* how long each of them waits */
  UA_MAX_URI_BYTES = 16 * 1024,       /* REQUEST_URI */
  UA_MAX_PATH_SEGMENTS = 16,          /* segments of a path */
  UA_MAX_QUERY_ARGS = 64,             /* arguments of a query */
  UA_MAX_TOKEN_BYTES = 8 * 1024,      /* a JWT */
  UA_MAX_MADE_TOKEN_BYTES = 6000,     /* a JWT after a change of its user: Apache refuses to send the
                                         cookie of a longer one */
  UA_MAX_REQUEST_ID_BYTES = 128,      /* an X-Request-Id that is accepted */
  UA_MAX_JSON_DEPTH = 16,             /* nesting of a payload */
  UA_MAX_ROLES = 256,                 /* role ids in one payload, roles of one user */
  UA_MAX_STRING_CHARACTERS = 255,     /* emails and names: the original's VARCHAR(255) */
  UA_MAX_PASSWORD_BYTES = 72,         /* bcrypt reads no more */
  UA_MAX_TRIED_PASSWORD_BYTES = 4096, /* of one that is tried: the original accepted longer ones than
                                         bcrypt */
  UA_MAX_BCRYPT_COST = 16,            /* a slow machine needs 8 seconds for a hash */
  UA_MAX_LIST_LIMIT = 1000,           /* rows of one page */
  UA_MAX_EVENT_KIND_BYTES = 63,       /* "app." and the name that the embedding program gives it */
  UA_MAX_EVENT_CAUSE_BYTES = 255,     /* of a request id in events, see UA_DB_AUDIT_BYTES */
  UA_MAX_EVENT_DATA_BYTES = 4096,     /* of an embedding program's event */
  UA_LIGHT_OFFSET = 1000,             /* rows that a page may skip before it counts as deep */
  UA_MAX_LISTENERS = 16,              /* addresses of one pool */
  UA_MAX_ORIGINS = 16,                /* other origins whose pages may write */
  UA_MAX_WORKERS = 512,               /* processes of one pool */
  UA_MIN_WORKER_MIB = 16,             /* memory that a worker needs for ordinary requests */
  UA_MAX_SEARCHES = 1024,             /* that run or wait in a pool */
  UA_MAX_SEARCHES_OF_CALLER = 8,      /* of those, of one user */
  UA_MAX_HASHES = 1024,               /* that wait for their turn in a pool */
  UA_MAX_HASHES_OF_WORKER = 48,       /* of those, of one worker */
  UA_MAX_HASHES_OF_ADDRESS = 40,      /* of those, of all that come from one address */
  UA_MAX_HASHES_OF_SOURCE = 16,       /* of those, of one device, caller or address */
  UA_MAX_SECRETS = 8,                 /* JWT secrets that are accepted at a time */
  UA_ARENA_BLOCK = 32 * 1024,         /* first block of a request's memory */
  UA_ARENA_LIMIT = 32 * 1024 * 1024   /* all memory of a request */
};

#endif
