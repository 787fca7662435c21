/*
 * What why has found out, for its verdict and its words.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_WHY_INTERNAL_H
#define POSTROOM_SERVICES_INQUIRY_WHY_INTERNAL_H

#include <jansson.h>

#include "base/arena.h"
#include "domain/watch_decision.h"
#include "services/request/request.h"
#include "store/audience.h"
#include "store/delivery.h"
#include "store/digest.h"
#include "store/event.h"
#include "store/heard.h"
#include "store/notice.h"
#include "store/reach.h"
#include "store/skip.h"
#include "store/telling.h"
#include "store/watch_facts.h"

struct why {
    struct db *db;
    struct arena *arena;
    const struct settings *settings; /* for words alone */
    int64_t person;
    struct span name; /* how a command names the person */
    struct event event;
    struct audience_event audience;
    struct watch_facts facts; /* as they were when the event was taken in */
    struct watch_question question;
    struct watch_decision decision; /* by the watches, leaving aside how the person stands now */
    struct reach reach;             /* as things are now */
    enum person_status status;      /* as it is now */
    struct telling_list tellings;
    bool has_notice;
    struct notice notice;
    bool has_skip;
    struct skip skip;
    bool has_omission; /* the application kept the event out of a mail */
    struct skip omission;
    bool has_digest; /* that is to tell of it, or told */
    struct digest_row digest;
    bool has_heard;
    struct heard heard;
    const char *outcome;
    const struct telling *telling; /* the mail that decides the outcome, or NULL */
};

/* why_outcome gives the outcome for one person of an event that is loaded; it may be in the arena.
 */
/* NOLINTNEXTLINE(readability-function-size): one person, one event, one moment */
MUST_USE bool why_outcome(struct db *db, struct arena *arena, const struct event *event,
                          int64_t person, int64_t now_ms, const char **ret_outcome,
                          struct error *err);

/* why_put_sentences sets "sentences": the outcome and its reasons for people. */
MUST_USE bool why_put_sentences(json_t *answer, const struct why *why, struct error *err);

#endif
