/*
 * Each way is a stream with a timer for its patience; one more timer begins the next way.
 */
#include "net/connect_race.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/timer.h"

struct runner {
    struct connect_race *race;
    struct connect_way way;
    struct stream *stream; /* NULL: not begun, or over */
    struct timer patience;
};

struct connect_race {
    struct loop *loop;
    const struct connect_race_events *events;
    void *owner;
    int64_t head_start_ms;
    int64_t delay_ms;
    int64_t timeout_ms;
    struct runner runners[CONNECT_WAYS_MOST];
    size_t count;
    size_t begun;
    size_t failed;
    struct timer next;
    bool is_stopped;
};

static const struct stream_events runner_events;

static void begin_next(struct connect_race *race)
{
    struct runner *r = &race->runners[race->begun++];
    const struct endpoint *source = r->way.source.ip.version != 0 ? &r->way.source : NULL;

    if (race->timeout_ms > 0)
        timer_start(&r->patience, race->timeout_ms);
    if (race->begun < race->count)
        timer_start(&race->next, race->begun == 1 ? race->head_start_ms : race->delay_ms);
    r->stream = stream_connect(race->loop, source, &r->way.peer, &runner_events, r);
}

static void on_next(void *owner)
{
    begin_next(owner);
}

static void drop(struct runner *r)
{
    timer_stop(&r->patience);
    if (r->stream != NULL)
        stream_close(r->stream);
    r->stream = NULL;
}

/* The owner may stop the race in each event. */
static void fail(struct runner *r, const struct error *why)
{
    struct connect_race *race = r->race;

    drop(r);
    race->failed++;
    race->events->failed(race->owner, (size_t)(r - race->runners), why);
    if (race->is_stopped)
        return;
    if (race->failed == race->count)
        race->events->lost(race->owner);
    else if (timer_running(&race->next)) /* no reason to wait for the others */
        timer_start(&race->next, 0);
}

static void on_closed(void *owner, const struct error *why)
{
    struct error ended;

    if (why == NULL) {
        (void)error_set(&ended, ERROR_IO, "the server closed the connection");
        why = &ended;
    }
    fail(owner, why);
}

static void on_patience_over(void *owner)
{
    struct runner *r = owner;
    CLEANUP(buf_fini) struct buf peer;
    struct error why;

    buf_init(&peer, 256);
    endpoint_put(&peer, &r->way.peer);
    (void)error_set_errno(&why, ETIMEDOUT, "connecting to %s", buf_text(&peer));
    why.kind = ERROR_TEMPORARY;
    fail(r, &why);
}

static void on_connected(void *owner)
{
    struct runner *r = owner;
    struct connect_race *race = r->race;
    struct stream *stream = r->stream;

    r->stream = NULL;
    timer_stop(&race->next);
    for (size_t i = 0; i < race->count; i++)
        drop(&race->runners[i]);
    race->events->won(race->owner, (size_t)(r - race->runners), stream);
}

/* Whoever takes the stream in `won` gets what the server says; nobody else does. */
static void on_received(void *owner, struct span bytes)
{
    (void)owner;
    (void)bytes;
}

static const struct stream_events runner_events = {
    .connected = on_connected,
    .received = on_received,
    .closed = on_closed,
};

struct connect_race *connect_race_start(struct loop *loop,
                                        const struct connect_race_options *options,
                                        const struct connect_race_events *events, void *owner)
{
    struct connect_race *race = NEW(struct connect_race);

    assert(options->count > 0 && options->count <= CONNECT_WAYS_MOST);
    race->loop = loop;
    race->events = events;
    race->owner = owner;
    race->head_start_ms = options->head_start_ms;
    race->delay_ms = options->delay_ms;
    race->timeout_ms = options->timeout_ms;
    race->count = options->count;
    timer_init(&race->next, loop, on_next, race);
    for (size_t i = 0; i < race->count; i++) {
        race->runners[i].race = race;
        race->runners[i].way = options->ways[i];
        timer_init(&race->runners[i].patience, loop, on_patience_over, &race->runners[i]);
    }
    begin_next(race);
    return race;
}

void connect_race_stop(struct connect_race *race)
{
    if (race == NULL || race->is_stopped)
        return;
    race->is_stopped = true;
    timer_stop(&race->next);
    for (size_t i = 0; i < race->count; i++)
        drop(&race->runners[i]);
    loop_defer(race->loop, alloc_free, race);
}
