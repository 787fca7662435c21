/*
 * The delivery engine: takes what waits in the lanes to the recipients' mail servers. One
 * dispatcher knows all lanes, domains and sites; sender loops, each with threads that compose,
 * hold the sessions. What is under way is in memory alone; what the store says of a delivery
 * changes only by the jobs of leave.h and outcome_record.h on the ledger.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_ENGINE_H
#define POSTROOM_SERVICES_DELIVERY_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "domain/mx_hosts.h"
#include "domain/settings.h"
#include "services/delivery/letter_source.h"
#include "services/delivery/sight_source.h"

struct delivery_engine;
struct figure_sums;
struct dialogue_keep_list;
struct ledger;
struct live_watch;
struct resolver;
struct tls_context;

/* All of it is borrowed and outlives the engine. */
struct delivery_engine_options {
    const struct settings *settings; /* `database` is where the lanes are read */
    const struct mx_rules *rules;
    struct ledger *ledger;
    struct resolver *resolver;
    struct tls_context *tls; /* client side; NULL: STARTTLS is never used */
    struct letter_source letters;
    struct sight_source sight;
    const struct dialogue_keep_list
        *keeps;         /* orders at the start, read by _new alone; NULL: none */
    int64_t node;       /* of intent_node_new: this start of the daemon */
    size_t senders;     /* sender loops, 1 to 16 */
    size_t composers;   /* threads that compose, for each sender loop */
    size_t claims_most; /* mails in memory at a time, about; 0: 20,000 */
    uint64_t seed;      /* of jitter and of the choice among equal hosts */
};

/* delivery_engine_new makes the engine's loops. Before the ledger's loop runs. */
MUST_USE struct delivery_engine *delivery_engine_new(const struct delivery_engine_options *options);

/* delivery_engine_start first writes down, for every intent that an earlier daemon left open, that
 * nobody knows what came of it; then it begins to send. The ledger's loop runs. */
void delivery_engine_start(struct delivery_engine *engine);

/* delivery_engine_stop takes up nothing new, lets dialogues end in which the content is on its
 * way (for at most a few seconds; the rest stays `sending` and is in doubt at the next start),
 * and returns when all that was learned is committed. From any thread but the engine's and the
 * ledger's; the ledger's loop and the resolver still serve. */
void delivery_engine_stop(struct delivery_engine *engine);

/* delivery_engine_use takes over the limits of sites from settings that were read anew; what is
 * under way goes on. From any thread, while the engine runs. */
void delivery_engine_use(struct delivery_engine *engine, const struct settings *settings);

/* delivery_engine_watch lets a watch (live_watch.h) hear what it follows, delivery_engine_unwatch
 * ends that: its memory stays until all senders have said goodbye. From any thread, at most
 * LIVE_WATCHES_MOST at a time, while the engine runs. */
void delivery_engine_watch(struct delivery_engine *engine, struct live_watch *watch);
void delivery_engine_unwatch(struct delivery_engine *engine, struct live_watch *watch);

/* delivery_engine_figures adds what the engine has counted; from any thread. */
void delivery_engine_figures(const struct delivery_engine *engine, struct figure_sums *sums);

/* delivery_engine_free ends a stopped engine, or one that was never started. After
 * resolver_free. */
void delivery_engine_free(struct delivery_engine *engine);

#endif
