/*
 * One session at a time, and what is done with it next; what it tells is heard by channel_session.
 */
#include "services/delivery/channel.h"

#include "base/alloc.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "net/smtp_session.h"
#include "services/delivery/approach.h"
#include "services/delivery/channel_internal.h"
#include "services/delivery/channel_report.h"
#include "services/delivery/channel_session_internal.h"
#include "services/delivery/mailing.h"
#include "services/delivery/sender_internal.h"

/* ---- reports ---- */

static void on_slow_dot(void *owner)
{
    const struct channel *c = owner;
    struct sender_report *report = channel_report_new(c->options.owner);

    report->what = CHANNEL_WAITS;
    channel_report_post(c->sender, report);
}

static void return_queue(struct channel *c)
{
    struct list *item;

    while ((item = list_first(&c->queue)) != NULL)
        mailing_return(CONTAINER_OF(item, struct mailing, link), CLAIM_UNTRIED);
}

/* The dispatcher may free the channel from here on, so nobody is left who looks at it. */
static void report_end(void *owner)
{
    struct channel *c = owner;
    struct sender *sender = c->sender;

    list_remove(&c->link);
    channel_report_post(c->sender, c->last_report);
    sender_look_stopped(sender);
}

/* Nothing of it is left but the memory. `outcome`, if any, is why no host would serve. */
static void end(struct channel *c, const struct outcome *outcome)
{
    c->has_ended = true;
    timer_stop(&c->idle);
    timer_stop(&c->slow_dot);
    return_queue(c);
    c->last_report = channel_report_new(c->options.owner);
    c->last_report->what = CHANNEL_ENDED;
    c->last_report->unreachable = outcome != NULL;
    if (outcome != NULL)
        c->last_report->outcome = *outcome;
    loop_defer(c->sender->loop, report_end, c);
}

/* ---- mailings ---- */

struct mailing *channel_first_composed(const struct channel *c)
{
    LIST_EACH (&c->queue, link) {
        struct mailing *m = CONTAINER_OF(link, struct mailing, link);

        if (m->is_composed)
            return m;
    }
    return NULL;
}

/* ---- sessions ---- */

static void exhaust(struct channel *c);

static void approach_host(struct channel *c, struct mailing *lead)
{
    if (lead->began_ms == 0)
        lead->began_ms = loop_monotonic_ms(c->sender->loop);
    c->carried = 0;
    c->since_ms = loop_monotonic_ms(c->sender->loop);
    c->is_ready = false;
    c->was_ready = false;
    c->is_leaving = false;
    c->is_changing = false;
    c->is_full = false;
    if (!approach_start(&c->approach))
        exhaust(c);
}

static void leave_session(struct channel *c)
{
    c->is_ready = false;
    c->is_leaving = true;
    timer_stop(&c->idle);
    smtp_session_quit(c->session);
}

int64_t channel_session_ms(const struct channel *c)
{
    return loop_monotonic_ms(c->sender->loop) - c->since_ms;
}

void channel_drop_session(struct channel *c)
{
    approach_stop(&c->approach);
    if (c->session == NULL)
        return;
    figure_add(&c->sender->figures, FIGURE_CONNECTIONS, -1);
    smtp_session_close(c->session);
    c->session = NULL;
    c->is_ready = false;
}

/* The session has it at hand from now on. */
void channel_take_up(struct channel *c, struct mailing *m)
{
    c->current = m;
    if (m != NULL && m->began_ms == 0)
        m->began_ms = loop_monotonic_ms(c->sender->loop);
}

static void send_mail(struct channel *c, struct mailing *m)
{
    timer_stop(&c->idle);
    list_remove(&m->link);
    channel_take_up(c, m);
    c->is_ready = false;
    mailing_set_out(m);
    smtp_session_send(c->session, &m->mail);
}

/* All hosts have failed the mail whose pass it was. When they would not even serve, others would
 * meet the same. */
static void exhaust(struct channel *c)
{
    struct mailing *lead = channel_first_composed(c);
    int64_t delivery;
    struct outcome outcome;

    approach_begin_pass(&c->approach);
    if (lead != NULL && mailing_end_pass(lead, &outcome)) {
        delivery = lead->claim->delivery;
        mailing_record(lead, &outcome);
        if (outcome.class == OUTCOME_RETRY) {
            end(c, &outcome);
            c->last_report->delivery = delivery;
        }
    }
    channel_go_on(c);
}

static void without_session(struct channel *c)
{
    struct mailing *lead = channel_first_composed(c);

    if (c->sender->is_stopping)
        end(c, NULL);
    else if (lead != NULL)
        approach_host(c, lead);
    else if (list_empty(&c->queue))
        end(c, NULL);
}

static bool is_used_up(const struct channel *c)
{
    const struct channel_options *o = &c->options;
    int64_t used_ms = channel_session_ms(c);
    int64_t mails = c->carried + (c->current != NULL);

    return c->is_full || (o->mails_most != 0 && mails >= o->mails_most) ||
           (o->ms_most != 0 && used_ms >= o->ms_most);
}

