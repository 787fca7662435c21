/*
 * A few ranges, one arena each; the one that was not used for longest makes room. What a mail may
 * say is never older than the store's content epoch says; names and titles may be a minute old.
 */
#include "services/compose/range_cache.h"

#include <string.h>

#include "base/alloc.h"
#include "base/table.h"
#include "services/compose/composer_internal.h"
#include "store/content_range.h"
#include "store/content_thread.h"

enum { RANGES = 4, VIEWS = 64, AGE_MOST_MS = 60000, REMEMBERED_MOST = 64 * 1024 * 1024 };

/* Generations of ranges are never those of the thread cache. */
#define RANGE_GENERATIONS (UINT64_C(1) << 62)

struct known_thread {
    struct table_node node;
    int64_t id;
    struct notice_thread content;
};

struct view {
    bool used;
    unsigned char sum[DIGEST_SIZE];
    struct letter_thread *threads;
    size_t thread_count;
    bool any_redacted;
    enum letter_verdict verdict;
    const char *reason;
};

struct range {
    bool used;
    int64_t from_seq;
    int64_t to_seq;
    int64_t content_epoch;
    int64_t read_at;
    uint64_t turn; /* when it was used last */
    uint64_t generation;
    size_t size; /* of texts, about */
    struct arena arena;
    struct digest *digest;
    struct content_range content;
    struct table threads;
    struct view views[VIEWS];
};

struct range_cache {
    uint64_t turns;
    uint64_t generations;
    struct range ranges[RANGES];
};

struct range_cache *range_cache_new(void)
{
    struct range_cache *cache = NEW(struct range_cache);

    for (size_t i = 0; i < RANGES; i++) {
        arena_init(&cache->ranges[i].arena);
        table_init(&cache->ranges[i].threads);
        cache->ranges[i].digest = digest_new();
    }
    return cache;
}

void range_cache_free(struct range_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < RANGES; i++) {
        table_fini(&cache->ranges[i].threads);
        arena_fini(&cache->ranges[i].arena);
        digest_free(cache->ranges[i].digest);
    }
    alloc_free(cache);
}

static bool is_fresh(const struct range *range, const struct content_delivery *d, int64_t now_ms)
{
    return range->used && range->from_seq == d->from_seq && range->to_seq == d->to_seq &&
           range->content_epoch == d->content_epoch && now_ms >= range->read_at &&
           now_ms - range->read_at < AGE_MOST_MS && range->size < REMEMBERED_MOST;
}

static void clear(struct range *range)
{
    range->used = false;
    range->size = 0;
    memset(range->views, 0, sizeof(range->views));
    table_fini(&range->threads);
    table_init(&range->threads);
    arena_reset(&range->arena);
}

static bool read_range(struct range_cache *cache, struct range *range, struct db *db,
                       const struct content_delivery *d, int64_t now_ms, struct error *err)
{
    clear(range);
    if (!content_range_read(db, &range->arena, d->from_seq, d->to_seq, &range->content, err))
        return false;
    range->from_seq = d->from_seq;
    range->to_seq = d->to_seq;
    range->content_epoch = d->content_epoch;
    range->read_at = now_ms;
    range->generation = RANGE_GENERATIONS + ++cache->generations;
    range->used = true;
    return true;
}

bool range_cache_find(struct range_cache *cache, struct db *db,
                      const struct content_delivery *delivery, int64_t now_ms,
                      struct range **ret_range, struct error *err)
{
    struct range *oldest = &cache->ranges[0];
    struct range *found = NULL;

    for (size_t i = 0; i < RANGES && found == NULL; i++) {
        struct range *range = &cache->ranges[i];

        if (is_fresh(range, delivery, now_ms))
            found = range;
        else if (range->turn < oldest->turn)
            oldest = range;
    }
    if (found == NULL && !read_range(cache, oldest, db, delivery, now_ms, err))
        return false;
    found = found != NULL ? found : oldest;
    found->turn = ++cache->turns;
    *ret_range = found;
    return true;
}

uint64_t range_generation(const struct range *range)
{
    return range->generation;
}

static bool same_thread(const struct table_node *node, const void *id)
{
    return CONTAINER_OF(node, const struct known_thread, node)->id == *(const int64_t *)id;
}

