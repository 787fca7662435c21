/*
 * The life of a mailing. Three others work for it, each on a thread of its own and one at a time:
 * the composer, the ledger when asked for leave, the ledger when told the outcome. While one of
 * them does, the memory stays; a mailing that is given up meanwhile waits for the answer. A leave
 * that was granted and not used is recorded as a try that failed, for the store says `sending`.
 */
#include "services/delivery/mailing.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "protocol/smtp/dialogue.h"
#include "services/delivery/channel_internal.h"
#include "services/delivery/composing.h"
#include "services/delivery/sender_internal.h"

enum { AGED_MOST = 6 };

/* ---- the letter ---- */

static void run_compose(struct work *work, void *state)
{
    struct mailing *m = CONTAINER_OF(work, struct mailing, work);
    const struct letter_order order = { m->claim->delivery, m->compose_ms, m->sheet };

    m->is_unread = !composing_letter(state, &order, &m->letter, &m->problem);
}

/* Answers count for a while only. */
static void forget_sheet(struct mailing *m)
{
    sight_sheet_free(m->sheet);
    m->sheet = NULL;
}

void mailing_compose(struct mailing *m)
{
    const struct settings *settings = m->sender->options.engine->settings;

    if (m->sheet != NULL &&
        loop_now_ms(m->sender->loop) - m->sheet->answered_at > settings->visibility.cache / 2)
        forget_sheet(m);
    letter_fini(&m->letter);
    m->letter = (struct letter){ .delivery = m->claim->delivery };
    m->leave = MAILING_UNASKED;
    m->is_composed = false;
    m->is_composing = true;
    figure_add(&m->sender->figures, FIGURE_COMPOSING, 1);
    m->compose_ms = loop_now_ms(m->sender->loop);
    worker_submit(m->sender->composers, &m->work);
}

struct mailing *mailing_new(struct sender *sender, struct channel *channel, struct claim *claim)
{
    struct mailing *m = NEW(struct mailing);

    list_init(&m->link);
    m->sender = sender;
    m->channel = channel;
    m->claim = claim;
    buf_init(&m->dialogue, 2 * SMTP_DIALOGUE_MOST);
    m->work = (struct work){ .run = run_compose, .answers = sender->letters };
    sender->mailings++;
    figure_add(&sender->figures, FIGURE_MAILINGS, 1);
    mailing_compose(m);
    return m;
}

/* ---- the dialogue ---- */

/* Those kept by order are kept so long, when the settings say less. */
enum { KEPT_LEAST_MS = 86400000 };

int64_t mailing_delivery(const struct mailing *m)
{
    return m != NULL ? m->letter.delivery : 0;
}

struct span mailing_domain(const struct mailing *m)
{
    struct span to = span_of(m != NULL ? m->letter.recipient : "");

    return span_rest(to, span_last_index(to, '@') + 1);
}

static bool is_ordered(struct mailing *m)
{
    const struct span names[] = { mailing_domain(m), span_of(m->way.host), span_of(m->way.site) };

    return m->sender->keeping.n > 0 &&
           keeping_wants(&m->sender->keeping, names, ARRAY_LENGTH(names),
                         loop_now_ms(m->sender->loop));
}

/* How long the dialogue of a try that came to this is kept; 0: not at all. */
static int64_t time_to_keep(struct mailing *m, const struct outcome *outcome)
{
    int64_t ms = m->sender->options.engine->settings->keep_dialogues;

    if (is_ordered(m))
        return ms > KEPT_LEAST_MS ? ms : KEPT_LEAST_MS;
    return outcome->class == OUTCOME_DELIVERED ? 0 : ms;
}

void mailing_hear(struct mailing *m, struct span dialogue, const struct outcome *outcome)
{
    m->keep_ms = dialogue.n > 0 ? time_to_keep(m, outcome) : 0;
    if (m->keep_ms > 0)
        buf_put(&m->dialogue, dialogue);
}

