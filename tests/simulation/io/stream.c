/*
 * Simulated streams: one end of a wire each. The events come as from the real ones: never from
 * inside a call of the owner's, what the peer sent before it left still before `closed`.
 */
#include "io/stream.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "io/listener.h"
#include "io/loop.h"
#include "tests/simulation/io/stream_internal.h"
#include "tests/simulation/io/tls_internal.h"
#include "tests/simulation/wire_internal.h"
#include "tests/simulation/world_internal.h"

enum { FLUSH_DELAY_US = 100 };

enum stream_phase {
    STREAM_CONNECTING,
    STREAM_ACCEPTED,
    STREAM_OPEN,
    STREAM_HANDSHAKE,
    STREAM_OVER,
    STREAM_CLOSED
};

struct stream {
    struct mortal mortal;
    struct wire_end end;
    struct loop *loop;
    const struct stream_events *events;
    void *owner;
    struct wire *wire;
    int side;
    enum stream_phase phase;
    bool paused;
    bool ending;
    struct buf unsent;
    size_t sent; /* how many bytes at the front of `unsent` are gone already */
    struct occurrence flush;
    struct occurrence fault; /* more is unsent than may be */
    bool is_tls_server;
    bool must_verify;
    bool secure;
};

static struct stream *stream_of(struct wire_end *end)
{
    return CONTAINER_OF(end, struct stream, end);
}

static bool is_over(const struct stream *s)
{
    return s->phase == STREAM_OVER || s->phase == STREAM_CLOSED;
}

static void finish(struct stream *s, const struct error *why)
{
    occurrence_cancel(&s->flush);
    occurrence_cancel(&s->fault);
    s->phase = STREAM_OVER;
    s->events->closed(s->owner, why);
}

static void finish_with(struct stream *s, const char *what, const char *why)
{
    struct error err;

    (void)error_set(&err, ERROR_IO, "%s: %s", what, why);
    finish(s, &err);
}

/* Writing. */

size_t stream_unsent(const struct stream *s)
{
    return s->unsent.n - s->sent;
}

static void end_if_due(struct stream *s)
{
    if (s->ending && stream_unsent(s) == 0)
        (void)wire_send(s->wire, s->side, PACKET_END, (struct span){ 0 });
}

static void flush(struct stream *s)
{
    s->sent += wire_send(s->wire, s->side, PACKET_BYTES, span_rest(buf_view(&s->unsent), s->sent));
    if (s->sent > s->unsent.n / 2) {
        buf_drop(&s->unsent, s->sent);
        s->sent = 0;
    }
    end_if_due(s);
}

static void on_flush(void *owner)
{
    struct stream *s = owner;

    if (s->phase != STREAM_OPEN || stream_unsent(s) == 0)
        return;
    flush(s);
    if (stream_unsent(s) == 0 && s->events->drained != NULL)
        s->events->drained(s->owner);
}

static void on_may_write(struct wire_end *end)
{
    struct stream *s = stream_of(end);

    if (s->phase == STREAM_OPEN && stream_unsent(s) > 0 && !occurrence_planned(&s->flush))
        occurrence_plan(&s->flush, (int64_t)random_below(&world()->random, FLUSH_DELAY_US));
}

static void on_fault(void *owner)
{
    struct stream *s = owner;

    finish_with(s, "writing", "the peer does not take what is sent");
}

void stream_write(struct stream *s, struct span bytes)
{
    assert(s->phase != STREAM_HANDSHAKE && s->phase != STREAM_CLOSED);
    if (bytes.n == 0 || is_over(s) || s->ending)
        return;
    if (s->phase == STREAM_OPEN && stream_unsent(s) == 0)
        bytes = span_rest(bytes, wire_send(s->wire, s->side, PACKET_BYTES, bytes));
    buf_put(&s->unsent, bytes);
    if (s->unsent.overflown && !occurrence_planned(&s->fault))
        occurrence_plan(&s->fault, 0);
}

/* What arrives is told as it arrives. */
bool stream_has_input(const struct stream *s)
{
    (void)s;
    return false;
}

void stream_end(struct stream *s)
{
    if (s->ending || is_over(s))
        return;
    s->ending = true;
    if (s->phase == STREAM_OPEN)
        end_if_due(s);
}

