/*
 * Simulated listeners: a connection is there at once, its owner hears of it a moment later.
 */
#include "io/listener.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/loop.h"
#include "tests/simulation/io/stream_internal.h"
#include "tests/simulation/wire_internal.h"
#include "tests/simulation/world_internal.h"

enum { ACCEPT_DELAY_US = 100 };

struct caller {
    struct list link;
    struct stream *stream;
};

struct listener {
    struct mortal mortal;
    struct place place;
    struct loop *loop;
    const struct listener_events *events;
    void *owner;
    struct list callers;
    struct occurrence arrival;
};

static void plan_accept(struct listener *l)
{
    if (!list_empty(&l->callers) && !occurrence_planned(&l->arrival))
        occurrence_plan(&l->arrival, (int64_t)random_below(&world()->random, ACCEPT_DELAY_US));
}

static void accept_one(void *owner)
{
    struct listener *l = owner;
    struct caller *caller = CONTAINER_OF(list_first(&l->callers), struct caller, link);
    struct stream *stream = caller->stream;

    list_remove(&caller->link);
    alloc_free(caller);
    plan_accept(l);
    l->events->accepted(l->owner, stream);
}

static void on_call(struct place *place, struct wire *wire)
{
    struct listener *l = CONTAINER_OF(place, struct listener, place);
    struct caller *caller = NEW(struct caller);

    caller->stream = stream_accepted(l->loop, wire);
    list_append(&l->callers, &caller->link);
    plan_accept(l);
}

static void leave_network(struct listener *l)
{
    list_remove(&l->place.link);
    occurrence_cancel(&l->arrival);
}

static void listener_die(struct mortal *mortal, enum sim_death death)
{
    (void)death;
    leave_network(CONTAINER_OF(mortal, struct listener, mortal));
}

struct listener *listener_open(struct loop *loop, const struct endpoint *at, unsigned unix_mode,
                               const struct listener_events *events, void *owner, struct error *err)
{
    struct listener *l;

    (void)unix_mode;
    if (network_find(at) != NULL) {
        CLEANUP(buf_fini) struct buf name;

        buf_init(&name, 256);
        endpoint_put(&name, at);
        (void)error_set(err, ERROR_CONFLICT, "another process listens at %s", buf_text(&name));
        return NULL;
    }
    l = NEW(struct listener);
    mortal_init(&l->mortal, loop, listener_die);
    l->loop = loop;
    l->events = events;
    l->owner = owner;
    l->place.at = *at;
    l->place.arrive = on_call;
    if (at->ip.version != 0 && at->port == 0)
        l->place.at.port = network_port();
    list_init(&l->callers);
    list_init(&l->place.link);
    list_append(&world()->listeners, &l->place.link);
    occurrence_init(&l->arrival, "accept", loop, accept_one, l);
    return l;
}

struct endpoint listener_endpoint(const struct listener *l)
{
    return l->place.at;
}

static void free_listener(void *memory)
{
    alloc_free(memory);
}

void listener_close(struct listener *l)
{
    if (l == NULL)
        return;
    leave_network(l);
    LIST_EACH (&l->callers, link) {
        struct caller *caller = CONTAINER_OF(link, struct caller, link);

        stream_close(caller->stream);
        alloc_free(caller);
    }
    mortal_end(&l->mortal);
    loop_defer(l->loop, free_listener, l);
}
