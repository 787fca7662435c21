/*
 * The figures of a running daemon: what a monitoring system graphs. Named once, here, in the form
 * of Prometheus. Each thread counts on a page of its own, which others may read at any time: no
 * locks, no shared cache lines; what is read may be a moment old, and figures of one reading may be
 * a moment apart.
 */
#ifndef POSTROOM_DOMAIN_FIGURE_H
#define POSTROOM_DOMAIN_FIGURE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/shared_number.h"
#include "domain/outcome.h"

enum figure_kind {
    FIGURE_COUNTER,  /* since the daemon's start */
    FIGURE_GAUGE,    /* at this moment */
    FIGURE_HISTOGRAM /* a counter of a histogram's bucket (not summed up), its sum or its count */
};

enum figure {
    /* tries, by what they led to */
    FIGURE_DELIVERED,
    FIGURE_DEFERRED,
    FIGURE_FAILED,
    FIGURE_IN_DOUBT,

    /* those that did not deliver, by where they ended */
    FIGURE_ENDED_DNS,
    FIGURE_ENDED_CONNECT,
    FIGURE_ENDED_GREETING,
    FIGURE_ENDED_EHLO,
    FIGURE_ENDED_TLS,
    FIGURE_ENDED_MAIL,
    FIGURE_ENDED_RCPT,
    FIGURE_ENDED_DATA,
    FIGURE_ENDED_CONTENT,
    FIGURE_ENDED_DOT,
    FIGURE_ENDED_OTHER,

    /* mail in memory, by what is done with it */
    FIGURE_CLAIMS,
    FIGURE_COMPOSING,
    FIGURE_LEAVING,
    FIGURE_RECORDING,
    FIGURE_MAILINGS,

    FIGURE_CONNECTED,
    FIGURE_CONNECTIONS,
    FIGURE_LOOKUPS,
    FIGURE_LOOKUPS_WAITING,
    FIGURE_LANES,
    FIGURE_DOMAINS,
    FIGURE_DOMAINS_ASLEEP,
    FIGURE_SITES,
    FIGURE_SITES_ASLEEP,
    FIGURE_SITES_PAUSED,
    FIGURE_SITES_BLOCKED,

    FIGURE_JOBS,
    FIGURE_JOBS_WAITING,
    FIGURE_STALLED,
    FIGURE_COMMIT_1MS, /* buckets, the shortest first */
    FIGURE_COMMIT_2MS,
    FIGURE_COMMIT_5MS,
    FIGURE_COMMIT_10MS,
    FIGURE_COMMIT_25MS,
    FIGURE_COMMIT_50MS,
    FIGURE_COMMIT_100MS,
    FIGURE_COMMIT_250MS,
    FIGURE_COMMIT_1S,
    FIGURE_COMMIT_5S,
    FIGURE_COMMIT_LONGER,
    FIGURE_COMMIT_US,
    FIGURE_COMMITS,

    FIGURE_OVERDUE,
    FIGURES
};

/* What a figure is called. */
struct figure_entry {
    const char *name;  /* "postroom_tries_total"; the same for those that differ by label */
    const char *label; /* "outcome=\"delivered\""; "": none */
    enum figure_kind kind;
    const char *help;
    int64_t
        per; /* what is counted is so many of the name's unit: 1, or 1,000,000 for us in seconds */
};

/* figure_entry gives the row of one. */
MUST_USE const struct figure_entry *figure_entry(enum figure figure);

/* figure_of_commit gives the bucket of a commit that took so long. */
MUST_USE enum figure figure_of_commit(int64_t us);

/* A page, written by one thread. */
struct figure_page {
    struct shared_number at[FIGURES];
};

/* figure_add counts, figure_set says how it stands: on the page's own thread. */
static inline void figure_set(struct figure_page *page, enum figure figure, int64_t value)
{
    shared_number_set(&page->at[figure], value);
}

static inline void figure_add(struct figure_page *page, enum figure figure, int64_t n)
{
    shared_number_add(&page->at[figure], n);
}

/* figure_add_outcome counts a try that came to this. */
void figure_add_outcome(struct figure_page *page, const struct outcome *outcome);

/* What pages come to together. */
struct figure_sums {
    int64_t at[FIGURES];
};

/* figure_sums_add adds a page; from any thread. */
void figure_sums_add(struct figure_sums *sums, const struct figure_page *page);

#endif
