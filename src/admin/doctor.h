/* What `doctor` checks in addition to the database. */
#ifndef UA_ADMIN_DOCTOR_H
#define UA_ADMIN_DOCTOR_H

#include "admin/settings.h"
#include "operator/diagnosis.h"

/* Checks the JWT secrets of the service's settings, which were read from `file`, and the files that hold
 * secrets. UA_BAD_REQUEST when it cannot read the settings again. */
UA_CHECK ua_status ua_admin_doctor_secrets(const ua_config *config, const ua_admin_settings_file *file,
                                           ua_operator_finding_sink sink, ua_error_line *error);

#endif
