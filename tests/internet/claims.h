/*
 * What must hold of a run through the simulated internet, whatever happened in it: the ledger and
 * the receivers tell the same story.
 */
#ifndef POSTROOM_TESTS_INTERNET_CLAIMS_H
#define POSTROOM_TESTS_INTERNET_CLAIMS_H

#include <stdint.h>

#include "tests/internet/internet.h"

/* What runs saw, added up. */
struct claims_tally {
    uint64_t recipients;
    uint64_t delivered;
    uint64_t failed;
    uint64_t expired;
    uint64_t held; /* in doubt too often */
    uint64_t doubts;
    uint64_t twice;        /* mails that came once more, all of them after doubt */
    uint64_t asked;        /* mails begun at receivers */
    uint64_t refused;      /* for a limit: connections, mails over one, mails a minute */
    uint64_t refused_late; /* of them, those of a site that had said so long before */
    uint64_t connections;
};

/* claims_check fails the test unless all claims hold for a road at rest, and adds to the tally:
 * each recipient's mail is delivered, or failed or expired for a reason the world gave; nobody got
 * it twice but after doubt; nothing came after the deadline; limits were kept; nothing is left
 * under way. */
void claims_check(struct internet *net, struct claims_tally *tally);

/* claims_say prints a tally. */
void claims_say(const struct claims_tally *tally);

#endif
