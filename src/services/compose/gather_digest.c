/*
 * The threads of a mail of several, and what of any mail's threads remains when the law was asked.
 */
#include <stdlib.h>

#include "base/table.h"
#include "services/compose/composer_internal.h"
#include "services/compose/notice_values.h"
#include "store/content_part.h"
#include "store/content_thread.h"

/* Generations of digests are never those of the thread cache. */
#define DIGEST_GENERATIONS (UINT64_C(1) << 63)

static bool read_thread(struct db *db, struct arena *arena, int64_t now_ms, struct gathered *g,
                        const struct content_part *part, struct error *err)
{
    struct letter_thread *t = &g->threads[g->thread_count++];
    struct notice_thread *thread = ARENA_ARRAY(arena, struct notice_thread, 1);

    t->delivery = g->delivery;
    t->delivery.thread = part->thread;
    t->delivery.from_seq = part->from_seq;
    t->delivery.to_seq = part->to_seq;
    t->delivery.last_message_id = part->last_message_id;
    t->delivery.owed = part->owed;
    t->thread = thread;
    return content_read_thread(db, arena, &t->delivery, thread, err) &&
           content_read_reader(db, arena, &t->delivery, thread, now_ms, &t->reader, err);
}

bool gather_digest(struct composer_worker *worker, struct db *db, int64_t now_ms,
                   struct gathered *gathered, struct error *err)
{
    struct content_part_list parts;

    if (!content_parts_read(db, &worker->arena, gathered->delivery.id, &parts, err))
        return false;
    gathered->threads = ARENA_ARRAY(&worker->arena, struct letter_thread, parts.n);
    gathered->generation = DIGEST_GENERATIONS + ++worker->generations;
    for (size_t i = 0; i < parts.n; i++)
        if (!read_thread(db, &worker->arena, now_ms, gathered, &parts.at[i], err))
            return false;
    return true;
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
 * not be told weighs less than that there is nothing. */
static void take_refusal(struct gathered *g, const struct notice_content *content)
{
    if (g->reason != NULL && g->verdict == LETTER_NOTHING && content->verdict != LETTER_NOTHING)
        return;
    g->verdict = content->verdict;
    g->reason = content->reason;
}

void gather_judge(struct gathered *gathered, int64_t date_ms, struct arena *arena)
{
    size_t n = 0;

    gathered->verdict = LETTER_NOTHING;
    for (size_t i = 0; i < gathered->thread_count; i++) {
        struct letter_thread *t = &gathered->threads[i];

        t->reader.time = (struct notice_time){ date_ms, gathered->delivery.deadline };
        t->reader.digest = gathered->mode == WATCH_NOW ? WATCH_MUTE : gathered->mode;
        notice_content_make(t->thread, &t->reader, arena, &t->content);
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
