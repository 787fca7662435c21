/*
 * The threads of a mail of several, and what of any mail's threads remains when the law was asked.
 *
 * A roundup has a part for each thread. A digest has one for all that its reader watches in its
 * mode, and one for each thread of which something is owed: what a change of mode overtook.
 */
#include <stdlib.h>
#include <string.h>

#include "services/compose/composer_internal.h"
#include "services/compose/notice_values.h"
#include "store/content_range.h"
#include "store/content_thread.h"
#include "store/delivery.h"

/* Generations of roundups are never those of the caches. */
#define ROUNDUP_GENERATIONS (UINT64_C(1) << 63)

/* While a digest is gathered. */
struct gathering {
    struct composer_worker *worker;
    struct db *db;
    int64_t now_ms;
    struct gathered *g;
    struct content_part_list parts;
    const struct content_part *own;   /* the digest's, NULL: a roundup */
    struct content_delivery delivery; /* with the digest's range */
    struct error *err;
};

static struct letter_thread *add_thread(struct gathering *k, const struct content_part *part)
{
    struct letter_thread *t = &k->g->threads[k->g->thread_count++];

    t->part = *part;
    return t;
}

/* A thread with a part of its own. */
static bool read_part(struct gathering *k, const struct content_part *part)
{
    struct arena *arena = &k->worker->arena;
    struct letter_thread *t = add_thread(k, part);
    struct notice_thread *thread = ARENA_NEW(arena, struct notice_thread);
    struct content_delivery range = k->g->delivery;

    range.thread = part->thread;
    range.from_seq = part->from_seq;
    range.to_seq = part->to_seq;
    t->thread = thread;
    if (!content_read_thread(k->db, arena, &range, thread, k->err) ||
        !content_read_reader(k->db, arena, &k->g->delivery, thread, k->now_ms, &t->reader, k->err))
        return false;
    if (k->own != NULL && !part->put_off)
        t->reader.owed_before = k->own->from_seq;
    return true;
}

static bool has_own_part(const struct gathering *k, int64_t thread)
{
    for (size_t i = 0; i < k->parts.n; i++)
        if (k->parts.at[i].thread == thread)
            return true;
    return false;
}

/* A thread of the digest's range. */
static bool read_of_range(struct gathering *k, struct range *range, int64_t thread,
                          const struct content_person *person, struct arena *arena)
{
    const struct content_part part = { .thread = thread,
                                       .from_seq = k->own->from_seq,
                                       .to_seq = k->own->to_seq };
    struct letter_thread *t;

    if (has_own_part(k, thread))
        return true;
    t = add_thread(k, &part);
    if (!range_thread(range, k->db, &k->delivery, thread, &t->thread, k->err))
        return false;
    content_person_reader(person, &k->g->delivery, t->thread, arena, &t->reader);
    return true;
}

/* Parts of their own first, then all else in the range. */
static bool read_threads(struct gathering *k, struct range *range,
                         const struct content_person *person, struct arena *arena)
{
    struct content_ids ids = { .n = 0 };

    if (range != NULL &&
        !content_range_threads(k->db, &k->worker->arena, &k->delivery, k->g->mode, &ids, k->err))
        return false;
    k->g->threads = ARENA_ARRAY(arena, struct letter_thread, k->parts.n + ids.n);
    for (size_t i = 0; i < k->parts.n; i++)
        if (&k->parts.at[i] != k->own && !read_part(k, &k->parts.at[i]))
            return false;
    for (size_t i = 0; i < ids.n; i++)
        if (!read_of_range(k, range, ids.at[i], person, arena))
            return false;
    gather_judge(k->g, k->now_ms, arena);
    return true;
}

static bool read_digest(struct gathering *k)
{
    struct composer_worker *w = k->worker;
    struct gathered *g = k->g;
    struct content_person person;
    struct range *range;

    if (!range_cache_find(w->ranges, k->db, &k->delivery, k->now_ms, &range, k->err) ||
        !content_person_read(k->db, &w->arena, &k->delivery, k->now_ms, &person, k->err))
        return false;
    g->generation = range_generation(range);
    g->is_shared = k->parts.n == 1 && !gather_has_say(w) &&
                   range_view(range, &k->delivery, g->mode, &person, g->view);
    if (!g->is_shared) {
        g->generation = ROUNDUP_GENERATIONS + ++w->generations;
        return read_threads(k, range, &person, &w->arena);
    }
    if (range_recall(range, g->view, g))
        return true;
    if (!read_threads(k, range, &person, range_arena(range)))
        return false;
    range_remember(range, g->view, g);
    return true;
}

static const struct content_part *find_own(const struct content_part_list *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->at[i].thread == DELIVERY_PART_DIGEST)
            return &parts->at[i];
    return NULL;
}

