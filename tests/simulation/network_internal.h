/*
 * The network of the simulation: who listens where, and what is scripted about whom.
 */
#ifndef POSTROOM_TESTS_SIMULATION_NETWORK_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_NETWORK_INTERNAL_H

#include "base/list.h"
#include "base/table.h"
#include "io/endpoint.h"
#include "tests/simulation/simulation.h"

struct stream;
struct wire;

/* What is scripted about a server's address. */
struct rule {
    struct table_node by_ip;
    struct ip ip;
    int64_t latency_us;
    bool black_hole;
    bool refuses;
    int64_t reset_after[2]; /* bytes arrived at the client, at the server; negative: never */
    struct sim_tls tls;
    uint64_t connects;
    struct list wires; /* those that stand */
};

/* network_rule finds or makes the rule for an address (version 0: for Unix sockets). */
struct rule *network_rule(const struct ip *ip);

/* network_free forgets all rules. */
void network_free(struct simulation *sim);

/* network_port picks a port that nobody had. */
uint16_t network_port(void);

/* A listening place: a member of the listener. */
struct place {
    struct list link;
    struct endpoint at;
    void (*arrive)(struct place *place, struct wire *wire); /* a connection came */
};

/* network_find gives the place that takes connections to `to`, or NULL. */
struct place *network_find(const struct endpoint *to);

#endif
