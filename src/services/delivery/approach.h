/*
 * How a channel comes to a session: by the places of its host order, those that are as good as
 * each other in a race. A part of the channel, on the sender's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_APPROACH_H
#define POSTROOM_SERVICES_DELIVERY_APPROACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"
#include "domain/outcome.h"
#include "services/delivery/host_order.h"

struct connect_race;
struct delivery_engine_options;
struct loop;
struct smtp_session;
struct smtp_session_events;
struct stream;
struct tls_tickets;

struct approach {
    struct loop *loop;
    struct tls_tickets *tickets;
    const struct delivery_engine_options *engine;
    const struct approach_events *events;
    void *owner;
    struct ip source_v4; /* version 0: the system's choice */
    struct ip source_v6;
    struct host_order hosts;
    struct connect_race *race; /* NULL: none is on */
    size_t racing[HOST_RACE_MOST];
    size_t racing_n;
    bool has_failed[HOST_RACE_MOST];
    size_t place; /* of the connection that was made last */
};

/* Why a place cannot be connected to. */
struct approach_failure {
    struct outcome outcome;
    bool is_ours; /* our side has no way there: no word about the host, */
    bool is_idle; /* and none that would be news: it has no network of that family */
};

/* Events come from the loop, never from inside a call of the owner's. */
struct approach_events {
    /* `place` cannot be connected to; it is tried. */
    void (*failed)(void *owner, struct host_place *place, const struct approach_failure *failure);
    /* `place` was begun before the one that is met, which was faster. */
    void (*slow)(void *owner, struct host_place *place);
    /* The connection stands; the stream is the owner's (stream_give). */
    void (*met)(void *owner, struct host_place *place, struct stream *stream);
    /* None of those that raced can be connected to: approach_start again, or the pass is over. */
    void (*lost)(void *owner);
};

/* approach_start goes to the next places of the pass; false when it is over. */
MUST_USE bool approach_start(struct approach *a);

/* approach_is_on is true until the race has ended; approach_stop ends it, if it is on. */
MUST_USE bool approach_is_on(const struct approach *a);
void approach_stop(struct approach *a);

/* approach_session opens a session with the place that was met, over its stream: TLS if it is
 * offered, but in the clear where it is known to be broken. `dialogue_max` as in its options. */
MUST_USE struct smtp_session *approach_session(struct approach *a, struct stream *stream,
                                               size_t dialogue_max,
                                               const struct smtp_session_events *events,
                                               void *owner);

/* approach_place gives the place of the connection that was made last. */
MUST_USE struct host_place *approach_place(struct approach *a);

/* approach_leave_place: the mail at hand does not leave by that place in this pass. */
void approach_leave_place(struct approach *a);

/* approach_begin_pass begins another pass, with another mail. */
void approach_begin_pass(struct approach *a);

#endif
