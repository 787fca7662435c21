/*
 * The machine's time. Services take the time from their loop, which may be a simulated one; only
 * io, log and app look here.
 */
#ifndef POSTROOM_BASE_CLOCK_H
#define POSTROOM_BASE_CLOCK_H

#include <stdint.h>

#include "base/compiler.h"

/* clock_utc_ms gives milliseconds since 1970 UTC; it may step. */
MUST_USE int64_t clock_utc_ms(void);

/* clock_monotonic_us gives microseconds since some moment; it never steps. */
MUST_USE int64_t clock_monotonic_us(void);

#endif