/* TLS: the client says hello, the server answers with its own, and both are secure. */

static struct tls_facts facts_of(const struct stream *s)
{
    const char *problem =
        s->is_tls_server ? "the peer showed no certificate" : s->wire->rule->tls.problem;
    struct tls_facts facts = { .version = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384" };

    facts.verified = problem == NULL;
    if (problem != NULL)
        (void)snprintf(facts.problem, sizeof(facts.problem), "%s", problem);
    return facts;
}

static void secure(struct stream *s)
{
    struct tls_facts facts = facts_of(s);

    s->secure = true;
    s->phase = STREAM_OPEN;
    end_if_due(s);
    s->events->secured(s->owner, &facts);
}

static void take_hello(struct stream *s)
{
    const struct sim_tls *tls = &s->wire->rule->tls;
    const char *failure = tls->failure;

    if (failure == NULL && s->must_verify)
        failure = tls->problem;
    if (failure != NULL) {
        (void)wire_send(s->wire, s->side, PACKET_ALERT, (struct span){ 0 });
        finish_with(s, "TLS handshake", failure);
        return;
    }
    if (s->is_tls_server)
        (void)wire_send(s->wire, s->side, PACKET_HELLO, (struct span){ 0 });
    secure(s);
}

void stream_start_tls(struct stream *s, struct tls_context *context, const struct tls_peer *peer)
{
    if (is_over(s))
        return;
    assert(s->phase == STREAM_OPEN && !s->secure && s->events->secured != NULL);
    assert(context->is_server || (peer != NULL && peer->name != NULL));
    assert(stream_unsent(s) == 0); /* no test writes so much before it */
    s->is_tls_server = context->is_server;
    s->must_verify = !context->is_server && peer->must_verify;
    s->phase = STREAM_HANDSHAKE;
    if (!s->is_tls_server)
        (void)wire_send(s->wire, s->side, PACKET_HELLO, (struct span){ 0 });
}

/* What arrives. */

static size_t take_bytes(struct stream *s, struct span bytes)
{
    if (s->phase == STREAM_HANDSHAKE) {
        finish_with(s, "TLS handshake", "wrong version number");
        return bytes.n;
    }
    if (s->phase != STREAM_OPEN || s->paused)
        return 0;
    s->events->received(s->owner, bytes);
    return bytes.n;
}

/* A hello that nobody expects is garbage to the owner. */
static size_t take_in_handshake(struct stream *s, enum packet_kind kind)
{
    if (s->phase == STREAM_HANDSHAKE && kind == PACKET_HELLO)
        take_hello(s);
    else if (kind == PACKET_HELLO)
        return take_bytes(s, SPAN("\x16\x03\x01"));
    else
        finish_with(s, "TLS handshake",
                    s->wire->rule->tls.failure != NULL ? s->wire->rule->tls.failure
                                                       : "alert bad certificate");
    return 1;
}

static void take_end(struct stream *s)
{
    if (s->phase == STREAM_HANDSHAKE)
        finish_with(s, "TLS handshake", "the peer closed the connection");
    else
        finish(s, NULL);
}

static void take_refusal(struct stream *s)
{
    CLEANUP(buf_fini) struct buf name;

    buf_init(&name, 256);
    endpoint_put(&name, &s->wire->server);
    buf_put_text(&name, ": Connection refused");
    finish_with(s, "connecting to", buf_text(&name));
}

static size_t on_take(struct wire_end *end, enum packet_kind kind, struct span bytes)
{
    struct stream *s = stream_of(end);

    if (is_over(s))
        return 1;
    if (s->phase == STREAM_ACCEPTED ||
        (s->paused && s->phase == STREAM_OPEN && !(kind == PACKET_RESET && stream_unsent(s) > 0)))
        return 0;
    switch (kind) {
    case PACKET_OPEN:
        s->phase = STREAM_OPEN;
        flush(s);
        s->events->connected(s->owner);
        break;
    case PACKET_REFUSED:
        take_refusal(s);
        break;
    case PACKET_BYTES:
        return take_bytes(s, bytes);
    case PACKET_HELLO:
    case PACKET_ALERT:
        return take_in_handshake(s, kind);
    case PACKET_END:
        take_end(s);
        break;
    case PACKET_RESET:
        finish_with(s, s->phase == STREAM_CONNECTING ? "connecting" : "reading",
                    "Connection reset by peer");
        break;
    }
    return 1;
}

/* Life. */

static void stream_die(struct mortal *mortal, enum sim_death death)
{
    struct stream *s = CONTAINER_OF(mortal, struct stream, mortal);

    occurrence_cancel(&s->flush);
    occurrence_cancel(&s->fault);
    wire_detach(s->wire, s->side, death == SIM_KILLED ? WIRE_ABORT : WIRE_VANISH);
}

static struct stream *stream_new(struct loop *loop)
{
    struct stream *s = NEW(struct stream);

