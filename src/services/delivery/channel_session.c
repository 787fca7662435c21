/*
 * What a channel hears of its approach and its session, and what becomes of the mail at hand. A
 * session's end is a failure of its host only when it never became ready; what a mail met with is
 * judged by outcome_policy.
 */
#include "services/delivery/channel_session_internal.h"

#include "base/buf.h"
#include "io/loop.h"
#include "net/smtp_session.h"
#include "protocol/smtp/dialogue.h"
#include "services/delivery/channel_internal.h"
#include "services/delivery/channel_report.h"
#include "services/delivery/mailing.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/sender_internal.h"

/* So long after the content was given, a final dot's reply is slow: all has left by then. */
enum { SLOW_DOT_MS = 60000 };

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

/* Notes where the session at hand goes, for the record. */
static void note_way(struct channel *c, struct mailing *m)
{
    const struct host_place *place = approach_place(&c->approach);
    struct endpoint local = smtp_session_local(c->session);

    mailing_way_set(&m->way, c->approach.hosts.plan.site_key, place->host, &place->ip, &local.ip,
                    smtp_session_tls(c->session));
}

/* Its turn comes again, before all others. */
static void put_first(struct channel *c, struct mailing *m)
{
    list_remove(&m->link);
    list_prepend(&c->queue, &m->link);
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
    channel_line_up(c);
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
        mailing_add_try(m, outcome, channel_session_ms(c));
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
    channel_take_up(c, c->next);
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
    struct mailing *lead = channel_first_composed(c);
    struct outcome outcome = outcome_of_result(ending, fresh);

    if (lead != NULL) {
        note_way(c, lead);
        mailing_hear(lead, smtp_session_dialogue(c->session), &outcome);
        mailing_add_try(lead, &outcome, channel_session_ms(c));
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
    channel_drop_session(c);
    if (c->is_changing)
        approach_leave_place(&c->approach);
    c->is_changing = false;
    channel_go_on(c);
}

static void on_recorded(void *owner, struct span packed)
{
    struct channel *c = owner;
    const struct mailing *m = c->current != NULL ? c->current : channel_first_composed(c);
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
    struct mailing *lead = channel_first_composed(c);

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
        mailing_add_try(lead, &failure->outcome, channel_session_ms(c));
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

const struct approach_events channel_approach_events = {
    .failed = on_place_failed,
    .slow = on_place_slow,
    .met = on_met,
    .lost = on_lost,
};
