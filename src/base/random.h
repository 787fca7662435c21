/*
 * Chance, of two kinds: unguessable bytes for keys and identities, and a seeded generator for
 * jitter and simulation, which repeats exactly.
 */
#ifndef POSTROOM_BASE_RANDOM_H
#define POSTROOM_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct random {
    uint64_t state[4];
};

/* random_secret fills `n` bytes from the kernel; ends the process when it cannot. */
void random_secret(void *to, size_t n);

/* random_seed starts a generator; the same seed gives the same numbers. */
void random_seed(struct random *r, uint64_t seed);

/* random_next gives 64 bits; random_below a number in [0, bound), bound > 0. */
MUST_USE uint64_t random_next(struct random *r);
MUST_USE uint64_t random_below(struct random *r, uint64_t bound);

/* random_jitter gives `value` changed by at most `percent` per cent either way, evenly. */
MUST_USE int64_t random_jitter(struct random *r, int64_t value, int percent);

#endif
