/*
 * One session at a time. `current` is the mail the session has at hand, `next` the one that is
 * lined up behind it once its content is out; the others stand in `queue`, the one whose pass it
 * is first. A session's end is a failure of its host only when it never became ready; what a mail
 * met with is judged by outcome_policy.
 */
#include "services/delivery/channel.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "net/smtp_session.h"
#include "protocol/smtp/dialogue.h"
#include "services/delivery/approach.h"
#include "services/delivery/channel_internal.h"
#include "services/delivery/channel_report.h"
#include "services/delivery/mailing.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/sender_internal.h"

/* So long after the content was given, a final dot's reply is slow: all has left by then. */
enum { SLOW_DOT_MS = 60000 };

struct channel {
    struct channel_options options;
    struct sender *sender;
    struct list link;  /* in the sender's list until it has ended */
    struct list queue; /* mailings that wait */
    struct mailing *current;
    struct mailing *next;
    struct timer idle;
    struct timer slow_dot; /* runs while the final dot may wait for its reply */
    struct approach approach;

    struct smtp_session *session;
    int64_t session_number;
    int64_t carried;  /* mails the session has had, */
    int64_t since_ms; /* from when on, monotonic */
    bool is_ready;    /* it waits for a mail */
    bool was_ready;   /* it did once */
    bool is_leaving;  /* we end it */
    bool is_changing; /* the next host is wanted */
    bool is_full;     /* it has no room for the mail at hand, another session has */

    bool is_reached; /* reported */
    bool is_to_quit;
    bool has_ended;
    struct sender_report *last_report;
};

/* ---- reports ---- */

static void report_reached(struct channel *c)
{
    struct sender_report *report;

    if (c->is_reached)
        return;
    c->is_reached = true;
    report = channel_report_new(c->options.owner);
    report->what = CHANNEL_REACHED;
    report->mails_told = smtp_session_offers(c->session)->mail_limit;
    channel_report_post(c->sender, report);
}

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

/* ---- the way ---- */

/* Notes where the session at hand goes, for the record. */
static void note_way(struct channel *c, struct mailing *m)
{
    const struct host_place *place = approach_place(&c->approach);
    struct endpoint local = smtp_session_local(c->session);

    mailing_way_set(&m->way, c->approach.hosts.plan.site_key, place->host, &place->ip, &local.ip,
                    smtp_session_tls(c->session));
}

/* ---- mailings ---- */

static struct mailing *first_composed(const struct channel *c)
{
    LIST_EACH (&c->queue, link) {
        struct mailing *m = CONTAINER_OF(link, struct mailing, link);

        if (m->is_composed)
            return m;
    }
    return NULL;
}

/* Its turn comes again, before all others. */
static void put_first(struct channel *c, struct mailing *m)
{
    list_remove(&m->link);
    list_prepend(&c->queue, &m->link);
}

/* ---- sessions ---- */

static const struct smtp_session_events session_events;

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

static int64_t session_ms(const struct channel *c)
{
    return loop_monotonic_ms(c->sender->loop) - c->since_ms;
}

static void drop_session(struct channel *c)
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
static void take_up(struct channel *c, struct mailing *m)
{
    c->current = m;
    if (m != NULL && m->began_ms == 0)
        m->began_ms = loop_monotonic_ms(c->sender->loop);
}

static void send_mail(struct channel *c, struct mailing *m)
{
    timer_stop(&c->idle);
    list_remove(&m->link);
    take_up(c, m);
    c->is_ready = false;
    mailing_set_out(m);
    smtp_session_send(c->session, &m->mail);
}

/* All hosts have failed the mail whose pass it was. When they would not even serve, others would
 * meet the same. */
static void exhaust(struct channel *c)
{
    struct mailing *lead = first_composed(c);
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
    struct mailing *lead = first_composed(c);

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
    int64_t used_ms = session_ms(c);
    int64_t mails = c->carried + (c->current != NULL);

    return c->is_full || (o->mails_most != 0 && mails >= o->mails_most) ||
           (o->ms_most != 0 && used_ms >= o->ms_most);
}

