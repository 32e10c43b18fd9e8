/* How to fix what `doctor` finds, if the finding has no command of its own. */
#ifndef UA_OPERATOR_DIAGNOSIS_FIXES_H
#define UA_OPERATOR_DIAGNOSIS_FIXES_H

/* A command, with … for values that the reader fills in, or a text; NULL if there is nothing to do.
 * Static. */
const char *ua_operator_diagnosis_fix_of(const char *code);

#endif
