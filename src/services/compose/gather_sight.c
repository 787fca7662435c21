/*
 * What the application says of a mail's events. The law was asked of them before: only what a
 * person is to be told is asked about. A mail that is made again after an attempt in doubt takes
 * its answers from the intent, so that it comes out the same; the fresh ones then only say whether
 * it may go.
 */
#include <string.h>

#include "base/alloc.h"
#include "services/compose/composer_internal.h"
#include "services/request/sight_json.h"

enum { RECORD_MOST = SIGHT_ITEMS_MOST * 64 + 1024 * 1024 };

static const struct sight_answer plain_yes = { .word = SIGHT_YES };

/* While one letter's answers are looked at. */
struct seeing {
    struct composer_worker *worker;
    struct gathered *g;
    const struct letter_order *order;
    struct letter *letter;
    size_t told; /* events, of which SIGHT_ITEMS_MOST are asked about */
};

bool gather_has_say(const struct composer_worker *worker)
{
    const struct visibility_settings *v = &worker->composer->options.settings->visibility;

    return v->url != NULL || v->module != NULL;
}

static const struct sight_answer *find_answer(const struct sight_sheet *sheet, int64_t event)
{
    const struct sight_item *item = sheet != NULL ? sight_sheet_find(sheet, event) : NULL;

    return item != NULL ? &item->answer : NULL;
}

/* Calls `take` for each event that is told, and for no more than are asked about, until it says
 * no. */
static bool each_told(struct seeing *s,
                      bool (*take)(struct seeing *s, const struct letter_thread *t, size_t event))
{
    size_t n = 0;

    for (size_t i = 0; i < s->g->thread_count; i++) {
        const struct letter_thread *t = &s->g->threads[i];

        for (size_t k = 0; k < t->content.told_count && n < SIGHT_ITEMS_MOST; k++, n++)
            if (!take(s, t, t->content.told[k]))
                return false;
    }
    return true;
}

static bool is_answered(struct seeing *s, const struct letter_thread *t, size_t event)
{
    return find_answer(s->order->sheet, t->thread->events[event].id) != NULL;
}

/* ---- asking ---- */

static struct span label_of(const struct notice_thread *thread, const struct notice_event *event)
{
    size_t label = event->label != 0 ? event->label : thread->topics[event->topic].label;

    return label != 0 ? thread->labels[label - 1] : SPAN("");
}

static bool ask_about(struct seeing *s, const struct letter_thread *t, size_t index)
{
    struct sight_sheet *sheet = s->letter->asks;
    const struct notice_event *event = &t->thread->events[index];
    const struct notice_topic *topics = t->thread->topics;

    sheet->items[sheet->count++] = (struct sight_item){
        .event = event->id,
        .key = arena_copy(&sheet->arena, event->key),
        .kind = arena_copy(&sheet->arena, event->kind),
        .topic = arena_copy(&sheet->arena, topics[event->topic].key),
        .thread = arena_copy(&sheet->arena, topics[t->thread->topic].key),
        .label = arena_copy(&sheet->arena, label_of(t->thread, event)),
    };
    return true;
}

static void ask(struct seeing *s)
{
    const struct content_delivery *d = &s->g->delivery;
    struct sight_sheet *sheet =
        sight_sheet_new(s->told < SIGHT_ITEMS_MOST ? s->told : SIGHT_ITEMS_MOST);

    sheet->person = arena_copy(&sheet->arena, d->person_key);
    sheet->address = arena_copy(&sheet->arena, d->address);
    s->letter->asks = sheet;
    s->letter->verdict = LETTER_ASKS;
    (void)each_told(s, ask_about);
    sight_sheet_sort(sheet);
}

/* ---- answers ---- */

/* What counts for an event: of a mail made again what it was made with then, of which a plain yes
 * is not on record. What is not asked about now was not told then, either. */