static size_t size_of(const struct notice_thread *t)
{
    size_t n = sizeof(*t);

    for (size_t i = 0; i < t->event_count; i++)
        n += sizeof(t->events[i]) + t->events[i].text.n + t->events[i].title.n;
    return n;
}

bool range_thread(struct range *range, struct db *db, const struct content_delivery *delivery,
                  int64_t thread, const struct notice_thread **ret_thread, struct error *err)
{
    uint64_t hash = table_hash((struct span){ (const char *)&thread, sizeof(thread) });
    struct table_node *node = table_find(&range->threads, hash, same_thread, &thread);
    struct content_delivery part = { .thread = thread,
                                     .from_seq = delivery->from_seq,
                                     .to_seq = delivery->to_seq };
    struct known_thread *known;

    if (node == NULL) {
        known = ARENA_ARRAY(&range->arena, struct known_thread, 1);
        known->id = thread;
        if (!content_read_thread(db, &range->arena, &part, &known->content, err))
            return false;
        range->size += size_of(&known->content);
        table_put(&range->threads, &known->node, hash);
        node = &known->node;
    }
    *ret_thread = &CONTAINER_OF(node, struct known_thread, node)->content;
    return true;
}

static void add_number(struct digest *d, int64_t number)
{
    digest_add(d, (struct span){ (const char *)&number, sizeof(number) });
}

/* False when a watch counts for part of the range only. */
static bool add_watches(struct digest *d, const struct range *range,
                        const struct content_person *person)
{
    for (size_t i = 0; i < person->watch_count; i++) {
        const struct content_watch *w = &person->watches[i];

        if (!content_ids_hold(range->content.scopes, w->topic))
            continue;
        if (w->watch.until != 0 || w->watch.since >= range->from_seq)
            return false;
        add_number(d, w->topic);
        add_number(d, w->watch.mode);
        add_number(d, w->watch.kinds);
        add_number(d, w->watch.list != 0);
    }
    return true;
}

bool range_view(const struct range *range, const struct content_delivery *delivery,
                enum watch_mode mode, const struct content_person *person,
                unsigned char ret_view[DIGEST_SIZE])
{
    struct digest *d = range->digest;
    bool is_shared;

    if (person->direct_count > 0 || person->bar_count > 0 || delivery->inactive ||
        delivery->doubts > 0 || range->content.has_deadline ||
        (!delivery->self_notify && content_ids_hold(range->content.actors, delivery->person)))
        return false;
    digest_start(d);
    add_number(d, mode);
    is_shared = add_watches(d, range, person);
    for (size_t i = 0; i < range->content.label_count; i++)
        add_number(d, content_person_grants(person, range->content.labels[i]));
    digest_end(d, ret_view);
    return is_shared;
}

static size_t slot_of(const unsigned char view[DIGEST_SIZE])
{
    return view[0] % VIEWS;
}

bool range_recall(const struct range *range, const unsigned char view[DIGEST_SIZE],
                  struct gathered *gathered)
{
    const struct view *known = &range->views[slot_of(view)];

    if (!known->used || memcmp(known->sum, view, DIGEST_SIZE) != 0)
        return false;
    gathered->threads = known->threads;
    gathered->thread_count = known->thread_count;
    gathered->any_redacted = known->any_redacted;
    gathered->verdict = known->verdict;
    gathered->reason = known->reason;
    return true;
}

void range_remember(struct range *range, const unsigned char view[DIGEST_SIZE],
                    const struct gathered *gathered)
{
    struct view *slot = &range->views[slot_of(view)];

    *slot = (struct view){ .used = true,
                           .threads = gathered->threads,
                           .thread_count = gathered->thread_count,
                           .any_redacted = gathered->any_redacted,
                           .verdict = gathered->verdict,
                           .reason = gathered->reason };
    memcpy(slot->sum, view, DIGEST_SIZE);
    for (size_t i = 0; i < gathered->thread_count; i++)
        range->size += sizeof(gathered->threads[i]) +
                       gathered->threads[i].thread->event_count * 3 * sizeof(size_t);
}

struct arena *range_arena(struct range *range)
{
    return &range->arena;
}
