/*
 * The fan-out at work: listens to news of events and notices, and lets the ledger fan out and
 * promote in slices, small while mail waits for the ledger, larger when it is idle.
 */
#ifndef POSTROOM_SERVICES_FANOUT_FANOUT_H
#define POSTROOM_SERVICES_FANOUT_FANOUT_H

#include "base/compiler.h"
#include "domain/settings.h"

struct fanout;
struct hmac;
struct ledger;
struct loop;

struct fanout_options {
    struct loop *loop; /* the ledger's own, so that a slice may look at its clock */
    struct ledger *ledger;
    const struct settings *settings; /* windows, deliver; see fanout_use */
    const char *message_domain;      /* right side of Message-IDs */
    struct hmac *message_key;        /* used on the ledger's loop alone; stays the caller's */
};

/* fanout_new takes up what was left by the last run and begins to listen; before the loop runs. */
MUST_USE struct fanout *fanout_new(const struct fanout_options *options);

/* fanout_use takes other settings from now on; from the loop. */
void fanout_use(struct fanout *fanout, const struct settings *settings);

/* fanout_stop begins nothing more and lets slices under way be the last; from the loop. Drain the
 * ledger afterwards. */
void fanout_stop(struct fanout *fanout);

/* fanout_free ends it when the ledger is drained. */
void fanout_free(struct fanout *fanout);

#endif