void mailing_hear_failure(struct mailing *m, const struct outcome *outcome)
{
    struct smtp_dialogue dialogue;
    char remark[1024];

    (void)snprintf(remark, sizeof remark, "to %s, %s: %s", m->way.host, m->way.ip, outcome->text);
    smtp_dialogue_init(&dialogue, sender_records(m->sender) ? SMTP_DIALOGUE_MOST : 0);
    smtp_dialogue_remark(&dialogue, 0, span_of(remark));
    mailing_hear(m, smtp_dialogue_view(&dialogue), outcome);
    smtp_dialogue_fini(&dialogue);
}

/* ---- the end ---- */

static void finish(struct mailing *m, enum claim_ending ending)
{
    struct sender *sender = m->sender;
    struct claim *claim = m->claim;

    claim->ending = ending;
    letter_fini(&m->letter);
    forget_sheet(m);
    buf_fini(&m->dialogue);
    host_tries_clear(&m->tries);
    alloc_free(m);
    sender->mailings--;
    figure_add(&sender->figures, FIGURE_MAILINGS, -1);
    mailbox_post(sender->options.claims, &claim->link);
    sender_look_stopped(sender);
}

static void leave_channel(struct mailing *m)
{
    list_remove(&m->link);
    m->channel = NULL;
}

void mailing_return(struct mailing *m, enum claim_ending ending)
{
    leave_channel(m);
    m->claim->ending = ending;
    m->claim->state = DELIVERY_CANCELLED; /* nothing to come back for, if it is SETTLED, */
    if (m->leave == MAILING_ANSWERED && m->leave_answer.leave == LEAVE_WAITS)
        m->claim->state = DELIVERY_HELD; /* until it is released */
    if (m->is_composing || m->leave == MAILING_ASKED)
        m->is_given_up = true;
    else
        finish(m, ending);
}

/* ---- jobs for the ledger ---- */

static void submit(struct mailing *m, enum ledger_rank rank, const char *name,
                   bool (*run)(struct ledger_job *job, struct db *db, struct error *err),
                   void (*answered)(struct mailing *m))
{
    m->job = (struct mailing_job){
        .job = { .name = name, .rank = rank, .run = run, .answers = m->sender->answers },
        .mailing = m,
        .answered = answered
    };
    ledger_submit(m->sender->options.engine->ledger, &m->job.job);
}

static struct mailing *mailing_of(struct ledger_job *job)
{
    return CONTAINER_OF(job, struct mailing_job, job)->mailing;
}

static const struct delivery_engine_options *engine_of(const struct mailing *m)
{
    return m->sender->options.engine;
}

/* A server may be slower than answers are to be old: each time it was, they may be older. */
static int64_t sight_age(const struct mailing *m)
{
    return engine_of(m)->settings->visibility.cache << m->aged;
}

static bool run_leave(struct ledger_job *job, struct db *db, struct error *err)
{
    struct mailing *m = mailing_of(job);
    const struct delivery_engine_options *engine = engine_of(m);
    const struct leave_question question = { .letter = &m->letter,
                                             .settings = engine->settings,
                                             .node = engine->node,
                                             .now_ms = ledger_now_ms(engine->ledger),
                                             .sight_age = sight_age(m) };

    return leave_ask(db, &question, &m->leave_answer, err);
}

static bool run_record(struct ledger_job *job, struct db *db, struct error *err)
{
    struct mailing *m = mailing_of(job);

    m->tried.now_ms = ledger_now_ms(engine_of(m)->ledger);
    return outcome_record(db, &m->tried, &m->recorded, err);
}

static bool run_end(struct ledger_job *job, struct db *db, struct error *err)
{
    struct mailing *m = mailing_of(job);

    const struct outcome_end end = { .letter = &m->letter,
                                     .settings = engine_of(m)->settings,
                                     .now_ms = ledger_now_ms(engine_of(m)->ledger) };

    return outcome_record_end(db, &end, &m->recorded, &m->is_stale, err);
}

/* ---- leave ---- */

bool mailing_is_granted(const struct mailing *m)
{
    return m->leave == MAILING_ANSWERED && m->leave_answer.leave == LEAVE_GRANTED;
}

