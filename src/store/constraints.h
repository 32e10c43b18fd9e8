/* What the violation of a constraint means, by the constraint's name: one table for the service and the
 * command line. The migrations give the names, and so does adopting a database of the original. Pure. */
#ifndef UA_STORE_CONSTRAINTS_H
#define UA_STORE_CONSTRAINTS_H

#include "base/error.h"

/* The violated constraint, as far as rules distinguish it. */
typedef enum ua_violated {
  UA_VIOLATED_NOTHING = 0, /* the statement failed for another reason */
  UA_VIOLATED_OTHER,
  UA_VIOLATED_EMAIL,     /* another user has it */
  UA_VIOLATED_CUSTOMER,  /* it has a user, or a user was to join one that does not exist */
  UA_VIOLATED_ROLE,      /* a user holds it, or was to get one that does not exist */
  UA_VIOLATED_ROLE_CODE, /* another role has it */
  UA_VIOLATED_ID         /* the sequence gave an id that is taken: an operator must repair the database */
} ua_violated;

typedef struct ua_violation_meaning {
  ua_violated violated;
  ua_status status;   /* of the request */
  const char *reason; /* for an operator: what is wrong and what to do; NULL: nothing is violated. Static */
} ua_violation_meaning;

/* `constraint` is NULL if the server names none. UA_VIOLATED_NOTHING, with the status of the SQLSTATE, unless
 * that is of class 23 (integrity constraint violation). UA_CONFLICT for emails, for roles' codes, and for
 * unique constraints that are not ours; UA_UNPROCESSABLE for customers, users and roles that do not exist;
 * UA_UNAVAILABLE for ids that are taken, because the next try gets the next id; UA_INTERNAL for constraints
 * that no request violates unless the tables were changed. */
ua_violation_meaning ua_store_constraints_meaning(const char *sqlstate, const char *constraint);

#endif