static const struct sight_answer *answer_for(const struct seeing *s, int64_t event)
{
    const struct sight_answer *fresh = find_answer(s->order->sheet, event);
    const struct sight_answer *answer;

    if (!s->g->again)
        return fresh;
    answer = find_answer(s->worker->recorded, event);
    if (answer == NULL && fresh == NULL && s->order->sheet != NULL)
        return NULL;
    return answer != NULL ? answer : &plain_yes;
}

static void give_answers(struct seeing *s, struct letter_thread *t)
{
    const struct sight_answer **sights =
        ARENA_ARRAY(&s->worker->arena, const struct sight_answer *, t->thread->event_count);

    for (size_t i = 0; i < t->content.told_count; i++)
        sights[t->content.told[i]] = answer_for(s, t->thread->events[t->content.told[i]].id);
    t->reader.sights = sights;
}

static void judge_again(struct seeing *s)
{
    struct gathered *g = s->g;

    g->omitted = ARENA_ARRAY(&s->worker->arena, struct letter_omission, s->told);
    g->cuts = ARENA_ARRAY(&s->worker->arena, struct letter_cut, g->thread_count);
    for (size_t i = 0; i < g->thread_count; i++)
        give_answers(s, &g->threads[i]);
    gather_judge(g, s->order->now_ms, &s->worker->arena);
}

/* A mail in doubt may go again unless something in it may not be seen any more. */
static bool may_go_again(struct seeing *s, const struct letter_thread *t, size_t event)
{
    const struct sight_answer *answer = find_answer(s->order->sheet, t->thread->events[event].id);

    if (answer != NULL && (answer->word == SIGHT_YES || answer->word == SIGHT_LATER))
        return true;
    letter_conclude(s->letter, LETTER_NOTHING,
                    answer != NULL && answer->word == SIGHT_NOT_NEEDED
                        ? sight_reason(SIGHT_NOT_NEEDED)
                        : "hidden_in_doubt");
    return false;
}

static void take_over(struct seeing *s)
{
    const struct gathered *g = s->g;
    struct letter *letter = s->letter;

    letter->seen_at = s->order->sheet != NULL ? s->order->sheet->answered_at : 0;
    buf_init(&letter->sight, RECORD_MOST);
    if (g->again)
        buf_put(&letter->sight, g->intent.sight);
    else
        sight_record_put(&letter->sight, s->order->sheet);
    letter->omitted_count = g->omitted_count;
    letter->omitted = alloc_zeroed((g->omitted_count + 1) * sizeof letter->omitted[0]);
    memcpy(letter->omitted, g->omitted, g->omitted_count * sizeof letter->omitted[0]);
    letter->cut_count = g->cut_count;
    letter->cuts = alloc_zeroed((g->cut_count + 1) * sizeof letter->cuts[0]);
    memcpy(letter->cuts, g->cuts, g->cut_count * sizeof letter->cuts[0]);
}

static bool settle(struct seeing *s, bool has_say)
{
    struct gathered *g = s->g;

    judge_again(s);
    if (g->verdict != LETTER_READY) {
        letter_conclude(s->letter, g->verdict, g->reason);
        s->letter->wait_until = g->wait_until;
        return false;
    }
    if (g->again && has_say && !each_told(s, may_go_again))
        return false;
    take_over(s);
    return true;
}

/* What the last intent says was answered then; nothing of it: yes to all. */
static void read_record(struct seeing *s)
{
    sight_sheet_free(s->worker->recorded);
    s->worker->recorded = NULL;
    if (s->g->again && s->g->intent.sight.n > 0)
        s->worker->recorded = sight_record_read(s->g->intent.sight);
}

bool gather_sight(struct composer_worker *worker, struct gathered *gathered,
                  const struct letter_order *order, struct letter *letter)
{
    struct seeing s = { .worker = worker, .g = gathered, .order = order, .letter = letter };
    bool has_say = gather_has_say(worker);

    read_record(&s);
    if (!has_say && worker->recorded == NULL)
        return true;
    for (size_t i = 0; i < gathered->thread_count; i++)
        s.told += gathered->threads[i].content.told_count;
    if (!has_say || each_told(&s, is_answered))
        return settle(&s, has_say);
    ask(&s);
    return false;
}
