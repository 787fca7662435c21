/*
 * One session at a time. `current` is the mail the session has at hand, `next` the one that is
 * lined up behind it once its content is out; the others stand in `queue`, the one whose pass it
 * is first. A session's end is a failure of its host only when it
 * never became ready; what a mail met with is judged by outcome_policy.
 */
#include "services/delivery/channel.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "net/smtp_session.h"
#include "protocol/smtp/dialogue.h"
#include "services/delivery/channel_internal.h"
#include "services/delivery/mailing.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/sender_internal.h"

/* Hosts' addresses tried in one pass, so that a site of many dead ones does not take hours. */
enum { PASS_TARGETS_MOST = 8 };

struct channel {
    struct channel_options options;
    struct sender *sender;
    struct mx_plan plan;
    struct list link;  /* in the sender's list until it has ended */
    struct list queue; /* mailings that wait */
    struct mailing *current;
    struct mailing *next;
    struct timer idle;
    size_t target; /* of the plan */
    bool in_clear; /* TLS failed with this target: it is offered by opportunity alone */

    struct smtp_session *session;
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

static struct sender_report *report_new(const struct channel *c)
{
    struct sender_report *report = NEW(struct sender_report);

    report->owner = c->options.owner;
    return report;
}

static void post(const struct channel *c, struct sender_report *report)
{
    mailbox_post(c->sender->options.reports, &report->link);
}

static void report_reached(struct channel *c)
{
    struct sender_report *report;

    if (c->is_reached)
        return;
    c->is_reached = true;
    report = report_new(c);
    report->what = CHANNEL_REACHED;
    report->mails_told = smtp_session_offers(c->session)->mail_limit;
    post(c, report);
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
    post(c, c->last_report);
    sender_look_stopped(sender);
}

/* Nothing of it is left but the memory. `outcome`, if any, is why no host would serve. */
static void end(struct channel *c, const struct outcome *outcome)
{
    c->has_ended = true;
    timer_stop(&c->idle);
    return_queue(c);
    c->last_report = report_new(c);
    c->last_report->what = CHANNEL_ENDED;
    c->last_report->unreachable = outcome != NULL;
    if (outcome != NULL)
        c->last_report->outcome = *outcome;
    loop_defer(c->sender->loop, report_end, c);
}

/* ---- the way ---- */

static const struct mx_target *target_of(const struct channel *c)
{
    return &c->plan.targets[c->target];
}

static void ip_text(const struct ip *ip, char *to, size_t size)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 64);
    if (ip->version != 0)
        ip_put(&text, ip);
    span_copy(buf_view(&text), to, size);
}

static void tls_text(const struct tls_facts *facts, char *to, size_t size)
{
    if (facts == NULL)
        to[0] = '\0';
    else if (facts->verified)
        (void)snprintf(to, size, "%s %s, certificate good", facts->version, facts->cipher);
    else
        (void)snprintf(to, size, "%s %s, certificate not verified: %s", facts->version,
                       facts->cipher, facts->problem);
}

