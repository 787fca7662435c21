/*
 * A slot a zone; names that fall on the same slot take it from each other.
 */
#include "base/zone_cache.h"

#include "base/alloc.h"
#include "base/table.h"

enum { SLOTS = 64 };

struct zone_cache {
    struct {
        char *name; /* NULL: free */
        struct zone *zone;
    } slots[SLOTS];
};

struct zone_cache *zone_cache_new(void)
{
    return NEW(struct zone_cache);
}

void zone_cache_free(struct zone_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++) {
        alloc_free(cache->slots[i].name);
        zone_free(cache->slots[i].zone);
    }
    alloc_free(cache);
}

const struct zone *zone_cache_find(struct zone_cache *cache, struct span name)
{
    size_t slot = table_hash(name) % SLOTS;

    if (name.n == 0)
        return NULL;
    if (cache->slots[slot].name == NULL || !span_equal(span_of(cache->slots[slot].name), name)) {
        alloc_free(cache->slots[slot].name);
        zone_free(cache->slots[slot].zone);
        cache->slots[slot].name = span_text(name);
        cache->slots[slot].zone = zone_open(name);
    }
    return cache->slots[slot].zone;
}
