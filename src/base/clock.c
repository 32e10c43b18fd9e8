#include "base/clock.h"

#include <time.h>

static int64_t milliseconds(clockid_t clock)
{
  struct timespec now = {0};
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ua_clock_monotonic_ms(void)
{
  return milliseconds(CLOCK_MONOTONIC);
}

int64_t ua_clock_monotonic_us(void)
{
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t ua_clock_boot_ms(void)
{
  return milliseconds(CLOCK_BOOTTIME);
}

int64_t ua_clock_wall_seconds(void)
{
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec;
}
