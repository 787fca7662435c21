/*
 * One connection by the first of several ways that stands (RFC 8305, "Happy Eyeballs"): the ways
 * are begun one after the other, each a little later than the one before it, or at once when that
 * one has failed; the first that is connected wins and the others are dropped. Which ways there are
 * and in which order is the owner's business. Belongs to its loop's thread.
 */
#ifndef POSTROOM_NET_CONNECT_RACE_H
#define POSTROOM_NET_CONNECT_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "io/endpoint.h"

struct connect_race;
struct loop;
struct stream;

enum { CONNECT_WAYS_MOST = 8 };

struct connect_way {
    struct endpoint peer;
    struct endpoint source; /* address to send from, port 0; version 0: the system chooses */
};

struct connect_race_options {
    const struct connect_way *ways; /* in the order to begin; copied */
    size_t count;                   /* at least 1 */
    int64_t head_start_ms;          /* between the first way and the second, */
    int64_t delay_ms;               /* and between others */
    int64_t timeout_ms;             /* of each way; 0: none */
};

/* Events come from the loop, never from inside a call of the owner's. */
struct connect_race_events {
    /* A way has failed; ERROR_TEMPORARY with system_errno ETIMEDOUT when it took too long. */
    void (*failed)(void *owner, size_t way, const struct error *why);

    /* Way `way` stands: the stream is the owner's from now on (stream_give). Ways before it that
     * have not failed were slower. The race is over: connect_race_stop. */
    void (*won)(void *owner, size_t way, struct stream *stream);

    /* All have failed: connect_race_stop. */
    void (*lost)(void *owner);
};

/* connect_race_start begins; options are read during the call, the events table is kept. */
MUST_USE struct connect_race *connect_race_start(struct loop *loop,
                                                 const struct connect_race_options *options,
                                                 const struct connect_race_events *events,
                                                 void *owner);

/* connect_race_stop ends and frees it, whether it is over or not; within an event too. */
void connect_race_stop(struct connect_race *race);

#endif