/* Notes where the session at hand goes, for the record. */
static void note_way(const struct channel *c, struct mailing *m)
{
    const struct mx_target *target = target_of(c);
    struct endpoint local = smtp_session_local(c->session);

    span_copy(span_of(target->host), m->way.host, sizeof m->way.host);
    span_copy(span_of(c->plan.site_key), m->way.site, sizeof m->way.site);
    ip_text(&target->ip, m->way.ip, sizeof m->way.ip);
    ip_text(&local.ip, m->way.source, sizeof m->way.source);
    tls_text(smtp_session_tls(c->session), m->way.tls, sizeof m->way.tls);
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

static void add_to_pass(struct mailing *m, const struct outcome *outcome)
{
    if (!m->has_pass || !outcome_outlasts(&m->pass, outcome)) {
        m->pass = *outcome;
        m->pass_way = m->way;
    }
    m->has_pass = true;
}

/* ---- sessions ---- */

static const struct smtp_session_events session_events;

static struct smtp_timeouts timeouts_of(const struct smtp_timeout_settings *s)
{
    struct smtp_timeouts t = smtp_timeouts_default();

    t.ms[SMTP_STAGE_CONNECT] = s->connect;
    t.ms[SMTP_STAGE_GREETING] = s->greeting;
    t.ms[SMTP_STAGE_EHLO] = s->ehlo;
    t.ms[SMTP_STAGE_HELO] = s->ehlo;
    t.ms[SMTP_STAGE_STARTTLS] = s->starttls;
    t.ms[SMTP_STAGE_HANDSHAKE] = s->starttls;
    t.ms[SMTP_STAGE_RSET] = s->mail;
    t.ms[SMTP_STAGE_MAIL] = s->mail;
    t.ms[SMTP_STAGE_RCPT] = s->rcpt;
    t.ms[SMTP_STAGE_DATA] = s->data;
    t.ms[SMTP_STAGE_CONTENT] = s->block;
    t.ms[SMTP_STAGE_DOT] = s->dot;
    t.ms[SMTP_STAGE_LONE_DOT] = s->dot;
    t.ms[SMTP_STAGE_QUIT] = s->quit;
    return t;
}

/* Nobody knows yet how it will end. */
static bool records(const struct channel *c)
{
    return c->sender->options.engine->settings->keep_dialogues > 0 || c->sender->keeping.n > 0;
}

static void connect_target(struct channel *c, struct mailing *lead)
{
    const struct delivery_engine_options *engine = c->sender->options.engine;
    const struct mx_target *target = target_of(c);
    struct endpoint source =
        endpoint_ip(target->ip.version == 6 ? &c->options.source_v6 : &c->options.source_v4, 0);
    const struct smtp_session_options options = {
        .source = source.ip.version != 0 ? &source : NULL,
        .peer = endpoint_ip(&target->ip, (uint16_t)engine->settings->smtp_port),
        .peer_name = target->host,
        .tls = engine->tls,
        .client = { .helo = engine->settings->hostname,
                    .tls =
                        c->in_clear || engine->tls == NULL ? SMTP_TLS_NEVER : SMTP_TLS_IF_OFFERED,
                    .timeouts = timeouts_of(&engine->settings->timeouts) },
        .dialogue_max = records(c) ? SMTP_DIALOGUE_MOST : 0
    };

    if (lead->began_ms == 0)
        lead->began_ms = loop_monotonic_ms(c->sender->loop);
    c->carried = 0;
    c->since_ms = loop_monotonic_ms(c->sender->loop);
    c->is_ready = false;
    c->was_ready = false;
    c->is_leaving = false;
    c->is_changing = false;
    c->is_full = false;
    figure_add(&c->sender->figures, FIGURE_CONNECTED, 1);
    figure_add(&c->sender->figures, FIGURE_CONNECTIONS, 1);
    c->session = smtp_session_open(c->sender->loop, &options, &session_events, c);
}

static void leave_session(struct channel *c)
{
    c->is_ready = false;
    c->is_leaving = true;
    timer_stop(&c->idle);
    smtp_session_quit(c->session);
}

static void drop_session(struct channel *c)
{
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
    smtp_session_send(c->session, &m->mail);
}

/* All hosts have failed the mail whose pass it was. When they would not even serve, others would
 * meet the same. */
static void exhaust(struct channel *c)
{
    struct mailing *lead = first_composed(c);
    struct outcome outcome;

    c->target = 0;
    if (lead == NULL || !lead->has_pass)
        return;
    outcome = lead->pass;
    lead->way = lead->pass_way;
    mailing_record(lead, &outcome);
    if (outcome.class == OUTCOME_RETRY)
        end(c, &outcome);
}

static void change_host(struct channel *c)
{
    c->is_changing = false;
    c->in_clear = false;
    c->target++;
    if (c->target >= c->plan.count || c->target >= PASS_TARGETS_MOST)
        exhaust(c);
}

static void without_session(struct channel *c)
{
    struct mailing *lead = first_composed(c);

    if (c->sender->is_stopping)
        end(c, NULL);
    else if (lead != NULL)
        connect_target(c, lead);
    else if (list_empty(&c->queue))
        end(c, NULL);
}

static bool is_used_up(const struct channel *c)
{
    const struct channel_options *o = &c->options;
    int64_t used_ms = loop_monotonic_ms(c->sender->loop) - c->since_ms;

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

static void dispose(struct channel *c, struct mailing *m, const struct outcome *outcome)
{
    if (outcome_blames_session(outcome)) {
        m->began_ms = 0;
        put_first(c, m);
    } else if (outcome_tries_next_host(outcome)) {
        add_to_pass(m, outcome);
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
    take_up(c, c->next);
    c->next = NULL;
    c->carried++;
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

/* The host would not serve: STARTTLS is an offer of opportunity, so without it first. */
static void refused(struct channel *c, const struct smtp_result *ending)
{
    static const struct outcome_situation fresh = { .session_used = false };
    struct mailing *lead = first_composed(c);
    struct outcome outcome = outcome_of_result(ending, fresh);

    if (ending->cause == SMTP_CAUSE_TLS && !c->in_clear) {
        c->in_clear = true;
        return;
    }
    c->is_changing = true;
    if (lead == NULL)
        return;
    note_way(c, lead);
    mailing_hear(lead, smtp_session_dialogue(c->session), &outcome);
    add_to_pass(lead, &outcome);
}

static void on_closed(void *owner, const struct smtp_result *ending)
{
    struct channel *c = owner;

    timer_stop(&c->idle);
    if (!c->was_ready && !c->is_leaving)
        refused(c, ending);
    drop_session(c);
    if (c->is_changing)
        change_host(c);
    channel_go_on(c);
}

static const struct smtp_session_events session_events = {
    .ready = on_ready,
    .content_wanted = on_content_wanted,
    .settled = on_settled,
    .closed = on_closed,
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

void channel_obey_quit(struct channel *c)
{
    struct sender_report *report = report_new(c);

    c->is_to_quit = true;
    report->what = CHANNEL_TOLD;
    post(c, report);
    channel_go_on(c);
}

void channel_halt(struct channel *c)
{
    if (c->has_ended)
        return;
    return_queue(c);
    if (c->next != NULL && smtp_session_withdraw(c->session)) {
        mailing_return(c->next, CLAIM_UNTRIED);
        c->next = NULL;
    }
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

static void give_order(struct channel *c, struct claim *claim)
{
    struct sender_order *order = NEW(struct sender_order);

    order->what = claim != NULL ? ORDER_CARRY : ORDER_QUIT;
    order->channel = c;
    order->claim = claim;
    sender_obey(c->sender, order);
}

void channel_carry(struct channel *c, struct claim *claim)
{
    give_order(c, claim);
}

void channel_quit(struct channel *c)
{
    give_order(c, NULL);
}

struct channel *channel_new(const struct channel_options *options)
{
    struct channel *c = NEW(struct channel);

    c->options = *options;
    c->sender = options->sender;
    mx_plan_copy(options->plan, &c->plan);
    list_init(&c->link);
    list_init(&c->queue);
    timer_init(&c->idle, c->sender->loop, on_idle, c);
    return c;
}

void channel_free(struct channel *c)
{
    mx_plan_fini(&c->plan);
    alloc_free(c);
}
