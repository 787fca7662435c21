/*
 * One click must end what the mail was sent for. A mute ends what a watch told, also of those that
 * are farther away; who is addressed has to be left in peace by name; and a mail of many topics has
 * only all of them in common.
 */
#include "services/compose/letter_links.h"

#include "base/cleanup.h"
#include "domain/mail_button.h"
#include "services/compose/composer_internal.h"

enum { LINK_MOST = 2100, DAY_MS = 86400000 };

struct linking {
    struct composer_worker *worker;
    struct span base; /* public_url without the slash at its end */
    int64_t person;
};

static struct span finish(struct linking *l, struct buf *link)
{
    return arena_copy(&l->worker->arena, buf_view(link));
}

static struct span button(struct linking *l, enum button_act act, int64_t topic)
{
    CLEANUP(buf_fini) struct buf link;

    buf_init(&link, LINK_MOST);
    buf_put(&link, l->base);
    buf_put_text(&link, BUTTON_PATH);
    mail_button_put(&link, l->worker->keys, (struct mail_button){ l->person, act, topic });
    return finish(l, &link);
}

static struct span settings(struct linking *l)
{
    CLEANUP(buf_fini) struct buf link;

    buf_init(&link, LINK_MOST);
    buf_put(&link, l->base);
    buf_put_text(&link, SETTINGS_PATH);
    settings_token_put(&link, l->worker->keys, l->person);
    return finish(l, &link);
}

static void link_thread(struct linking *l, const struct letter_thread *t,
                        struct notice_links *links)
{
    const struct notice_topic *topics = t->thread->topics;
    int64_t own = topics[t->thread->topic].id;
    bool is_addressed = why_rank(t->content.why) < REASON_WATCH;
    int64_t watched = t->content.watched_count > 0 ? topics[t->content.watched[0]].id : 0;

    links->mute = button(l, is_addressed ? BUTTON_UNSUBSCRIBE : BUTTON_MUTE, own);
    links->one_click = is_addressed || watched == own || watched == 0
                           ? links->mute
                           : button(l, BUTTON_MUTE, watched);
    if (watched != 0 && watched != own)
        links->stop = button(l, BUTTON_STOP, watched);
    if (watched != 0)
        links->daily = button(l, BUTTON_DAILY, watched);
}

/* ---- what the person is asked ---- */

static struct span answer_url(struct linking *l, int64_t event, int number)
{
    CLEANUP(buf_fini) struct buf link;

    buf_init(&link, LINK_MOST);
    if (l->base.n == 0)
        return SPAN("");
    buf_put(&link, l->base);
    buf_put_text(&link, ANSWER_PATH);
    answer_link_put(&link, l->worker->keys, (struct answer_link){ l->person, event, number });
    return finish(l, &link);
}

static size_t count_answers(struct span answers)
{
    size_t n = answers.n > 0;

    for (size_t i = 0; i < answers.n; i++)
        n += answers.at[i] == ',';
    return n;
}

static void set_answers(struct linking *l, struct span answers, struct notice_question *question)
{
    size_t n = count_answers(answers);
    struct notice_answer *at = ARENA_ARRAY(&l->worker->arena, struct notice_answer, n);

    for (size_t i = 0; i < n; i++)
        at[i] = (struct notice_answer){ span_take_until(&answers, ','),
                                        answer_url(l, question->event, (int)i + 1) };
    question->answers = at;
    question->answer_count = n;
    question->url = answer_url(l, question->event, 0);
}

static bool is_asked(const struct notice_reader *reader, size_t event)
{
    for (size_t i = 0; i < reader->direct_count; i++)
        if (reader->directs[i].event == event)
            return true;
    return false;
}

/* Whatever was answered since: the page says so, and the same mail made again stays the same. */
static void ask_of_thread(struct linking *l, const struct letter_thread *t,
                          struct notice_links *links)
{
    const struct notice_topic *topic = &t->thread->topics[t->thread->topic];
    struct notice_question *questions =
        ARENA_ARRAY(&l->worker->arena, struct notice_question, QUESTIONS_MOST);
    size_t n = 0;

    for (size_t i = 0; i < t->content.told_count && n < QUESTIONS_MOST; i++) {
        const struct notice_event *event = &t->thread->events[t->content.told[i]];

        if (event->asks.n == 0 || event->secret || !is_asked(&t->reader, t->content.told[i]))
            continue;
        questions[n] = (struct notice_question){ .event = event->id, .name = event->title };
        if (event->title.n == 0)
            questions[n].name = topic->title.n > 0 ? topic->title : topic->key;
        set_answers(l, event->asks, &questions[n++]);
    }
    links->questions = questions;
    links->question_count = n;
}

static void ask_waiting(struct linking *l, const struct approval_waiting_list *waiting,
                        int64_t date_ms, struct notice_links *links)
{
    struct notice_question *questions =
        ARENA_ARRAY(&l->worker->arena, struct notice_question, waiting->n);

    for (size_t i = 0; i < waiting->n; i++) {
        questions[i] =
            (struct notice_question){ .event = waiting->at[i].event,
                                      .name = waiting->at[i].name,
                                      .days = (date_ms - waiting->at[i].asked_at) / DAY_MS };
        set_answers(l, waiting->at[i].answers, &questions[i]);
    }
    links->questions = questions;
    links->question_count = waiting->n;
    links->more_questions = waiting->more;
}

void letter_links_make(struct composer_worker *worker, const struct gathered *gathered,
                       int64_t date_ms, struct notice_links *ret_links)
{
    struct span base = span_of(worker->composer->options.settings->public_url);
    struct linking l = { worker, base, gathered->delivery.person };
    struct notice_links links = { .mute = SPAN("") };

    if (span_ends(base, SPAN("/")))
        l.base.n--;
    if (base.n >= LINK_MOST / 2)
        l.base = base = SPAN("");
    if (gathered->is_digest)
        ask_waiting(&l, &gathered->waiting, date_ms, &links);
    else
        ask_of_thread(&l, &gathered->threads[0], &links);
    if (base.n > 0) {
        links.settings = settings(&l);
        if (gathered->is_digest)
            links.one_click = links.all_off = button(&l, BUTTON_UNSUBSCRIBE, 0);
        else
            link_thread(&l, &gathered->threads[0], &links);
    }
    *ret_links = links;
}