static void on_recorded(struct mailing *m)
{
    figure_add(&m->sender->figures, FIGURE_RECORDING, -1);
    figure_add_outcome(&m->sender->figures, &m->outcome);
    m->claim->state = m->recorded.state;
    m->claim->due_at = m->recorded.due_at;
    finish(m, CLAIM_SETTLED);
}

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static void submit_record(struct mailing *m)
{
    const struct delivery_engine_options *engine = engine_of(m);

    m->tried = (struct outcome_try){ .delivery = m->claim->delivery,
                                     .intent = mailing_is_granted(m) ? m->leave_answer.intent : 0,
                                     .epoch = m->leave_answer.row.epoch,
                                     .left = mailing_is_granted(m) ? &m->leave_answer.row : NULL,
                                     .outcome = &m->outcome,
                                     .earlier = &m->tries,
                                     .host = text_or_null(m->way.host),
                                     .ip = text_or_null(m->way.ip),
                                     .source = text_or_null(m->way.source),
                                     .tls = text_or_null(m->way.tls),
                                     .subject = mailing_is_granted(m) ? m->letter.subject : NULL,
                                     .ms = m->began_ms == 0
                                               ? 0
                                               : loop_monotonic_ms(m->sender->loop) - m->began_ms,
                                     .dialogue = buf_view(&m->dialogue),
                                     .dialogue_ms = m->keep_ms,
                                     .chance = random_next(&m->sender->chance),
                                     .settings = engine->settings };
    figure_add(&m->sender->figures, FIGURE_RECORDING, 1);
    submit(m, LEDGER_OUTCOME, "outcome", run_record, on_recorded);
}

static void add_try(struct mailing *m, const struct outcome *outcome, int64_t ms, bool is_idle)
{
    const struct host_try one = {
        .way = m->way, .outcome = *outcome, .ms = ms, .is_idle = is_idle
    };

    host_tries_add(&m->tries, &one);
}

void mailing_add_try(struct mailing *m, const struct outcome *outcome, int64_t ms)
{
    add_try(m, outcome, ms, false);
}

void mailing_add_idle_try(struct mailing *m, const struct outcome *outcome)
{
    add_try(m, outcome, 0, true);
}

bool mailing_end_pass(struct mailing *m, struct outcome *ret_outcome)
{
    struct host_try best;

    if (!host_tries_take_best(&m->tries, &best))
        return false;
    m->way = best.way;
    *ret_outcome = best.outcome;
    return true;
}

void mailing_heed(struct mailing *m, const struct outcome *outcome)
{
    struct site_request request = site_signal_read(outcome, span_of(m->way.host));

    if (request.signal == SIGNAL_NONE)
        return;
    m->claim->request = request;
    claim_put_words(m->claim, outcome->text);
}

void mailing_record(struct mailing *m, const struct outcome *outcome)
{
    m->outcome = *outcome;
    mailing_heed(m, outcome);
    m->claim->is_answered = !outcome->local;
    leave_channel(m);
    if (m->leave == MAILING_ASKED)
        m->is_over = true;
    else
        submit_record(m);
}

/* The session went when nobody was looking any more. */
static struct outcome outcome_of_stop(void)
{
    return (struct outcome){ .class = OUTCOME_RETRY,
                             .scope = SCOPE_SESSION,
                             .local = true,
                             .stage = "session",
                             .status = "4.4.2",
                             .text = "postroom ended the session before the mail was on its way" };
}

static void on_leave(struct mailing *m)
{
    figure_add(&m->sender->figures, FIGURE_LEAVING, -1);
    m->leave = m->job.job.ok ? MAILING_ANSWERED : MAILING_REFUSED;
    if (m->leave_answer.leave == LEAVE_STALE && m->letter.seen_at != 0 && m->aged < AGED_MOST)
        m->aged++;
    if (!m->is_over && !m->is_given_up) {
        channel_answered(m->channel, m);
        return;
    }
    if (!m->is_over && !mailing_is_granted(m)) {
        finish(m, m->claim->ending);
        return;
    }
    if (!m->is_over)
        m->outcome = outcome_of_stop();
    submit_record(m);
}

void mailing_ask_leave(struct mailing *m)
{
    m->leave = MAILING_ASKED;
    figure_add(&m->sender->figures, FIGURE_LEAVING, 1);
    submit(m, LEDGER_INTENT, "leave", run_leave, on_leave);
}

/* ---- nothing to send ---- */

