/*
 * One connection of the simulated network: two ends, and a pipe to each of them in which packets
 * travel in order.
 */
#ifndef POSTROOM_TESTS_SIMULATION_WIRE_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_WIRE_INTERNAL_H

#include "base/span.h"
#include "io/endpoint.h"
#include "tests/simulation/network_internal.h"
#include "tests/simulation/world_internal.h"

enum { WIRE_CLIENT, WIRE_SERVER };

enum packet_kind {
    PACKET_OPEN,    /* the connection stands */
    PACKET_REFUSED, /* it does not */
    PACKET_BYTES,
    PACKET_HELLO, /* the one message of a simulated handshake */
    PACKET_ALERT, /* it failed at the other side */
    PACKET_END,
    PACKET_RESET
};

/* What an end does with what arrives. For bytes it returns how many it took (0: it pauses). */
struct wire_end {
    struct loop *loop;
    size_t (*take)(struct wire_end *end, enum packet_kind kind, struct span bytes);
    void (*may_write)(struct wire_end *end); /* the pipe has room again */
};

struct pipe {
    struct wire *wire;
    struct list packets;
    int64_t last_due_us;
    struct occurrence arrival;
    size_t waiting;        /* bytes on the way or not taken yet */
    int64_t bytes_arrived; /* taken, in all */
    int64_t reset_after;   /* negative: never */
};

struct wire {
    struct list link; /* in rule->wires */
    struct rule *rule;
    struct endpoint client;
    struct endpoint server;
    struct wire_end *end[2];
    struct pipe pipe[2];        /* to end[i] */
    size_t window;              /* how many bytes a pipe holds */
    struct occurrence call;     /* the client's, on its way to a listener */
    struct occurrence breaking; /* between two events, as somebody may be in the middle of one */
    struct occurrence going;    /* likewise */
    bool silent;                /* nothing travels any more */
};

/* How an end goes. */
enum wire_leave {
    WIRE_CLOSE, /* the other one hears END, or RESET when bytes were left untaken */
    WIRE_ABORT, /* it hears RESET */
    WIRE_VANISH /* it hears nothing, ever */
};

/* wire_connect makes a wire whose client's end is `end`; PACKET_OPEN or PACKET_REFUSED follow, or
 * nothing when the server is in a black hole. */
struct wire *wire_connect(struct wire_end *end, const struct endpoint *client,
                          const struct endpoint *server);

/* wire_attach gives the server's end. */
void wire_attach(struct wire *w, struct wire_end *end);

/* wire_send lets a packet travel from `side` to the other one; gives how many of `bytes` the pipe
 * had room for. */
size_t wire_send(struct wire *w, int side, enum packet_kind kind, struct span bytes);

/* wire_resume lets go on what waits for `side` to take it. */
void wire_resume(struct wire *w, int side);

/* wire_detach takes an end off. The wire goes with its last end. */
void wire_detach(struct wire *w, int side, enum wire_leave how);

/* wire_reset breaks the connection for both ends, soon. */
void wire_reset(struct wire *w);

/* wire_free drops a wire at the end of the world. */
void wire_free(struct wire *w);

#endif
