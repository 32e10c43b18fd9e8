/* cmocka.h, after the headers that it needs. */
#ifndef UA_TESTS_UNIT_UNIT_H
#define UA_TESTS_UNIT_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
