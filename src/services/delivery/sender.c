/*
 * The loop's thread, its mailboxes, and the end of it all.
 */
#include "services/delivery/sender.h"

#include "base/alloc.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/tls_tickets.h"
#include "io/worker.h"
#include "services/delivery/channel_internal.h"
#include "services/delivery/composing.h"
#include "services/delivery/mailing.h"
#include "services/delivery/sender_internal.h"

/* How long, once told to stop, a server may take to answer for a mail that is on its way. */
enum { GRACE_MS = 5000 };

void sender_look_stopped(struct sender *s)
{
    struct sender_report *report;

    if (!s->is_stopping || s->has_stopped || s->mailings > 0 || !list_empty(&s->channels))
        return;
    s->has_stopped = true;
    timer_stop(&s->grace);
    report = NEW(struct sender_report);
    report->what = SENDER_STOPPED;
    mailbox_post(s->options.reports, &report->link);
}

static void stop(struct sender *s)
{
    s->is_stopping = true;
    timer_start(&s->grace, GRACE_MS);
    LIST_EACH (&s->channels, link)
        channel_halt(channel_of_link(link));
    sender_look_stopped(s);
}

static void on_grace_over(void *owner)
{
    struct sender *s = owner;

    LIST_EACH (&s->channels, link)
        channel_drop(channel_of_link(link));
    sender_look_stopped(s);
}

static void take_keep(struct sender *s, struct span key)
{
    struct dialogue_keep keep;

    if (dialogue_keep_read(key, &keep))
        keeping_take(&s->keeping, &keep);
}

static void take_keeps(struct sender *s, const struct dialogue_keep_list *keeps)
{
    for (size_t i = 0; keeps != NULL && i < keeps->n; i++)
        keeping_take(&s->keeping, &keeps->at[i]);
}

static void obey(struct sender *s, struct sender_order *order)
{
    switch (order->what) {
    case ORDER_CARRY:
        channel_obey_carry(order->channel, order->claim);
        alloc_free(order);
        break;
    case ORDER_QUIT:
        channel_obey_quit(order->channel);
        alloc_free(order);
        break;
    case ORDER_RECALL:
        channel_obey_recall(order->channel);
        alloc_free(order);
        break;
    case ORDER_KEEP:
        take_keep(s, span_of(order->keep));
        alloc_free(order->keep);
        alloc_free(order);
        break;
    case ORDER_WATCH:
        live_watches_add(&s->watches, order->watch);
        alloc_free(order);
        break;
    case ORDER_UNWATCH:
        live_watches_drop(&s->watches, order->watch);
        alloc_free(order);
        break;
    case ORDER_STOP:
        stop(s);
        break;
    }
}

static void on_orders(void *owner, struct list *posted)
{
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        obey(owner, CONTAINER_OF(item, struct sender_order, link));
    }
}

void sender_obey(struct sender *s, struct sender_order *order)
{
    mailbox_post(s->orders, &order->link);
}

struct sender *sender_new(const struct sender_options *options)
{
    struct sender *s = NEW(struct sender);

    s->options = *options;
    s->loop = loop_new("sender");
    s->orders = mailbox_new(s->loop, on_orders, s);
    s->letters = mailbox_new(s->loop, mailing_on_letters, s);
    s->sights = mailbox_new(s->loop, mailing_on_sights, s);
    s->answers = mailbox_new(s->loop, mailing_on_answers, s);
    s->tickets = tls_tickets_new();
    s->composers = composing_pool_new(s->loop, options->engine);
    random_seed(&s->chance, options->seed);
    list_init(&s->channels);
    take_keeps(s, options->engine->keeps);
    timer_init(&s->grace, s->loop, on_grace_over, s);
    return s;
}

void sender_start(struct sender *s)
{
    s->has_started = true;
    loop_start(s->loop);
}

void sender_figures(const struct sender *s, struct figure_sums *sums)
{
    figure_sums_add(sums, &s->figures);
}

static void give_watch_order(struct sender *s, bool is_begun, struct live_watch *watch)
{
    struct sender_order *order = NEW(struct sender_order);

    order->what = is_begun ? ORDER_WATCH : ORDER_UNWATCH;
    order->watch = watch;
    sender_obey(s, order);
}

void sender_watch(struct sender *s, struct live_watch *watch)
{
    give_watch_order(s, true, watch);
}

void sender_unwatch(struct sender *s, struct live_watch *watch)
{
    give_watch_order(s, false, watch);
}

bool sender_records(const struct sender *s)
{
    return s->options.engine->settings->keep_dialogues > 0 || s->keeping.n > 0 || s->watches.n > 0;
}

void sender_hear(struct sender *s, struct live_scene *scene, struct span packed)
{
    if (s->watches.n == 0)
        return;
    scene->at = loop_now_ms(s->loop);
    live_watches_hear(&s->watches, scene, packed);
}

int64_t sender_number_session(struct sender *s)
{
    enum { SENDERS_ROOM = 16 };

    return ++s->session_n * SENDERS_ROOM + (int64_t)s->options.number;
}

void sender_keep(struct sender *s, const char *key)
{
    struct sender_order *order = NEW(struct sender_order);

    order->what = ORDER_KEEP;
    order->keep = alloc_text(key);
    sender_obey(s, order);
}

void sender_stop(struct sender *s)
{
    s->stop_order = (struct sender_order){ .what = ORDER_STOP };
    sender_obey(s, &s->stop_order);
}

void sender_free(struct sender *s)
{
    if (s->has_started) {
        loop_stop(s->loop);
        loop_join(s->loop);
    }
    worker_pool_free(s->composers);
    timer_stop(&s->grace);
    mailbox_free(s->orders);
    mailbox_free(s->letters);
    mailbox_free(s->sights);
    mailbox_free(s->answers);
    loop_free(s->loop);
    tls_tickets_free(s->tickets);
    alloc_free(s);
}
