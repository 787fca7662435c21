/*
 * The same order of origins as the engine's (domain/site_limits.h).
 */
#include "services/inquiry/site_bounds.h"

/* A site's key begins with its first host, which tells the provider for all of them. */
static const struct provider *provider_of(const struct provider_table *table, struct span key)
{
    return provider_table_find(table, span_take_until(&key, ','));
}

bool site_bounds_read(struct db *db, const struct settings *settings, struct span key,
                      struct site_bounds *bounds, struct error *err)
{
    if (!site_read(db, key, &bounds->facts, err))
        return false;
    provider_table_shipped(&bounds->providers);
    bounds->provider = provider_of(&bounds->providers, key);
    limit_set_of_settings(settings, &bounds->setting);
    for (int origin = 0; origin < LIMIT_ORIGINS; origin++)
        bounds->by[origin] = &bounds->facts.limits[origin];
    bounds->by[LIMIT_SHIPPED] = bounds->provider != NULL ? &bounds->provider->limits : NULL;
    bounds->by[LIMIT_OF_SETTING] = &bounds->setting;
    return true;
}

void site_bounds_fini(struct site_bounds *bounds)
{
    provider_table_fini(&bounds->providers);
}

struct site_bound site_bounds_of(const struct site_bounds *bounds, enum site_limit_kind kind,
                                 enum limit_origin origin, int64_t now_ms)
{
    struct site_limits alone = { { NULL } };
    struct site_limit limit;

    alone.by[origin] = bounds->by[origin];
    limit = site_limits_binding(&alone, kind, now_ms);
    return (struct site_bound){ .kind = kind,
                                .origin = origin,
                                .value = limit.value,
                                .since = limit.since,
                                .until = limit.until,
                                .words = bounds->facts.limit_words[kind][origin] };
}

struct site_bound site_bounds_binding(const struct site_bounds *bounds, enum site_limit_kind kind,
                                      int64_t now_ms)
{
    struct site_bound bound = { .kind = kind, .origin = LIMIT_OF_SETTING };

    for (int origin = 0; origin < LIMIT_ORIGINS && bound.value == 0; origin++)
        bound = site_bounds_of(bounds, kind, (enum limit_origin)origin, now_ms);
    return bound;
}
