/*
 * Whether a notice that is due may become a mail now, or waits for something else.
 */
#ifndef POSTROOM_SERVICES_FANOUT_NOTICE_TURN_H
#define POSTROOM_SERVICES_FANOUT_NOTICE_TURN_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"
#include "store/event_range.h"
#include "store/notice.h"

struct db;
struct zone_cache;

struct notice_turn_terms {
    int64_t now_ms;
    const struct settings *settings;
    struct zone_cache *zones; /* NULL: everybody lives by UTC */
};

/* Until when a notice waits, and for what. */
struct notice_turn {
    int64_t due_at; /* 0: it may go */
    enum notice_wait wait;
};

/* notice_turn_find tells it of a notice whose mail would tell of `range`. An urgent one waits for
 * nothing but the end of a loop. */
MUST_USE bool notice_turn_find(struct db *db, const struct notice_turn_terms *terms,
                               const struct notice_due *due, const struct event_range *range,
                               struct notice_turn *ret_turn, struct error *err);

/* notice_turn_wait lets the notice wait; a loop raises an alarm. */
MUST_USE bool notice_turn_wait(struct db *db, const struct notice_turn_terms *terms,
                               const struct notice *notice, const struct notice_turn *turn,
                               struct error *err);

#endif
