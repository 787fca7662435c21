/*
 * Copies of records, bounded by the bytes on their way.
 */
#include "services/delivery/live_watch.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "io/mailbox.h"

struct live_watch {
    char name[LIVE_NAME_ROOM];
    struct mailbox *box;
    void *owner;
    size_t senders; /* that have it */
    atomic_long queued_bytes;
    atomic_long lost;
};

struct live_watch *live_watch_new(struct span name, struct mailbox *box, void *owner)
{
    struct live_watch *watch = NEW(struct live_watch);

    span_copy(name, watch->name, sizeof watch->name);
    watch->box = box;
    watch->owner = owner;
    atomic_init(&watch->queued_bytes, 0);
    atomic_init(&watch->lost, 0);
    return watch;
}

void live_watch_free(struct live_watch *watch)
{
    alloc_free(watch);
}

void *live_watch_owner(const struct live_watch *watch)
{
    return watch->owner;
}

static long weight_of(const struct live_record *record)
{
    return (long)(sizeof(*record) + record->n);
}

bool live_watch_take(struct live_record *record)
{
    struct live_watch *watch = record->watch;
    bool is_goodbye = record->is_goodbye;

    (void)atomic_fetch_sub(&watch->queued_bytes, weight_of(record));
    alloc_free(record);
    return is_goodbye && --watch->senders == 0;
}

int64_t live_watch_lost(struct live_watch *watch)
{
    return atomic_exchange(&watch->lost, 0);
}

void live_watch_expect(struct live_watch *watch, size_t senders)
{
    watch->senders = senders;
}

void live_watches_add(struct live_watches *w, struct live_watch *watch)
{
    if (w->n < LIVE_WATCHES_MOST)
        w->at[w->n++] = watch;
}

static void post(struct live_watch *watch, struct live_record *record)
{
    record->watch = watch;
    (void)atomic_fetch_add(&watch->queued_bytes, weight_of(record));
    mailbox_post(watch->box, &record->link);
}

static struct live_record *record_new(size_t n)
{
    struct live_record *record = alloc_zeroed(sizeof(struct live_record) + n);

    list_init(&record->link);
    record->n = n;
    return record;
}

void live_watches_drop(struct live_watches *w, struct live_watch *watch)
{
    struct live_record *record = record_new(0);

    for (size_t i = w->n; i > 0; i--)
        if (w->at[i - 1] == watch)
            w->at[i - 1] = w->at[--w->n];
    record->is_goodbye = true;
    post(watch, record);
}

static bool is_about(const struct live_watch *watch, const struct live_scene *scene)
{
    struct span name = span_of(watch->name);

    return span_equal_nocase(name, scene->domain) || span_equal_nocase(name, scene->site) ||
           span_equal_nocase(name, scene->host);
}

static void hand(struct live_watch *watch, const struct live_scene *scene, struct span packed)
{
    struct live_record *record;

    if (atomic_load(&watch->queued_bytes) > LIVE_QUEUE_BYTES) {
        (void)atomic_fetch_add(&watch->lost, 1);
        return;
    }
    record = record_new(packed.n);
    record->session = scene->session;
    record->at = scene->at;
    span_copy(scene->host, record->host, sizeof record->host);
    span_copy(scene->domain, record->domain, sizeof record->domain);
    record->delivery = scene->delivery;
    memcpy(record->packed, packed.at, packed.n);
    post(watch, record);
}

void live_watches_hear(const struct live_watches *w, const struct live_scene *scene,
                       struct span packed)
{
    for (size_t i = 0; i < w->n; i++)
        if (is_about(w->at[i], scene))
            hand(w->at[i], scene, packed);
}
