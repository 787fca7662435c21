/*
 * Somebody who follows sessions as they happen: the senders hand over a copy of each record of a
 * dialogue (protocol/smtp/dialogue.h) that concerns a name, by mailbox. They never wait: what is
 * not taken in time is counted as lost.
 *
 * A watch is made and freed by its owner, on the loop of its mailbox. From delivery_engine_watch
 * until the last sender has let go of it (live_watch_take says so) its memory stays.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_LIVE_WATCH_H
#define POSTROOM_SERVICES_DELIVERY_LIVE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "base/span.h"

struct live_watch;
struct mailbox;

enum { LIVE_WATCHES_MOST = 8, LIVE_QUEUE_BYTES = 1 << 20, LIVE_NAME_ROOM = 256 };

/* A record on its way to a watch; freed by live_watch_take. */
struct live_record {
    struct list link;
    struct live_watch *watch;
    bool is_goodbye; /* of a sender that has let go of the watch */
    int64_t session; /* a number for telling sessions apart */
    int64_t at;      /* UTC */
    char host[LIVE_NAME_ROOM];
    char domain[LIVE_NAME_ROOM]; /* recipients' of the mail at hand; "" when there is none */
    int64_t delivery;            /* that mail; 0: none */
    size_t n;
    char packed[];
};

/* live_watch_new makes one for a recipient domain, a site's key or a host; records come to `box`.
 * The owner pointer is its maker's. */
MUST_USE struct live_watch *live_watch_new(struct span name, struct mailbox *box, void *owner);
void live_watch_free(struct live_watch *watch);
MUST_USE void *live_watch_owner(const struct live_watch *watch);

/* live_watch_take frees a record that was received; true when it was the last of its watch. */
MUST_USE bool live_watch_take(struct live_record *record);

/* live_watch_lost gives how many records were lost since it was last asked. */
MUST_USE int64_t live_watch_lost(struct live_watch *watch);

/* live_watch_expect says, before the watch is handed out, how many senders get it. */
void live_watch_expect(struct live_watch *watch, size_t senders);

/* What a sender has: its own list. */
struct live_watches {
    size_t n;
    struct live_watch *at[LIVE_WATCHES_MOST];
};

void live_watches_add(struct live_watches *w, struct live_watch *watch);
void live_watches_drop(struct live_watches *w, struct live_watch *watch); /* says goodbye */

/* Where a record comes from. */
struct live_scene {
    int64_t session;
    int64_t at;
    struct span host;
    struct span site;
    struct span domain;
    int64_t delivery;
};

/* live_watches_hear hands a record to all who watch what it is about. */
void live_watches_hear(const struct live_watches *w, const struct live_scene *scene,
                       struct span packed);

#endif
