/*
 * Packets on their way. Bytes are handed over in pieces of seeded sizes; everything else whole.
 */
#include "tests/simulation/wire_internal.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

enum {
    JITTER_US = 500,
    WINDOW_LEAST = 2048,
    WINDOW_MOST = 256 * 1024,
    PAUSE_BETWEEN_PIECES_US = 300
};

struct packet {
    struct list link;
    enum packet_kind kind;
    int64_t due_us;
    size_t n;
    size_t taken;
    char bytes[];
};

static void arrive(void *owner);
static void call_server(void *owner);
static void break_now(void *owner);
static void go_now(void *owner);

static int other(int side)
{
    return 1 - side;
}

static uint64_t lot(uint64_t below)
{
    return random_below(&world()->random, below);
}

static void init_pipe(struct wire *w, int side)
{
    struct pipe *pipe = &w->pipe[side];

    pipe->wire = w;
    pipe->reset_after = w->rule->reset_after[side];
    list_init(&pipe->packets);
    occurrence_init(&pipe->arrival, "packet", NULL, arrive, pipe);
}

struct wire *wire_connect(struct wire_end *end, const struct endpoint *client,
                          const struct endpoint *server)
{
    struct wire *w = NEW(struct wire);

    w->rule = network_rule(&server->ip);
    w->rule->connects++;
    w->client = *client;
    w->server = *server;
    w->window = WINDOW_LEAST + lot(WINDOW_MOST - WINDOW_LEAST);
    list_init(&w->link);
    list_append(&w->rule->wires, &w->link);
    init_pipe(w, WIRE_CLIENT);
    init_pipe(w, WIRE_SERVER);
    occurrence_init(&w->call, "call", NULL, call_server, w);
    occurrence_init(&w->breaking, "break", NULL, break_now, w);
    occurrence_init(&w->going, "gone", NULL, go_now, w);
    occurrence_plan(&w->call, w->rule->latency_us + (int64_t)lot(JITTER_US));
    w->end[WIRE_CLIENT] = end;
    w->pipe[WIRE_CLIENT].arrival.loop = end->loop;
    return w;
}

static void call_server(void *owner)
{
    struct wire *w = owner;
    struct place *place = network_find(&w->server);

    if (w->rule->black_hole) {
        w->silent = true;
    } else if (place == NULL || w->rule->refuses) {
        (void)wire_send(w, WIRE_SERVER, PACKET_REFUSED, (struct span){ 0 });
    } else {
        (void)wire_send(w, WIRE_SERVER, PACKET_OPEN, (struct span){ 0 });
        place->arrive(place, w);
    }
}

void wire_attach(struct wire *w, struct wire_end *end)
{
    w->end[WIRE_SERVER] = end;
    w->pipe[WIRE_SERVER].arrival.loop = end->loop;
    wire_resume(w, WIRE_SERVER);
}

static struct packet *first_packet(const struct pipe *pipe)
{
    struct list *first = list_first(&pipe->packets);

    return first != NULL ? CONTAINER_OF(first, struct packet, link) : NULL;
}

/* Plans the arrival of the first packet; a later one would only wait behind it. */
static void plan_arrival(struct pipe *pipe, int64_t least_us)
{
    struct packet *first = first_packet(pipe);
    int64_t wait_us;

    if (first == NULL || occurrence_planned(&pipe->arrival))
        return;
    wait_us = first->due_us - world()->now_us;
    occurrence_plan(&pipe->arrival, wait_us > least_us ? wait_us : least_us);
}

/* How much of a send leaves the machine: all, unless it falls. */
static size_t leaves(const struct wire *w, int side, enum packet_kind kind, size_t n)
{
    struct simulation *sim = world();

    if ((!sim->has_fallen && sim->sends_left == 0) || kind != PACKET_BYTES ||
        w->end[side] == NULL || loop_machine(w->end[side]->loop) != sim->falling_machine)
        return n;
    if (sim->has_fallen)
        return 0;
    sim->has_fallen = --sim->sends_left == 0;
    return sim->has_fallen ? (size_t)lot(n + 1) : n;
}

size_t wire_send(struct wire *w, int side, enum packet_kind kind, struct span bytes)
{
    struct pipe *pipe = &w->pipe[other(side)];
    size_t room = pipe->waiting < w->window ? w->window - pipe->waiting : 0;
    size_t n = leaves(w, side, kind, bytes.n < room ? bytes.n : room);
    struct packet *packet;

    if (kind == PACKET_BYTES && n == 0)
        return 0;
    packet = alloc_zeroed(sizeof(struct packet) + n);
    packet->kind = kind;
    packet->n = n;
    if (n > 0 && bytes.at != NULL)
        memcpy(packet->bytes, bytes.at, n);
    packet->due_us = world()->now_us + w->rule->latency_us + (int64_t)lot(JITTER_US);
    if (packet->due_us < pipe->last_due_us)
        packet->due_us = pipe->last_due_us;
    pipe->last_due_us = packet->due_us;
    pipe->waiting += n;
    list_append(&pipe->packets, &packet->link);
    plan_arrival(pipe, 0);
    return n;
}

