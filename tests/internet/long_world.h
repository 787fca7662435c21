/*
 * The world of the long run, which the outcome model draws too.
 */
#ifndef POSTROOM_TESTS_INTERNET_LONG_WORLD_H
#define POSTROOM_TESTS_INTERNET_LONG_WORLD_H

#include "tests/internet/internet.h"

enum {
    LONG_RECIPIENTS_A_DOMAIN = 200,
    LONG_CONNECTIONS = 1000, /* of the sender, in all */
    LONG_URGENT = 100
};

/* long_world gives what is drawn for so many recipients. One source at a time is what large
 * providers let send: Google as much as five connections carry, Yahoo less than ten do. */
UNUSED static struct internet_size long_world(uint32_t recipients, uint64_t seed)
{
    return (struct internet_size){ .recipients = recipients,
                                   .domains = recipients / LONG_RECIPIENTS_A_DOMAIN,
                                   .urgent = LONG_URGENT,
                                   .google_rate = 6000,
                                   .yahoo_rate = 2000,
                                   .rate_scale = recipients < 10000 ? 1 : recipients / 10000,
                                   .latency_ms = 20,
                                   .seed = seed };
}

#endif
