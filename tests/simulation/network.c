/*
 * Rules and places.
 */
#include "tests/simulation/network_internal.h"

#include <string.h>

#include "base/alloc.h"
#include "tests/simulation/wire_internal.h"
#include "tests/simulation/world_internal.h"

enum { LATENCY_US = 500 };

static bool same_ip(const struct table_node *node, const void *ip)
{
    return ip_equal(&CONTAINER_OF(node, const struct rule, by_ip)->ip, ip);
}

struct rule *network_rule(const struct ip *ip)
{
    struct simulation *sim = world();
    uint64_t hash = table_hash((struct span){ (const char *)ip->bytes, ip->version == 6 ? 16 : 4 });
    struct table_node *node = table_find(&sim->rules, hash, same_ip, ip);
    struct rule *rule;

    if (node != NULL)
        return CONTAINER_OF(node, struct rule, by_ip);
    rule = NEW(struct rule);
    rule->ip = *ip;
    rule->latency_us = LATENCY_US;
    rule->reset_after[0] = rule->reset_after[1] = -1;
    rule->tls.problem = "self-signed certificate";
    list_init(&rule->wires);
    table_put(&sim->rules, &rule->by_ip, hash);
    return rule;
}

/* The ends of the wires have died with their machines by now. */
static void free_rule(struct rule *rule)
{
    LIST_EACH (&rule->wires, wire) {
        wire_free(CONTAINER_OF(wire, struct wire, link));
    }
    alloc_free(rule);
}

void network_free(struct simulation *sim)
{
    for (size_t i = 0; i < sim->rules.room; i++) {
        struct table_node *node = sim->rules.buckets[i];

        while (node != NULL) {
            struct rule *rule = CONTAINER_OF(node, struct rule, by_ip);

            node = node->next;
            free_rule(rule);
        }
    }
    table_fini(&sim->rules);
}

uint16_t network_port(void)
{
    return world()->next_port++;
}

static bool takes(const struct endpoint *at, const struct endpoint *to)
{
    static const struct ip any[] = { { .version = 4 }, { .version = 6 } };

    if (to->ip.version == 0)
        return at->ip.version == 0 && strcmp(at->path, to->path) == 0;
    if (at->port != to->port || at->ip.version != to->ip.version)
        return false;
    return ip_equal(&at->ip, &to->ip) || ip_equal(&at->ip, &any[to->ip.version == 6]);
}

struct place *network_find(const struct endpoint *to)
{
    LIST_EACH (&world()->listeners, link) {
        struct place *place = CONTAINER_OF(link, struct place, link);

        if (takes(&place->at, to))
            return place;
    }
    return NULL;
}

void sim_net_latency(struct simulation *sim, const struct ip *ip, int64_t ms)
{
    (void)sim;
    network_rule(ip)->latency_us = ms * 1000;
}

void sim_net_black_hole(struct simulation *sim, const struct ip *ip, bool on)
{
    (void)sim;
    network_rule(ip)->black_hole = on;
}

void sim_net_refuse(struct simulation *sim, const struct ip *ip, bool on)
{
    (void)sim;
    network_rule(ip)->refuses = on;
}

void sim_net_reset_after(struct simulation *sim, const struct ip *ip, int64_t at_server,
                         int64_t at_client)
{
    (void)sim;
    network_rule(ip)->reset_after[0] = at_client;
    network_rule(ip)->reset_after[1] = at_server;
}

void sim_net_cut(struct simulation *sim, const struct ip *ip)
{
    (void)sim;
    LIST_EACH (&network_rule(ip)->wires, link) {
        wire_reset(CONTAINER_OF(link, struct wire, link));
    }
}

void sim_net_tls(struct simulation *sim, const struct ip *ip, struct sim_tls tls)
{
    (void)sim;
    network_rule(ip)->tls = tls;
}

uint64_t sim_net_connects(const struct simulation *sim, const struct ip *ip)
{
    (void)sim;
    return network_rule(ip)->connects;
}
