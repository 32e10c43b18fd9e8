/* How to mend what `doctor` finds, where the finding brings no command of its own. */
#ifndef UA_OPERATOR_DIAGNOSIS_MENDS_H
#define UA_OPERATOR_DIAGNOSIS_MENDS_H

/* A command with … for what its reader fills in, or words; NULL where nothing is to be done. Static. */
const char *ua_operator_diagnosis_mend_of(const char *code);

#endif