static void on_end(struct mailing *m)
{
    m->claim->state = DELIVERY_HELD; /* or it has ended: looking again does no harm */
    if (m->letter.verdict == LETTER_WAITS) {
        m->claim->state = m->recorded.state;
        m->claim->due_at = m->recorded.due_at;
    }
    if (!m->job.job.ok)
        log_warning("delivery-not-ended", log_number("delivery", m->claim->delivery),
                    log_text("error", m->job.job.error.text));
    finish(m, !m->job.job.ok ? CLAIM_REFUSED : m->is_stale ? CLAIM_UNTRIED : CLAIM_SETTLED);
}

void mailing_end(struct mailing *m)
{
    leave_channel(m);
    submit(m, LEDGER_REQUEST, "no-letter", run_end, on_end);
}

/* ---- answers ---- */

void mailing_set_out(struct mailing *m)
{
    int64_t left_ms = m->letter.deadline_ms - loop_now_ms(m->sender->loop);

    m->mail.deliver_by_s = m->letter.deadline_ms != 0 && left_ms >= 1000 ? left_ms / 1000 : 0;
}

/* The return path is named by the delivery's token, and so are reports of receivers. */
static void prepare_mail(struct mailing *m)
{
    struct span path = span_of(m->letter.mail_from);

    m->is_composed = true;
    m->to = span_of(m->letter.recipient);
    m->mail = (struct smtp_mail){ .from = path,
                                  .to = &m->to,
                                  .results = &m->result,
                                  .to_count = 1,
                                  .size = m->letter.bytes.n,
                                  .utf8_headers = m->letter.needs_smtputf8,
                                  .envid = span_first(path, span_index(path, '@')) };
}

/* Composing goes on once the application has said who may see what. */
static void ask_for_sight(struct mailing *m)
{
    const struct sight_source *sight = &engine_of(m)->sight;

    forget_sheet(m);
    m->sheet = m->letter.asks;
    m->letter.asks = NULL;
    m->ask = (struct sight_ask){ .sheet = m->sheet, .answers = m->sender->sights };
    list_init(&m->ask.link);
    sight->ask(sight->context, &m->ask);
}

static void on_letter(struct mailing *m)
{
    struct channel *channel = m->channel;

    if (!m->is_given_up && !m->is_unread && m->letter.verdict == LETTER_ASKS) {
        ask_for_sight(m);
        return;
    }
    m->is_composing = false;
    figure_add(&m->sender->figures, FIGURE_COMPOSING, -1);
    if (m->is_given_up) {
        finish(m, m->claim->ending);
        return;
    }
    if (m->is_unread) {
        log_warning("letter-unread", log_number("delivery", m->claim->delivery),
                    log_text("error", m->problem.text));
        mailing_return(m, CLAIM_REFUSED);
    } else if (m->letter.verdict == LETTER_READY) {
        prepare_mail(m);
    } else {
        mailing_end(m);
    }
    channel_go_on(channel);
}

void mailing_on_letters(void *owner, struct list *posted)
{
    struct list *item;

    (void)owner;
    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        on_letter(CONTAINER_OF(CONTAINER_OF(item, struct work, link), struct mailing, work));
    }
}

static void on_sight(struct mailing *m)
{
    if (m->ask.ok && !m->is_given_up) {
        worker_submit(m->sender->composers, &m->work);
        return;
    }
    if (!m->ask.ok)
        composing_blind(&m->letter, &m->ask.problem, loop_now_ms(m->sender->loop));
    on_letter(m);
}

void mailing_on_sights(void *owner, struct list *posted)
{
    struct list *item;

    (void)owner;
    while ((item = list_first(posted)) != NULL) {
        struct sight_ask *ask = CONTAINER_OF(item, struct sight_ask, link);

        list_remove(item);
        on_sight(CONTAINER_OF(ask, struct mailing, ask));
    }
}

void mailing_on_answers(void *owner, struct list *posted)
{
    struct list *item;

    (void)owner;
    while ((item = list_first(posted)) != NULL) {
        struct mailing_job *job =
            CONTAINER_OF(CONTAINER_OF(item, struct ledger_job, link), struct mailing_job, job);

        list_remove(item);
        job->answered(job->mailing);
    }
}