bool gather_digest(struct composer_worker *worker, struct db *db, int64_t now_ms,
                   struct gathered *gathered, struct error *err)
{
    struct gathering k = {
        .worker = worker, .db = db, .now_ms = now_ms, .g = gathered, .err = err
    };

    if (!content_parts_read(db, &worker->arena, gathered->delivery.id, &k.parts, err))
        return false;
    k.own = find_own(&k.parts);
    k.delivery = gathered->delivery;
    if (k.own == NULL) {
        gathered->generation = ROUNDUP_GENERATIONS + ++worker->generations;
        return read_threads(&k, NULL, NULL, &worker->arena);
    }
    k.delivery.from_seq = k.own->from_seq;
    k.delivery.to_seq = k.own->to_seq;
    return read_digest(&k);
}

static bool find_container_hidden(const struct letter_thread *t)
{
    size_t container;
    size_t label;

    if (!notice_container(t->thread, &container))
        return false;
    label = t->thread->topics[container].label;
    return label != 0 && !t->reader.granted[label - 1];
}

static int64_t newest_seq(const struct letter_thread *t)
{
    return t->thread->events[t->content.told[t->content.told_count - 1]].seq;
}

/* Being addressed comes first, then the nearer watch, then the newer news. */
static int compare(const void *a, const void *b)
{
    const struct letter_thread *s = a;
    const struct letter_thread *t = b;
    int64_t s_rank = why_rank(s->content.why);
    int64_t t_rank = why_rank(t->content.why);

    if (s_rank != t_rank)
        return s_rank < t_rank ? -1 : 1;
    return newest_seq(s) > newest_seq(t) ? -1 : 1;
}

/* When nothing is to be told, what kept the last thread from it is the reason; that somebody may
 * not be told weighs less than that there is nothing, and most that there will be something. */
static bool is_not_needed(const char *reason)
{
    return strcmp(reason, sight_reason(SIGHT_NOT_NEEDED)) == 0;
}

static void take_refusal(struct gathered *g, const struct notice_content *content)
{
    if (content->verdict == LETTER_WAITS) {
        if (g->verdict != LETTER_WAITS || content->put_off_until < g->wait_until)
            g->wait_until = content->put_off_until;
        g->verdict = LETTER_WAITS;
        g->reason = content->reason;
    }
    if (g->verdict == LETTER_WAITS || (g->reason != NULL && is_not_needed(content->reason)))
        return;
    if (g->reason != NULL && g->verdict == LETTER_NOTHING && content->verdict != LETTER_NOTHING)
        return;
    g->verdict = content->verdict;
    g->reason = content->reason;
}

/* What the application wants left out of the mail, for now or for good. */
static void note_sight(struct gathered *g, const struct letter_thread *t)
{
    const struct notice_content *content = &t->content;
    const struct notice_event *events = t->thread->events;

    if (t->reader.sights == NULL)
        return;
    for (size_t i = 0; i < content->omitted_count; i++)
        g->omitted[g->omitted_count++] = (struct letter_omission){
            .thread = t->part.thread,
            .seq = events[content->omitted[i]].seq,
            .reason = sight_reason(notice_sight(&t->reader, content->omitted[i])),
        };
    if (content->put_off != 0)
        g->cuts[g->cut_count++] = (struct letter_cut){ .thread = t->part.thread,
                                                       .seq = events[content->put_off - 1].seq,
                                                       .until = content->put_off_until,
                                                       .why = content->put_off_why };
}

void gather_judge(struct gathered *gathered, int64_t now_ms, struct arena *arena)
{
    const struct notice_time time = { letter_date(gathered, now_ms), gathered->delivery.deadline };
    size_t n = 0;

    gathered->verdict = LETTER_NOTHING;
    gathered->reason = gathered->is_digest && gathered->thread_count == 0 ? "told" : NULL;
    for (size_t i = 0; i < gathered->thread_count; i++) {
        struct letter_thread *t = &gathered->threads[i];

        t->reader.time = time;
        t->reader.digest = gathered->mode == WATCH_NOW ? WATCH_MUTE : gathered->mode;
        notice_content_make(t->thread, &t->reader, arena, &t->content);
        note_sight(gathered, t);
        gathered->any_redacted = gathered->any_redacted || t->content.any_redacted;
        if (t->content.verdict != LETTER_READY) {
            take_refusal(gathered, &t->content);
            continue;
        }
        t->container_hidden = find_container_hidden(t);
        gathered->threads[n++] = *t;
    }
    gathered->thread_count = n;
    if (n == 0)
        return;
    gathered->verdict = LETTER_READY;
    gathered->reason = "";
    if (gathered->is_digest)
        qsort(gathered->threads, n, sizeof(gathered->threads[0]), compare);
}
