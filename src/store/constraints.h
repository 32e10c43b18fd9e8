/* What it means that a statement violates a constraint, by the constraint's name: one table for the service
 * and the command line. The names are those that the migrations give; adopting a database of the original
 * gives them, too. Pure. */
#ifndef UA_STORE_CONSTRAINTS_H
#define UA_STORE_CONSTRAINTS_H

#include "base/error.h"

/* What stands in the way, as far as rules distinguish it. */
typedef enum ua_violated {
  UA_VIOLATED_NOTHING = 0, /* the statement failed for another reason */
  UA_VIOLATED_OTHER,
  UA_VIOLATED_EMAIL,     /* another user has it */
  UA_VIOLATED_CUSTOMER,  /* a user belongs to it, or was to belong to one that is not there */
  UA_VIOLATED_ROLE,      /* a user holds it, or was to hold one that is not there */
  UA_VIOLATED_ROLE_CODE, /* another role has it */
  UA_VIOLATED_ID         /* the sequence behind an id gave one that is taken: the database has to be mended */
} ua_violated;

typedef struct ua_violation_meaning {
  ua_violated violated;
  ua_status status;   /* of the request */
  const char *reason; /* for an operator: what is wrong and what to do; NULL: nothing is violated. Static */
} ua_violation_meaning;

/* `constraint` is NULL where the server names none. UA_VIOLATED_NOTHING, with the status of the SQLSTATE,
 * unless that is of class 23 (integrity constraint violation). UA_CONFLICT for emails, for roles' codes, and
 * for unique rules that are none of ours; UA_UNPROCESSABLE for customers, users and roles that are not there;
 * UA_UNAVAILABLE for ids that are taken, as the next try gets the next id; UA_INTERNAL for what no request of
 * ours violates unless the tables were changed. */
ua_violation_meaning ua_store_constraints_meaning(const char *sqlstate, const char *constraint);

#endif
