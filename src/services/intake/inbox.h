/*
 * The inboxes of the daemon: looked at several times a second on a loop of their own, read in
 * batches, taken in by the ledger exactly once, refused rows written down with the reason.
 */
#ifndef POSTROOM_SERVICES_INTAKE_INBOX_H
#define POSTROOM_SERVICES_INTAKE_INBOX_H

#include <stdint.h>

#include "base/compiler.h"
#include "domain/settings.h"

struct inbox;
struct ledger;
struct loop;

struct inbox_options {
    struct loop *loop; /* may block for some milliseconds at a time: not a sender's loop */
    struct ledger *ledger;
    const struct settings *settings; /* inboxes, event_size_limit; outlives the inbox */
    int64_t poll_ms;                 /* how often the files are looked at: 200 */
};

/* inbox_new begins to watch the inboxes of the settings. A file that is missing or no good is
 * logged once and tried again. */
MUST_USE struct inbox *inbox_new(const struct inbox_options *options);

/* inbox_stop reads no more and calls `done` once, from the loop, when what was read is settled;
 * the ledger must still run. */
void inbox_stop(struct inbox *inbox, void (*done)(void *owner), void *owner);

/* inbox_free ends a stopped inbox. */
void inbox_free(struct inbox *inbox);

#endif