    mortal_init(&s->mortal, loop, stream_die);
    s->loop = loop;
    s->end = (struct wire_end){ loop, on_take, on_may_write };
    buf_init(&s->unsent, STREAM_UNSENT_LIMIT);
    occurrence_init(&s->flush, "flush", loop, on_flush, s);
    occurrence_init(&s->fault, "fault", loop, on_fault, s);
    return s;
}

/* Our side of a connection without a chosen source: each machine has an address of its own. */
static struct endpoint local_of(const struct stream *s, const struct endpoint *source,
                                const struct endpoint *peer)
{
    struct endpoint local = { 0 };

    if (source != NULL)
        local = *source;
    else if (peer->ip.version == 4)
        local.ip = (struct ip){ 4, { 198, 51, 100, (uint8_t)(s->mortal.machine + 1) } };
    else if (peer->ip.version == 6)
        local.ip = (struct ip){
            6, { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, [15] = (uint8_t)(s->mortal.machine + 1) }
        };
    if (local.ip.version != 0 && local.port == 0)
        local.port = network_port();
    return local;
}

struct stream *stream_connect(struct loop *loop, const struct endpoint *source,
                              const struct endpoint *peer, const struct stream_events *events,
                              void *owner)
{
    struct stream *s = stream_new(loop);
    struct endpoint local = local_of(s, source, peer);

    s->events = events;
    s->owner = owner;
    s->side = WIRE_CLIENT;
    s->wire = wire_connect(&s->end, &local, peer);
    return s;
}

struct stream *stream_accepted(struct loop *loop, struct wire *wire)
{
    struct stream *s = stream_new(loop);

    s->phase = STREAM_ACCEPTED;
    s->side = WIRE_SERVER;
    s->wire = wire;
    wire_attach(wire, &s->end);
    return s;
}

void stream_adopt(struct stream *s, const struct stream_events *events, void *owner)
{
    assert(s->phase == STREAM_ACCEPTED);
    s->events = events;
    s->owner = owner;
    s->phase = STREAM_OPEN;
    wire_resume(s->wire, s->side);
}

void stream_give(struct stream *s, const struct stream_events *events, void *owner)
{
    assert(!is_over(s) && s->phase != STREAM_ACCEPTED);
    s->events = events;
    s->owner = owner;
}

void stream_pause(struct stream *s)
{
    s->paused = true;
}

void stream_resume(struct stream *s)
{
    s->paused = false;
    if (!is_over(s))
        wire_resume(s->wire, s->side);
}

static void stream_free(void *memory)
{
    struct stream *s = memory;

    buf_fini(&s->unsent);
    alloc_free(s);
}

void stream_close(struct stream *s)
{
    assert(s->phase != STREAM_CLOSED);
    occurrence_cancel(&s->flush);
    occurrence_cancel(&s->fault);
    s->phase = STREAM_CLOSED;
    wire_detach(s->wire, s->side, WIRE_CLOSE);
    mortal_end(&s->mortal);
    loop_defer(s->loop, stream_free, s);
}

struct endpoint stream_local(const struct stream *s)
{
    if (s->phase == STREAM_CONNECTING || s->phase == STREAM_CLOSED)
        return (struct endpoint){ 0 };
    return s->side == WIRE_CLIENT ? s->wire->client : s->wire->server;
}

struct endpoint stream_peer(const struct stream *s)
{
    return s->side == WIRE_CLIENT ? s->wire->server : s->wire->client;
}

bool stream_peer_ids(const struct stream *s, unsigned *ret_uid, unsigned *ret_gid)
{
    if (s->wire->server.ip.version != 0)
        return false;
    *ret_uid = getuid();
    *ret_gid = getgid();
    return true;
}
