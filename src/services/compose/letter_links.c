/*
 * One click must end what the mail was sent for. A mute ends what a watch told, also of those that
 * are farther away; who is addressed has to be left in peace by name; and a mail of many topics has
 * only all of them in common.
 */
#include "services/compose/letter_links.h"

#include "base/cleanup.h"
#include "domain/mail_button.h"
#include "services/compose/composer_internal.h"

enum { LINK_MOST = 2100 };

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

void letter_links_make(struct composer_worker *worker, const struct gathered *gathered,
                       struct notice_links *ret_links)
{
    struct span base = span_of(worker->composer->options.settings->public_url);
    struct linking l = { worker, base, gathered->delivery.person };
    struct notice_links links = { .mute = SPAN("") };

    if (span_ends(base, SPAN("/")))
        l.base.n--;
    if (base.n > 0 && base.n < LINK_MOST / 2) {
        links.settings = settings(&l);
        if (gathered->is_digest)
            links.one_click = links.all_off = button(&l, BUTTON_UNSUBSCRIBE, 0);
        else
            link_thread(&l, &gathered->threads[0], &links);
    }
    *ret_links = links;
}
