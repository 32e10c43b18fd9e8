/* The clocks. */
#ifndef UA_BASE_CLOCK_H
#define UA_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: for deadlines and durations. */
int64_t ua_clock_monotonic_ms(void);

/* Microseconds of the same clock: for durations that are counted. */
int64_t ua_clock_monotonic_us(void);

/* Milliseconds of CLOCK_BOOTTIME, which continues while the machine sleeps: for the age of something. The
 * same in all processes. */
int64_t ua_clock_boot_ms(void);

/* Seconds since 1970 UTC: for `exp` and cookies. */
int64_t ua_clock_wall_seconds(void);

#endif