void wire_resume(struct wire *w, int side)
{
    plan_arrival(&w->pipe[side], 0);
}

static void drop_packet(struct packet *packet)
{
    list_remove(&packet->link);
    alloc_free(packet);
}

static void drop_packets(struct pipe *pipe)
{
    LIST_EACH (&pipe->packets, link) {
        drop_packet(CONTAINER_OF(link, struct packet, link));
    }
    pipe->waiting = 0;
    pipe->last_due_us = 0;
}

static void break_now(void *owner)
{
    struct wire *w = owner;

    for (int side = 0; side < 2; side++) {
        drop_packets(&w->pipe[side]);
        (void)wire_send(w, other(side), PACKET_RESET, (struct span){ 0 });
    }
}

void wire_reset(struct wire *w)
{
    if (!occurrence_planned(&w->breaking))
        occurrence_plan(&w->breaking, 0);
}

/* How much of a packet is handed over this time. */
static size_t piece_of(const struct pipe *pipe, const struct packet *packet)
{
    size_t n = packet->n - packet->taken;

    if (n > 1 && lot(2) == 0)
        n = 1 + lot(n);
    if (pipe->reset_after >= 0 && (int64_t)n > pipe->reset_after - pipe->bytes_arrived)
        n = (size_t)(pipe->reset_after - pipe->bytes_arrived);
    return n;
}

/* Hands bytes to the end; false when it takes none now. */
static bool hand_over(struct pipe *pipe, struct packet *packet, struct wire_end *end, int side)
{
    struct wire *w = pipe->wire;
    size_t n = piece_of(pipe, packet);
    struct span piece = { packet->bytes + packet->taken, n };

    if (pipe->reset_after >= 0 && pipe->bytes_arrived >= pipe->reset_after) {
        wire_reset(w);
        return true;
    }
    if (end->take(end, PACKET_BYTES, piece) == 0)
        return false;
    if (w->end[side] != end) /* it left while taking */
        return true;
    packet->taken += n;
    pipe->bytes_arrived += (int64_t)n;
    pipe->waiting -= n;
    world_note("bytes", pipe->arrival.number, n);
    if (packet->taken == packet->n)
        drop_packet(packet);
    if (w->end[other(side)] != NULL)
        w->end[other(side)]->may_write(w->end[other(side)]);
    return true;
}

/* Nobody is there any more: bytes are answered with a reset. */
static void arrive_at_nobody(struct pipe *pipe, int side)
{
    bool had_bytes = pipe->waiting > 0;

    drop_packets(pipe);
    if (had_bytes && pipe->wire->end[other(side)] != NULL)
        (void)wire_send(pipe->wire, side, PACKET_RESET, (struct span){ 0 });
}

static void arrive(void *owner)
{
    struct pipe *pipe = owner;
    struct wire *w = pipe->wire;
    int side = pipe == &w->pipe[WIRE_CLIENT] ? WIRE_CLIENT : WIRE_SERVER;
    struct wire_end *end = w->end[side];
    struct packet *packet = first_packet(pipe);

    if (w->rule->black_hole)
        w->silent = true;
    if (w->silent || packet == NULL)
        return;
    if (end == NULL) {
        arrive_at_nobody(pipe, side);
        return;
    }
    if (packet->kind == PACKET_BYTES) {
        if (hand_over(pipe, packet, end, side) && w->end[side] == end)
            plan_arrival(pipe, (int64_t)lot(PAUSE_BETWEEN_PIECES_US));
        return;
    }
    if (end->take(end, packet->kind, (struct span){ 0 }) == 0)
        return; /* it pauses */
    if (w->end[side] == end) {
        drop_packet(packet);
        plan_arrival(pipe, 0);
    }
}

void wire_free(struct wire *w)
{
    for (int side = 0; side < 2; side++) {
        occurrence_cancel(&w->pipe[side].arrival);
        drop_packets(&w->pipe[side]);
    }
    occurrence_cancel(&w->call);
    occurrence_cancel(&w->breaking);
    occurrence_cancel(&w->going);
    list_remove(&w->link);
    alloc_free(w);
}

static void go_now(void *owner)
{
    wire_free(owner);
}

void wire_detach(struct wire *w, int side, enum wire_leave how)
{
    bool untaken = w->pipe[side].waiting > 0;

    w->end[side] = NULL;
    w->pipe[side].arrival.loop = NULL;
    drop_packets(&w->pipe[side]);
    if (how == WIRE_VANISH)
        w->silent = true;
    if (w->end[other(side)] == NULL) {
        occurrence_cancel(&w->call);
        occurrence_plan(&w->going, 0);
    } else if (how != WIRE_VANISH) {
        (void)wire_send(w, side, how == WIRE_ABORT || untaken ? PACKET_RESET : PACKET_END,
                        (struct span){ 0 });
    }
}
