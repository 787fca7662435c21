/*
 * When a delivery is tried again (domain/retry_end.h: when it is given up). Pure: time and chance
 * come in.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_RETRY_SCHEDULE_H
#define POSTROOM_SERVICES_DELIVERY_RETRY_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/random.h"
#include "domain/delivery.h"
#include "domain/retry_end.h"
#include "domain/settings.h"

/* Why the last attempt failed, as far as it has a schedule of its own. */
enum retry_cause {
    RETRY_BY_STREAM,
    RETRY_GREYLISTED,   /* for as long as that schedule goes, then by the stream's */
    RETRY_MAILBOX_FULL, /* it is emptied by people */
    RETRY_UNREACHABLE,  /* no host could be spoken to */
    RETRY_SET_ASIDE     /* it breaks sessions */
};

struct retry_question {
    const struct settings *settings;
    enum stream_id stream;
    int64_t failures; /* attempts that failed, this one included: at least 1 */
    enum retry_cause cause;
    bool in_doubt; /* the last attempt may have arrived */
    int64_t now_ms;
    int64_t end_ms; /* of retry_end */
};

/* retry_due gives when to try next by the stream's schedule with jitter: some causes
 * have a schedule of their own, and after doubt the whole interval passes at least.
 * Never later than the end, where the delivery expires. */
MUST_USE int64_t retry_due(const struct retry_question *question, struct random *chance);

/* retry_site_due gives when to look again for a site that did not answer `failures` times in a
 * row: soon at first, at most every quarter of an hour. */
MUST_USE int64_t retry_site_due(int64_t failures, int64_t now_ms, struct random *chance);

#endif
