/*
 * Is this person told of this event? The law as one pure function: the nearest watch wins, mute
 * wins ties, being addressed directly beats mute, unsubscribing beats everything. What a list
 * watches its members watch, but a person's own watch of the same topic stands before it. The
 * set-based statement of the fan-out says the same for a million people at once; this one explains,
 * and tests hold the two against each other.
 */
#ifndef POSTROOM_DOMAIN_WATCH_DECISION_H
#define POSTROOM_DOMAIN_WATCH_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "domain/watching.h"

/* A watch of the person, or of a list they are on, on one of the event's scopes. */
struct watch_fact {
    int64_t topic;
    int distance;
    enum watch_mode mode;
    int64_t kinds; /* mask */
    int64_t delay; /* ms, -1: the default window */
    int64_t until; /* 0: no end */
    int64_t since; /* the highest event seq when the watch, or their being on the list, began */
    bool hidden;   /* the topic's label is not granted to the person */
    int64_t list;  /* whose watch it is; 0: the person's own */
};

enum { WATCH_ANY_KIND = -1 };

/* All that decides. */
struct watch_question {
    const struct watch_fact *watches;
    size_t watch_count;
    int64_t direct_rank; /* enum direct_reason; 0: not addressed directly */

    int64_t seq;  /* of the event */
    int64_t at;   /* when it was taken in */
    int kind_bit; /* 0 to 62, or WATCH_ANY_KIND */

    bool unsubscribed;    /* from all, or from one of the event's scopes */
    bool suppressed;      /* no address of theirs may be mailed */
    bool inactive;        /* the person's status */
    bool actor;           /* did it themselves and does not ask for such mail */
    bool without_a_grant; /* a label of the event, its topic or its thread is not granted */
};

enum watch_verdict {
    VERDICT_TOLD,
    VERDICT_NOT_WATCHING,
    VERDICT_MUTED,
    VERDICT_KIND_FILTERED, /* the nearest watch is for other kinds of events */
    VERDICT_IN_DIGEST,     /* told, in the digest of the nearest watch's mode */
    VERDICT_UNSUBSCRIBED,
    VERDICT_SUPPRESSED,
    VERDICT_INACTIVE,
    VERDICT_ACTOR,
    VERDICT_NO_PERMISSION
};

struct watch_decision {
    enum watch_verdict verdict;
    const struct watch_fact *deciding; /* NULL: being addressed, or no watch at all */
    int64_t why;                       /* why_pack of the strongest reason to tell; 0 without */
};

/* watch_decide answers the question. */
MUST_USE struct watch_decision watch_decide(const struct watch_question *question);

/* watch_matches is true for a watch that by itself would tell of the event in that mode: for "you
 * also watch Issue 12". */
MUST_USE bool watch_matches(const struct watch_question *question, const struct watch_fact *watch,
                            enum watch_mode mode);

/* watch_verdict_name gives "told", "not_watching", "muted", "kind_filtered", "in_digest",
 * "unsubscribed", "suppressed", "inactive", "actor", "no_permission". */
MUST_USE const char *watch_verdict_name(enum watch_verdict verdict);

#endif
