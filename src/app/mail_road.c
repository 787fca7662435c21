/*
 * From settings to a running engine.
 */
#include "app/mail_road.h"

#include <sched.h>

#include "app/mail_rules.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/random.h"
#include "io/tls.h"
#include "net/resolver.h"
#include "services/delivery/engine.h"
#include "store/db.h"
#include "store/dialogue.h"
#include "store/intent.h"

enum { SENDERS_MOST = 16 };

struct mail_road {
    const struct settings *settings;
    struct mail_rules rules;
    struct tls_context *tls;
    struct resolver *resolver;
    struct delivery_engine *engine;
};

static bool note_start(struct db *db, int64_t *ret_node, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (intent_node_new(db, clock_utc_ms(), ret_node, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

static bool make_parts(struct mail_road *road, struct error *err)
{
    const struct settings *s = road->settings;
    const struct tls_client_options tls = { .extra_ca_file = s->extra_ca_file };
    const struct resolver_options resolver = { .forward_to = s->resolver,
                                               .timeout_ms = (int)s->resolver_timeout };

    road->tls = tls_client_context_new(&tls, err);
    if (road->tls == NULL)
        return error_wrap(err, "smtp.extra_ca_file");
    road->resolver = resolver_new(NULL, &resolver, err);
    return road->resolver != NULL || error_wrap(err, "resolver.address");
}

/* The processors this process may run on. */
static size_t count_cores(void)
{
    cpu_set_t set;
    int count = 1;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        count = CPU_COUNT(&set);
    return count > 0 ? (size_t)count : 1;
}

static void make_engine(struct mail_road *road, const struct mail_road_options *options,
                        int64_t node, const struct dialogue_keep_list *keeps)
{
    size_t cores = count_cores();
    struct delivery_engine_options engine = {
        .settings = road->settings,
        .rules = &road->rules.rules,
        .ledger = options->ledger,
        .resolver = road->resolver,
        .tls = road->tls,
        .letters = options->letters,
        .sight = options->sight,
        .keeps = keeps,
        .node = node,
        .senders = cores < SENDERS_MOST ? cores : SENDERS_MOST,
    };

    engine.composers = (cores + engine.senders - 1) / engine.senders;
    random_secret(&engine.seed, sizeof(engine.seed));
    road->engine = delivery_engine_new(&engine);
}

struct mail_road *mail_road_new(const struct mail_road_options *options, struct error *err)
{
    struct mail_road *road = NEW(struct mail_road);
    CLEANUP(arena_fini) struct arena arena;
    struct dialogue_keep_list keeps;
    int64_t node;

    arena_init(&arena);
    road->settings = options->settings;
    mail_rules_init(&road->rules, options->settings);
    if (!make_parts(road, err) || !note_start(options->db, &node, err) ||
        !dialogue_keep_list_read(options->db, &arena, clock_utc_ms(), &keeps, err)) {
        mail_road_free(road);
        return NULL;
    }
    make_engine(road, options, node, &keeps);
    return road;
}

void mail_road_start(struct mail_road *road)
{
    delivery_engine_start(road->engine);
}

void mail_road_stop(struct mail_road *road)
{
    delivery_engine_stop(road->engine);
}

void mail_road_use(struct mail_road *road, const struct settings *settings)
{
    delivery_engine_use(road->engine, settings);
}

struct delivery_engine *mail_road_engine(const struct mail_road *road)
{
    return road->engine;
}

void mail_road_figures(const struct mail_road *road, struct figure_sums *sums)
{
    delivery_engine_figures(road->engine, sums);
}

void mail_road_free(struct mail_road *road)
{
    if (road == NULL)
        return;
    resolver_free(road->resolver);
    if (road->engine != NULL)
        delivery_engine_free(road->engine);
    tls_context_free(road->tls);
    mail_rules_fini(&road->rules);
    alloc_free(road);
}
