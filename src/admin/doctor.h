/* What `doctor` looks at beside the database. */
#ifndef UA_ADMIN_DOCTOR_H
#define UA_ADMIN_DOCTOR_H

#include "operator/diagnosis.h"

/* The JWT secrets, and the files that hold secrets, of the service's settings: environment, and `file` or the
 * one that USER_API_CONFIG names. UA_BAD_REQUEST when the settings cannot be read. */
UA_CHECK ua_status ua_admin_doctor_secrets(const char *file, ua_operator_finding_sink sink,
                                           ua_error_line *error);

#endif
