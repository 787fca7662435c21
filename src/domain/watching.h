/*
 * Watches and what a person's watches say about an event: modes, ranks, reasons.
 */
#ifndef POSTROOM_DOMAIN_WATCHING_H
#define POSTROOM_DOMAIN_WATCHING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

/* The numbers are in the store. */
enum watch_mode {
    WATCH_MUTE = 0,
    WATCH_NOW = 1,
    WATCH_HOURLY = 2,
    WATCH_DAILY = 3,
    WATCH_WEEKLY = 4
};

/* Why somebody is addressed directly; smaller is stronger. A watch at distance d ranks
 * REASON_WATCH + d. */
enum direct_reason {
    REASON_ASSIGNED = 1,
    REASON_MENTIONED = 2,
    REASON_AUTHOR = 3,
    REASON_CC = 4,
    REASON_OTHER = 9,
    REASON_WATCH = 40
};

/* notice.why and delivery_part.why pack a rank and a topic id so that min() gives the strongest. */
#define WHY_RANK_UNIT INT64_C(4503599627370496) /* 2^52 */

/* watch.who is a person's id, or stands for a list below zero, or for a webhook below
 * WHO_LISTS_END. */
#define WHO_LISTS_END (-INT64_C(1099511627776)) /* -2^40 */

MUST_USE int64_t who_of_list(int64_t list);
MUST_USE bool who_is_list(int64_t who);
MUST_USE int64_t who_list(int64_t who);
MUST_USE int64_t who_of_hook(int64_t hook);
MUST_USE bool who_is_hook(int64_t who);
MUST_USE int64_t who_hook(int64_t who);

MUST_USE int64_t why_pack(int64_t rank, int64_t topic);
MUST_USE int64_t why_rank(int64_t why);
MUST_USE int64_t why_topic(int64_t why);

MUST_USE const char *watch_mode_name(enum watch_mode mode);
MUST_USE bool watch_mode_find(struct span name, enum watch_mode *ret_mode);

/* direct_reason_rank gives the rank of a reason word ("assigned", "mentioned", ...), REASON_OTHER
 * for a word of the application's own. */
MUST_USE int64_t direct_reason_rank(struct span reason);

#endif
