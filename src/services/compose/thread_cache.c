/*
 * A small table of slots, one range each; a new range takes the slot its numbers fall on.
 */
#include "services/compose/thread_cache.h"

#include "base/alloc.h"
#include "base/table.h"
#include "store/content_thread.h"

enum { SLOTS = 32, REMEMBERED_MOST = 512 * 1024, AGE_MOST_MS = 60000 };

struct slot {
    bool used;
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;
    int64_t content_epoch;
    int64_t read_at;
    uint64_t generation;
    struct arena arena;
    struct notice_thread content;
};

struct thread_cache {
    uint64_t generations;
    struct slot slots[SLOTS];
};

struct thread_cache *thread_cache_new(void)
{
    struct thread_cache *cache = NEW(struct thread_cache);

    for (size_t i = 0; i < SLOTS; i++)
        arena_init(&cache->slots[i].arena);
    return cache;
}

void thread_cache_free(struct thread_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        arena_fini(&cache->slots[i].arena);
    alloc_free(cache);
}

static struct slot *slot_of(struct thread_cache *cache, const struct content_delivery *d)
{
    const int64_t key[] = { d->thread, d->from_seq, d->to_seq };

    return &cache->slots[table_hash((struct span){ (const char *)key, sizeof(key) }) % SLOTS];
}

static bool is_fresh(const struct slot *slot, const struct content_delivery *d, int64_t now_ms)
{
    return slot->used && slot->thread == d->thread && slot->from_seq == d->from_seq &&
           slot->to_seq == d->to_seq && slot->content_epoch == d->content_epoch &&
           now_ms >= slot->read_at && now_ms - slot->read_at < AGE_MOST_MS;
}

static size_t text_size(const struct notice_thread *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->event_count; i++) {
        const struct notice_event *event = &t->events[i];

        n += event->text.n + event->title.n + event->url.n;
        for (size_t c = 0; c < event->change_count; c++)
            n += event->changes[c].old.n + event->changes[c].new.n;
    }
    return n;
}

/* NOLINTNEXTLINE(readability-function-size): a delivery, the caches, and what they give */
bool thread_cache_read(struct thread_cache *cache, struct db *db,
                       const struct content_delivery *delivery, int64_t now_ms,
                       const struct notice_thread **ret_thread, uint64_t *ret_generation,
                       struct error *err)
{
    struct slot *slot = slot_of(cache, delivery);

    if (!is_fresh(slot, delivery, now_ms)) {
        slot->used = false;
        arena_reset(&slot->arena);
        if (!content_read_thread(db, &slot->arena, delivery, &slot->content, err))
            return false;
        slot->thread = delivery->thread;
        slot->from_seq = delivery->from_seq;
        slot->to_seq = delivery->to_seq;
        slot->content_epoch = delivery->content_epoch;
        slot->read_at = now_ms;
        slot->generation = ++cache->generations;
        slot->used = text_size(&slot->content) <= REMEMBERED_MOST;
    }
    *ret_thread = &slot->content;
    *ret_generation = slot->generation;
    return true;
}