/* Behind a mail whose content is on its way the next one need not wait for the answer. */
static void line_up(struct channel *c)
{
    struct mailing *m = first_composed(c);

    if (m == NULL || c->next != NULL || !mailing_is_granted(c->current) || is_used_up(c))
        return;
    list_remove(&m->link);
    mailing_set_out(m);
    c->next = m;
    smtp_session_follow(c->session, &m->mail);
}

static void with_ready_session(struct channel *c)
{
    struct mailing *m = first_composed(c);

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
        line_up(c);
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

/* ---- what the session tells ---- */

static void on_ready(void *owner)
{
    struct channel *c = owner;

    c->is_ready = true;
    c->was_ready = true;
    channel_report_well(c->sender, c->options.owner, approach_place(&c->approach));
    report_reached(c);
    channel_go_on(c);
}

static void on_content_wanted(void *owner)
{
    struct channel *c = owner;

    mailing_ask_leave(c->current);
}

void channel_answered(struct channel *c, struct mailing *m)
{
    if (!mailing_is_granted(m)) {
        smtp_session_withhold(c->session);
        return;
    }
    line_up(c);
    timer_start(&c->slow_dot, SLOW_DOT_MS);
    smtp_session_content(c->session, buf_view(&m->letter.bytes));
}

/* Our side took the mail back: what the ledger said decides. */
static void withheld(struct channel *c, struct mailing *m)
{
    c->is_leaving = true;
    m->began_ms = 0;
    if (m->leave == MAILING_REFUSED) {
        mailing_return(m, CLAIM_REFUSED);
    } else if (m->leave != MAILING_ANSWERED || c->sender->is_stopping) {
        mailing_return(m, CLAIM_UNTRIED);
    } else if (m->leave_answer.leave == LEAVE_STALE) {
        put_first(c, m);
        mailing_compose(m);
    } else {
        mailing_return(m, CLAIM_SETTLED);
    }
}

/* Once leave is granted the store has it as being sent: what came of it is written down, whatever
 * it was. */
static void dispose(struct channel *c, struct mailing *m, const struct outcome *outcome)
{
    bool is_granted = mailing_is_granted(m);

    if (outcome_blames_session(outcome) && !is_granted) {
        mailing_heed(m, outcome);
        m->began_ms = 0;
        put_first(c, m);
    } else if (outcome_tries_next_host(outcome) && !is_granted) {
        mailing_add_try(m, outcome, session_ms(c));
        c->is_changing = true;
        put_first(c, m);
    } else {
        mailing_record(m, outcome); /* it is about the mail: what hosts said before is less */
    }
}

static void on_settled(void *owner, struct smtp_mail *mail)
{
    struct channel *c = owner;
    struct mailing *m = c->current;
    const struct outcome_situation situation = { .session_used = c->carried > 0 };
    struct outcome outcome;

    (void)mail;
    timer_stop(&c->slow_dot);
    take_up(c, c->next);
    c->next = NULL;
    c->carried++;
    if (m->claim->request.signal == SIGNAL_NONE) /* else that of the session that told it */
        m->claim->nth = c->carried;
    c->is_full = m->result.cause == SMTP_CAUSE_NO_ROOM;
    note_way(c, m);
    if (c->current != NULL && c->sender->is_stopping)
        smtp_session_withhold(c->session);
    if (m->result.cause == SMTP_CAUSE_WITHHELD) {
        withheld(c, m);
        return;
    }
    outcome = outcome_of_result(&m->result, situation);
    mailing_hear(m, smtp_session_dialogue(c->session), &outcome);
    dispose(c, m, &outcome);
}

/* The host would not serve: STARTTLS is an offer of opportunity, so without it first. 421 is a word
 * for now, to this connection. */
static void refused(struct channel *c, const struct smtp_result *ending)
{
    static const struct outcome_situation fresh = { .session_used = false };
    struct host_place *place = approach_place(&c->approach);
    struct mailing *lead = first_composed(c);
    struct outcome outcome = outcome_of_result(ending, fresh);

    if (lead != NULL) {
        note_way(c, lead);
        mailing_hear(lead, smtp_session_dialogue(c->session), &outcome);
        mailing_add_try(lead, &outcome, session_ms(c));
    }
    if (smtp_session_is_ticket_bad(c->session))
        return;
    if (smtp_result_is_tls_trouble(ending) && !place->marks.has[HOST_TLS_BROKEN]) {
        place->marks.has[HOST_TLS_BROKEN] = true;
        channel_report_trouble(c->sender, c->options.owner, place, HOST_TLS_BROKEN, outcome.text);
        return;
    }
    c->is_changing = true;
    if (ending->cause != SMTP_CAUSE_REPLY || ending->reply.code != 421)
        channel_report_trouble(c->sender, c->options.owner, place, HOST_DOWN, outcome.text);
}

static void on_closed(void *owner, const struct smtp_result *ending)
{
    struct channel *c = owner;

    timer_stop(&c->idle);
    if (!c->was_ready && !c->is_leaving)
        refused(c, ending);
    channel_report_broken(c->sender, c->options.owner, approach_place(&c->approach), c->session);
    drop_session(c);
    if (c->is_changing)
        approach_leave_place(&c->approach);
    c->is_changing = false;
    channel_go_on(c);
}

static void on_recorded(void *owner, struct span packed)
{
    struct channel *c = owner;
    const struct mailing *m = c->current != NULL ? c->current : first_composed(c);
    struct live_scene scene = { .session = c->session_number,
                                .host = span_of(approach_place(&c->approach)->host),
                                .site = span_of(c->approach.hosts.plan.site_key),
                                .domain = mailing_domain(m),
                                .delivery = mailing_delivery(m) };

    sender_hear(c->sender, &scene, packed);
}

static const struct smtp_session_events session_events = {
    .ready = on_ready,
    .content_wanted = on_content_wanted,
    .settled = on_settled,
    .closed = on_closed,
    .recorded = on_recorded,
};

/* ---- what the approach tells ---- */

static void on_place_failed(void *owner, struct host_place *place,
                            const struct approach_failure *failure)
{
    static const struct ip nowhere = { 0 };
    struct channel *c = owner;
    struct mailing *lead = first_composed(c);

    if (!failure->is_ours)
        channel_report_trouble(c->sender, c->options.owner, place, HOST_DOWN,
                               failure->outcome.text);
    if (lead == NULL)
        return;
    mailing_way_set(&lead->way, c->approach.hosts.plan.site_key, place->host, &place->ip, &nowhere,
                    NULL);
    mailing_hear_failure(lead, &failure->outcome);
    if (failure->is_idle)
        mailing_add_idle_try(lead, &failure->outcome);
    else
        mailing_add_try(lead, &failure->outcome, session_ms(c));
}

static void on_place_slow(void *owner, struct host_place *place)
{
    const struct channel *c = owner;

    place->marks.has[HOST_DOWN] = true;
    place->is_probe = false;
    channel_report_trouble(c->sender, c->options.owner, place, HOST_DOWN,
                           "another address was faster");
}

static void on_met(void *owner, struct host_place *place, struct stream *stream)
{
    struct channel *c = owner;

    (void)place;
    c->session_number = sender_number_session(c->sender);
    figure_add(&c->sender->figures, FIGURE_CONNECTED, 1);
    figure_add(&c->sender->figures, FIGURE_CONNECTIONS, 1);
    c->session =
        approach_session(&c->approach, stream, sender_records(c->sender) ? SMTP_DIALOGUE_MOST : 0,
                         &session_events, c);
}

static void on_lost(void *owner)
{
    channel_go_on(owner);
}

static const struct approach_events approach_events = {
    .failed = on_place_failed,
    .slow = on_place_slow,
    .met = on_met,
    .lost = on_lost,
};

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
        drop_session(c);
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
    drop_session(c);
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
                                     .events = &approach_events,
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
