/*
 * xoshiro256** (Blackman and Vigna) seeded by splitmix64; getrandom for secrets.
 */
#include "base/random.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_secret(void *to, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t got = getrandom((char *)to + done, n - done, 0);

        if (got <= 0) {
            (void)fprintf(stderr, "postroom: the kernel gives no random bytes\n");
            abort();
        }
        done += (size_t)got;
    }
}

static uint64_t rotate_left(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

void random_seed(struct random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15U);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        r->state[i] = z ^ (z >> 31);
    }
}

uint64_t random_next(struct random *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t random_below(struct random *r, uint64_t bound)
{
    uint64_t unfair = (UINT64_MAX - bound + 1) % bound; /* how many values would be too many */
    uint64_t x;

    assert(bound > 0);
    do
        x = random_next(r);
    while (x < unfair);
    return x % bound;
}

int64_t random_jitter(struct random *r, int64_t value, int percent)
{
    int64_t span = value / 100 * percent;

    if (span <= 0)
        return value;
    return value - span + (int64_t)random_below(r, (uint64_t)(2 * span + 1));
}
