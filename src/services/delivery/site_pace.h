/*
 * How fast a site is served right now: a number of connections that has proved good, which grows
 * and shrinks by a share for each mail that went well or badly, and allowances of mails and new
 * connections a minute. Pure: time comes in, in monotonic milliseconds.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SITE_PACE_H
#define POSTROOM_SERVICES_DELIVERY_SITE_PACE_H

#include <stdint.h>

#include "base/compiler.h"

/* So many a minute: what was not used is saved up for a second, so that a pause is followed by no
 * burst. */
struct pace_allowance {
    int64_t rate;  /* a minute; 0: no limit */
    double saved;  /* of what may go at once */
    int64_t at_ms; /* when that was so */
};

/* pace_wait gives how long until the next one may go: 0 is now. pace_take takes it. */
MUST_USE int64_t pace_wait(struct pace_allowance *allowance, int64_t rate, int64_t now_ms);
void pace_take(struct pace_allowance *allowance);

struct site_pace {
    struct pace_allowance mails;
    struct pace_allowance connections;
    double window; /* connections that have proved good, at least 1 */
    double credit; /* towards one more */
    double debt;   /* towards one less */
};

enum { PACE_START = 5 }; /* connections, once a host has answered */

/* site_pace_start begins anew: after the first contact, and after an outage. site_pace_probe begins
 * with a single connection: the site asked to be left alone. */
void site_pace_start(struct site_pace *pace);
void site_pace_probe(struct site_pace *pace);

/* site_pace_well: a mail was taken while so many connections were open, of at most `limit`.
 * site_pace_badly: the site asked for less, or a connection failed. A single one of many is noise:
 * it takes as many as there are connections to change their number by one. */
void site_pace_well(struct site_pace *pace, int64_t open, int64_t limit);
void site_pace_badly(struct site_pace *pace);

/* site_pace_window gives how many connections there may be, of at most `limit`. */
MUST_USE int64_t site_pace_window(const struct site_pace *pace, int64_t limit);

#endif
