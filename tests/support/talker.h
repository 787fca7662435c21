/*
 * One end of a stream under test: it keeps what came, and stops its loop at the events the test
 * waits for. A test that waits in vain is ended by its guard.
 */
#ifndef POSTROOM_TESTS_SUPPORT_TALKER_H
#define POSTROOM_TESTS_SUPPORT_TALKER_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "io/listener.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/timer.h"

enum talker_event {
    TALKER_CONNECTED = 1,
    TALKER_RECEIVED = 2,
    TALKER_DRAINED = 4,
    TALKER_SECURED = 8,
    TALKER_CLOSED = 16
};

struct talker {
    struct loop *loop;
    struct stream *stream;
    int stop_at;   /* events that stop the loop */
    int seen;      /* events that came */
    size_t enough; /* TALKER_RECEIVED stops only with so many bytes */
    bool echo;
    struct buf got;
    struct tls_facts facts;
    bool failed; /* `closed` came with a reason: */
    enum error_kind kind;
    char why[600];
    struct tls_context *tls_after_first; /* start TLS, as a server, when the first bytes came */
};

UNUSED static void talker_note(struct talker *t, enum talker_event event)
{
    t->seen |= (int)event;
    if ((t->stop_at & (int)event) != 0 && (event != TALKER_RECEIVED || t->got.n >= t->enough))
        loop_stop(t->loop);
}

UNUSED static void talker_connected(void *owner)
{
    talker_note(owner, TALKER_CONNECTED);
}

UNUSED static void talker_received(void *owner, struct span bytes)
{
    struct talker *t = owner;

    buf_put(&t->got, bytes);
    if (t->tls_after_first != NULL) {
        struct tls_context *context = t->tls_after_first;

        t->tls_after_first = NULL;
        stream_write(t->stream, SPAN("220 go ahead\r\n"));
        stream_start_tls(t->stream, context, NULL);
    } else if (t->echo) {
        stream_write(t->stream, bytes);
    }
    talker_note(t, TALKER_RECEIVED);
}

UNUSED static void talker_drained(void *owner)
{
    talker_note(owner, TALKER_DRAINED);
}

UNUSED static void talker_secured(void *owner, const struct tls_facts *facts)
{
    struct talker *t = owner;

    t->facts = *facts;
    talker_note(t, TALKER_SECURED);
}

UNUSED static void talker_closed(void *owner, const struct error *why)
{
    struct talker *t = owner;

    t->failed = why != NULL;
    if (why != NULL)
        t->kind = why->kind;
    if (why != NULL)
        (void)snprintf(t->why, sizeof(t->why), "%s", why->text);
    talker_note(t, TALKER_CLOSED);
}

static const struct stream_events talker_events = {
    .connected = talker_connected,
    .received = talker_received,
    .drained = talker_drained,
    .secured = talker_secured,
    .closed = talker_closed,
};

UNUSED static void talker_init(struct talker *t, struct loop *loop)
{
    *t = (struct talker){ .loop = loop };
    buf_init(&t->got, 64U << 20);
}

/* talker_fini closes the stream if there was one. */
UNUSED static void talker_fini(struct talker *t)
{
    if (t->stream != NULL)
        stream_close(t->stream);
    buf_fini(&t->got);
}

/* The `accepted` event of a listener whose owner is a talker. */
UNUSED static void talker_accepted(void *owner, struct stream *stream)
{
    struct talker *t = owner;

    t->stream = stream;
    stream_adopt(stream, &talker_events, t);
    talker_note(t, TALKER_CONNECTED);
}

static const struct listener_events talker_listens = { .accepted = talker_accepted };

UNUSED static void talker_gives_up(void *owner)
{
    (void)owner;
    (void)fprintf(stderr, "the event that the test waits for does not come\n");
    abort();
}

/* talker_wait runs the loop until one of `events` came to `t`. */
UNUSED static void talker_wait(struct talker *t, int events)
{
    struct timer guard;

    t->seen &= ~events;
    t->stop_at = events;
    timer_init(&guard, t->loop, talker_gives_up, NULL);
    timer_start(&guard, 30000);
    while ((t->seen & events) == 0 ||
           ((events & t->seen) == TALKER_RECEIVED && t->got.n < t->enough))
        loop_run(t->loop);
    timer_stop(&guard);
    t->stop_at = 0;
}

UNUSED static struct endpoint talker_loopback(void)
{
    return (struct endpoint){ .ip = { .version = 4, .bytes = { 127, 0, 0, 1 } } };
}

#endif