/* Behind a mail whose content is on its way the next one need not wait for the answer. */
void channel_line_up(struct channel *c)
{
    struct mailing *m = channel_first_composed(c);

    if (m == NULL || c->next != NULL || !mailing_is_granted(c->current) || is_used_up(c))
        return;
    list_remove(&m->link);
    mailing_set_out(m);
    c->next = m;
    smtp_session_follow(c->session, &m->mail);
}

static void with_ready_session(struct channel *c)
{
    struct mailing *m = channel_first_composed(c);

    if (c->is_changing || is_used_up(c) || (c->is_to_quit && list_empty(&c->queue)))
        leave_session(c);
    else if (m != NULL)
        send_mail(c, m);
    else if (!timer_running(&c->idle))
        timer_start(&c->idle, c->options.idle_ms);
}

void channel_go_on(struct channel *c)
{
    if (c->has_ended)
        return;
    if (c->current != NULL)
        channel_line_up(c);
    else if (approach_is_on(&c->approach))
        return;
    else if (c->session == NULL)
        without_session(c);
    else if (c->is_ready)
        with_ready_session(c);
}

static void on_idle(void *owner)
{
    struct channel *c = owner;

    if (c->is_ready)
        leave_session(c);
}

/* ---- orders ---- */

static void give_back(struct channel *c, struct claim *claim)
{
    claim->ending = CLAIM_UNTRIED;
    mailbox_post(c->sender->options.claims, &claim->link);
}

void channel_obey_carry(struct channel *c, struct claim *claim)
{
    struct mailing *m;

    if (c->has_ended || c->sender->is_stopping) {
        give_back(c, claim);
        return;
    }
    if (list_empty(&c->link))
        list_append(&c->sender->channels, &c->link);
    m = mailing_new(c->sender, c, claim);
    list_append(&c->queue, &m->link);
}

static void confirm(const struct channel *c)
{
    struct sender_report *report = channel_report_new(c->options.owner);

    report->what = CHANNEL_TOLD;
    channel_report_post(c->sender, report);
}

void channel_obey_quit(struct channel *c)
{
    c->is_to_quit = true;
    confirm(c);
    channel_go_on(c);
}

/* What has not begun goes back. */
static void return_unbegun(struct channel *c)
{
    return_queue(c);
    if (c->next != NULL && smtp_session_withdraw(c->session)) {
        mailing_return(c->next, CLAIM_UNTRIED);
        c->next = NULL;
    }
}

void channel_obey_recall(struct channel *c)
{
    confirm(c);
    if (c->has_ended)
        return;
    return_unbegun(c);
    channel_go_on(c);
}

void channel_halt(struct channel *c)
{
    if (c->has_ended)
        return;
    return_unbegun(c);
    if (c->current == NULL) {
        channel_drop_session(c);
        end(c, NULL);
    } else if (c->current->leave == MAILING_UNASKED) {
        smtp_session_withhold(c->session);
    }
}

void channel_drop(struct channel *c)
{
    struct mailing *const mailings[] = { c->current, c->next };

    if (c->has_ended)
        return;
    c->current = NULL;
    c->next = NULL;
    channel_drop_session(c);
    for (size_t i = 0; i < ARRAY_LENGTH(mailings); i++)
        if (mailings[i] != NULL)
            mailing_return(mailings[i], CLAIM_UNTRIED);
    end(c, NULL);
}

struct channel *channel_of_link(struct list *link)
{
    return CONTAINER_OF(link, struct channel, link);
}

/* ---- the dispatcher's side ---- */

static void give_order(struct sender_order order, struct channel *c)
{
    struct sender_order *given = NEW(struct sender_order);

    *given = order;
    given->channel = c;
    sender_obey(c->sender, given);
}

void channel_carry(struct channel *c, struct claim *claim)
{
    give_order((struct sender_order){ .what = ORDER_CARRY, .claim = claim }, c);
}

void channel_quit(struct channel *c)
{
    give_order((struct sender_order){ .what = ORDER_QUIT }, c);
}

void channel_recall(struct channel *c)
{
    give_order((struct sender_order){ .what = ORDER_RECALL }, c);
}

struct channel *channel_new(const struct channel_options *options)
{
    struct channel *c = NEW(struct channel);

    c->options = *options;
    c->sender = options->sender;
    c->approach = (struct approach){ .loop = c->sender->loop,
                                     .tickets = c->sender->tickets,
                                     .engine = c->sender->options.engine,
                                     .events = &channel_approach_events,
                                     .owner = c,
                                     .source_v4 = options->source_v4,
                                     .source_v6 = options->source_v6,
                                     .hosts = options->hosts };
    list_init(&c->link);
    list_init(&c->queue);
    timer_init(&c->idle, c->sender->loop, on_idle, c);
    timer_init(&c->slow_dot, c->sender->loop, on_slow_dot, c);
    return c;
}

void channel_free(struct channel *c)
{
    host_order_fini(&c->approach.hosts);
    alloc_free(c);
}
