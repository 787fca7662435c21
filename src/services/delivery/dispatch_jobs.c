/*
 * What the dispatcher has the ledger do: recovery, deadlines, cursors, notes about domains, and
 * outcomes of mail that never came to a sender.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "io/loop.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/expiry.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/outcome_record.h"
#include "store/alarm.h"
#include "store/delivery.h"
#include "store/dialogue.h"
#include "store/domain.h"
#include "store/intent.h"
#include "store/lane.h"
#include "store/ledger.h"
#include "store/site.h"

struct dispatch_job {
    struct ledger_job job;
    struct delivery_engine *engine;
    void (*answered)(struct dispatch_job *job); /* frees it */
};

static void submit(struct delivery_engine *e, struct dispatch_job *job, enum ledger_rank rank,
                   const char *name,
                   bool (*run)(struct ledger_job *job, struct db *db, struct error *err),
                   void (*answered)(struct dispatch_job *job))
{
    job->job = (struct ledger_job){ .name = name, .rank = rank, .run = run, .answers = e->answers };
    job->engine = e;
    job->answered = answered;
    e->job_n++;
    ledger_submit(e->options.ledger, &job->job);
}

static struct dispatch_job *dispatch_job_of(struct ledger_job *job)
{
    return CONTAINER_OF(job, struct dispatch_job, job);
}

static const struct settings *settings_of(const struct dispatch_job *job)
{
    return job->engine->options.settings;
}

static int64_t now_on_ledger(const struct dispatch_job *job)
{
    return ledger_now_ms(job->engine->options.ledger);
}

static void look_at_failure(const struct dispatch_job *job)
{
    if (!job->job.ok)
        log_warning("dispatch-failed", log_text("job", job->job.name),
                    log_text("error", job->job.error.text));
}

static void on_done(struct dispatch_job *job)
{
    look_at_failure(job);
    alloc_free(job);
}

void dispatch_answers_receive(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct dispatch_job *job = dispatch_job_of(CONTAINER_OF(item, struct ledger_job, link));

        list_remove(item);
        e->job_n--;
        job->answered(job);
    }
    engine_settle(e);
}

/* ---- recovery ---- */

enum { RECOVERED_A_SLICE = 200 };

/* The mark in the store follows, so that each slice begins with the first open intent. */
static bool run_recover(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);
    struct intent_open open = { 0 };
    int64_t after;
    int n = 0;

    if (!intent_mark_read(db, &after, err) || !intent_open_next(db, after, &open, err))
        return false;
    while (open.intent != 0 && n++ < RECOVERED_A_SLICE) {
        log_warning("delivery-in-doubt", log_number("delivery", open.delivery),
                    log_number("intent", open.intent));
        if (!outcome_record_lost(db, open.delivery, open.intent, settings_of(job),
                                 now_on_ledger(job), err) ||
            !intent_open_next(db, open.intent, &open, err))
            return false;
    }
    ledger_job->again = open.intent != 0;
    return intent_mark_advance(db, err);
}

static void on_recovered(struct dispatch_job *job)
{
    struct delivery_engine *e = job->engine;
    bool ok = job->job.ok;

    look_at_failure(job);
    alloc_free(job);
    engine_recovered(e, ok);
}

void dispatch_recover(struct delivery_engine *e)
{
    submit(e, NEW(struct dispatch_job), LEDGER_BULK, "recovery", run_recover, on_recovered);
}

/* ---- the DNS has no host ---- */

struct lookup_job {
    struct dispatch_job job;
    struct claim *claim;
    struct outcome outcome;
    struct outcome_try tried;
    struct outcome_recorded recorded;
};

static bool run_lookup(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);
    struct lookup_job *lookup = CONTAINER_OF(job, struct lookup_job, job);

    lookup->tried.now_ms = now_on_ledger(job);
    return outcome_record(db, &lookup->tried, &lookup->recorded, err);
}

static void on_lookup_recorded(struct dispatch_job *job)
{
    struct lookup_job *lookup = CONTAINER_OF(job, struct lookup_job, job);
    struct claim *claim = lookup->claim;

    figure_add_outcome(&job->engine->figures, &lookup->outcome);
    claim->state = lookup->recorded.state;
    claim->due_at = lookup->recorded.due_at;
    alloc_free(lookup);
    lane_settle(claim->lane, claim);
}

void dispatch_lookup_failed(struct claim *claim, const struct mx_finding *finding)
{
    struct delivery_engine *e = claim->lane->destination->engine;
    struct lookup_job *lookup = NEW(struct lookup_job);

    lookup->claim = claim;
    lookup->outcome =
        outcome_of_lookup(finding->verdict == MX_FAILED, finding->status, finding->text);
    lookup->tried = (struct outcome_try){ .delivery = claim->delivery,
                                          .outcome = &lookup->outcome,
                                          .chance = random_next(&e->chance),
                                          .settings = e->options.settings };
    submit(e, &lookup->job, LEDGER_OUTCOME, "lookup", run_lookup, on_lookup_recorded);
}

/* ---- past their time ---- */

struct expire_job {
    struct dispatch_job job;
    struct list claims;
};

static bool run_expire(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);

    LIST_EACH (&CONTAINER_OF(job, struct expire_job, job)->claims, link) {
        struct claim *claim = CONTAINER_OF(link, struct claim, link);
        bool waits;

        if (!expiry_end_due(db, settings_of(job), claim->delivery, now_on_ledger(job), &waits, err))
            return false;
        claim->state = waits ? DELIVERY_QUEUED : DELIVERY_EXPIRED;
    }
    return true;
}

/* What did not end, for the ledger refused or its clock differs, goes on: it asks for leave. */
static void take_expired(struct claim *claim, bool is_recorded)
{
    struct lane_queue *lane = claim->lane;

    if (is_recorded && claim->state == DELIVERY_EXPIRED) {
        lane_settle(lane, claim);
        return;
    }
    lane_put_back(lane, claim);
    if (lane->ready_n > 0)
        destination_serve(lane->destination);
}

static void on_expired(struct dispatch_job *job)
{
    struct expire_job *expire = CONTAINER_OF(job, struct expire_job, job);
    struct list *item;

    while ((item = list_first(&expire->claims)) != NULL) {
        struct claim *claim = CONTAINER_OF(item, struct claim, link);

        list_remove(item);
        take_expired(claim, job->job.ok);
    }
    if (!job->job.ok)
        engine_rest(job->engine);
    look_at_failure(job);
    alloc_free(expire);
}

void dispatch_expire(struct delivery_engine *e, struct list *claims)
{
    struct expire_job *expire = NEW(struct expire_job);
    struct list *item;

    list_init(&expire->claims);
    while ((item = list_first(claims)) != NULL) {
        list_remove(item);
        list_append(&expire->claims, item);
    }
    submit(e, &expire->job, LEDGER_REQUEST, "expiry", run_expire, on_expired);
}

static bool run_sweep(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);
    bool more_late;
    bool more_old;

    if (!expiry_sweep(db, settings_of(job), now_on_ledger(job), &more_late, err) ||
        !dialogue_prune(db, now_on_ledger(job), &more_old, err))
        return false;
    ledger_job->again = more_late || more_old;
    return true;
}

static void on_swept(struct dispatch_job *job)
{
    struct delivery_engine *e = job->engine;

    on_done(job);
    if (!e->is_stopping)
        timer_start(&e->sweep, SWEEP_EVERY_MS);
}

void dispatch_sweep(struct delivery_engine *e)
{
    submit(e, NEW(struct dispatch_job), LEDGER_BULK, "deadlines", run_sweep, on_swept);
}

/* ---- what the watchdog found ---- */

struct overdue_job {
    struct dispatch_job job;
    struct overdue_found found;
};

static const char *overdue_kind(const struct overdue_found *found)
{
    static const char *const kinds[] = { [OVERDUE_SENDING] = "sending",
                                         [OVERDUE_WAITING] = "waiting",
                                         [OVERDUE_DEADLINE] = "deadline",
                                         [OVERDUE_NOTICE] = "notice" };

    return kinds[found->kind];
}

/* Nobody sends it, and whether it arrived is not known: in doubt, as after a crash. */
static bool give_up(struct db *db, const struct dispatch_job *job,
                    const struct overdue_found *found, struct error *err)
{
    struct intent_open open = { 0 };
    struct delivery_row row;
    struct lane_key lane;
    bool is_there;

    if (!intent_open_next(db, found->intent - 1, &open, err) ||
        !delivery_load(db, found->id, &row, &is_there, err))
        return false;
    if (!is_there || open.intent != found->intent)
        return true;
    lane = lane_of_delivery(&row);
    lane_tell(db, &lane);
    return outcome_record_lost(db, found->id, found->intent, settings_of(job), now_on_ledger(job),
                               err);
}

/* What was read may have moved on since: then there is nothing to do. */
static bool set_going(struct db *db, const struct dispatch_job *job,
                      const struct overdue_found *found, struct error *err)
{
    bool waits;

    if (found->kind == OVERDUE_DEADLINE)
        return expiry_end_due(db, settings_of(job), found->id, now_on_ledger(job), &waits, err);
    return found->kind != OVERDUE_SENDING || !found->is_lost || give_up(db, job, found, err);
}

static bool run_overdue(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);
    const struct overdue_found *found = &CONTAINER_OF(job, struct overdue_job, job)->found;
    CLEANUP(buf_fini) struct buf cause;
    CLEANUP(buf_fini) struct buf text;

    buf_init(&cause, 100);
    buf_init(&text, 400);
    buf_printf(&cause, "overdue %s", overdue_kind(found));
    buf_printf(&text, "%s %lld has been overdue since ",
               found->kind == OVERDUE_NOTICE ? "the notice for person" : "delivery",
               (long long)found->id);
    text_put_time(&text, found->since);
    buf_put_text(&text, ": a fault of postroom's; please report it with the log");
    return set_going(db, job, found, err) &&
           alarm_raise(db, ALARM_ERROR, buf_view(&cause), buf_view(&text), now_on_ledger(job), err);
}

void dispatch_overdue(struct delivery_engine *e, const struct overdue_found *found)
{
    struct overdue_job *overdue = NEW(struct overdue_job);

    log_error("overdue", log_text("what", overdue_kind(found)),
              log_number(found->kind == OVERDUE_NOTICE ? "person" : "delivery", found->id),
              log_number("since", found->since), log_number("intent", found->intent),
              log_number("thread", found->thread));
    overdue->found = *found;
    submit(e, &overdue->job, LEDGER_REQUEST, "overdue", run_overdue, on_done);
}

/* ---- notes about domains ---- */

struct note_job {
    struct dispatch_job job;
    char name[DELIVERY_DOMAIN_ROOM];
    char site[DELIVERY_DOMAIN_ROOM];
    char text[sizeof((struct outcome){ 0 }.text)];
    struct domain_note note;
};

static bool run_note(struct ledger_job *job, struct db *db, struct error *err)
{
    return domain_note(db, &CONTAINER_OF(dispatch_job_of(job), struct note_job, job)->note, err);
}

void dispatch_note(struct destination *to, int64_t failures, int64_t asleep_until, const char *text)
{
    struct delivery_engine *e = to->engine;
    struct note_job *note = NEW(struct note_job);

    to->is_noted = asleep_until != 0;
    span_copy(span_of(to->name), note->name, sizeof note->name);
    span_copy(span_of(to->site != NULL ? to->site->key : ""), note->site, sizeof note->site);
    span_copy(span_of(text), note->text, sizeof note->text);
    note->note =
        (struct domain_note){ .name = span_of(note->name),
                              .site = to->site != NULL ? span_of(note->site) : (struct span){ 0 },
                              .failures = failures,
                              .asleep_until = asleep_until,
                              .text = text != NULL ? span_of(note->text) : (struct span){ 0 },
                              .seen_at = loop_now_ms(e->loop) };
    submit(e, &note->job, LEDGER_BULK, "domain", run_note, on_done);
}

/* ---- facts of sites ---- */

struct site_job {
    struct dispatch_job job;
    char key[MX_SITE_KEY_MOST + 1];
    char words[SITE_WORDS_ROOM];
    int64_t now;
    enum stream_id stream;
    bool streams[STREAMS]; /* of a pause: those it begins for */
    int64_t until;
    struct site_limit_new limit;
};

static struct site_job *site_job_new(const struct site_queue *site, struct span words)
{
    struct site_job *job = NEW(struct site_job);

    span_copy(span_of(site->key), job->key, sizeof job->key);
    span_copy(words, job->words, sizeof job->words);
    job->now = loop_now_ms(site->engine->loop);
    return job;
}

static const struct site_job *site_job_of(struct ledger_job *job)
{
    return CONTAINER_OF(dispatch_job_of(job), struct site_job, job);
}

static bool run_site_met(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);

    return site_met(db, span_of(job->key), job->now, err);
}

void dispatch_site_met(struct site_queue *site)
{
    struct site_job *job = site_job_new(site, (struct span){ 0 });

    submit(site->engine, &job->job, LEDGER_BULK, "site", run_site_met, on_done);
}

static bool run_limit(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);

    return site_limit_put(db, span_of(job->key), &job->limit, err);
}

void dispatch_limit(struct site_queue *site, enum site_limit_kind kind, enum limit_origin origin,
                    struct span words)
{
    const struct limit_set *set = site_limits_of(site, origin);
    struct site_job *job = site_job_new(site, words);

    job->limit = (struct site_limit_new){ .kind = kind,
                                          .origin = origin,
                                          .value = set->of[kind].value,
                                          .since = set->of[kind].since,
                                          .until = set->of[kind].until,
                                          .words = span_of(job->words) };
    submit(site->engine, &job->job, LEDGER_BULK, "site-limit", run_limit, on_done);
}

static bool raise_block(struct db *db, const struct site_job *job, struct error *err)
{
    CLEANUP(buf_fini) struct buf cause;

    buf_init(&cause, 400);
    buf_printf(&cause, "site-blocks %s %s", stream_name(job->stream), job->key);
    return alarm_raise(db, ALARM_ERROR, buf_view(&cause), span_of(job->words), job->now, err);
}

/* Facts that were read before this was written do not have it: they are read again. */
static void on_stopped(struct dispatch_job *job)
{
    struct site_job *stop = CONTAINER_OF(job, struct site_job, job);
    struct delivery_engine *e = job->engine;

    look_at_failure(job);
    site_changed(e, span_of(stop->key));
    alloc_free(stop);
}

static bool run_stop(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);
    const struct site_stop stop = { job->stream, LIMIT_OF_SERVER, job->now, job->until,
                                    span_of(job->words) };

    return site_stop_put(db, span_of(job->key), &stop, err) && raise_block(db, job, err);
}

void dispatch_stop(struct site_queue *site, enum stream_id stream, struct span words)
{
    struct site_job *job = site_job_new(site, words);

    job->stream = stream;
    job->until = site->stopped_until[stream];
    submit(site->engine, &job->job, LEDGER_REQUEST, "site-stop", run_stop, on_stopped);
}

static bool run_block(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);
    const struct site_stop stop = { job->stream, LIMIT_OF_SERVER, job->now, job->until,
                                    span_of(job->words) };

    return domain_stop_put(db, span_of(job->key), &stop, err) && raise_block(db, job, err);
}

void dispatch_block(struct destination *to, enum stream_id stream, struct span words)
{
    struct site_job *job = site_job_new(to->site, words);

    span_copy(span_of(to->name), job->key, sizeof job->key);
    job->stream = stream;
    job->until = to->stopped_until[stream];
    submit(to->engine, &job->job, LEDGER_REQUEST, "domain-stop", run_block, on_done);
}

static bool run_pause(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);
    struct site_stop stop = { 0, LIMIT_OF_SERVER, job->now, job->until, span_of(job->words) };

    for (int stream = 0; stream < STREAMS; stream++) {
        stop.stream = (enum stream_id)stream;
        if (job->streams[stream] && !site_stop_put(db, span_of(job->key), &stop, err))
            return false;
    }
    return true;
}

void dispatch_pause(struct site_queue *site, const bool streams[STREAMS], int64_t until,
                    struct span words)
{
    struct site_job *job = site_job_new(site, words);

    memcpy(job->streams, streams, sizeof job->streams);
    job->until = until;
    submit(site->engine, &job->job, LEDGER_REQUEST, "site-pause", run_pause, on_stopped);
}

/* ---- cursors ---- */

enum { CURSORS_A_JOB = 200 };

struct tidy_job {
    struct dispatch_job job;
    size_t n;
    struct {
        enum stream_id stream;
        int64_t strand;
        char domain[DELIVERY_DOMAIN_ROOM];
        char site[DELIVERY_DOMAIN_ROOM];
        int64_t cursor;
    } at[CURSORS_A_JOB];
};

static bool run_tidy(struct ledger_job *job, struct db *db, struct error *err)
{
    const struct tidy_job *tidy = CONTAINER_OF(dispatch_job_of(job), struct tidy_job, job);

    for (size_t i = 0; i < tidy->n; i++) {
        struct lane_key key = { tidy->at[i].stream, tidy->at[i].strand,
                                span_of(tidy->at[i].domain) };
        struct lane_progress progress = { .cursor = tidy->at[i].cursor };

        if (tidy->at[i].site[0] != '\0')
            progress.site = span_of(tidy->at[i].site);
        if (!lane_progress_put(db, &key, &progress, err))
            return false;
    }
    return intent_mark_advance(db, err);
}

static void put_cursor(struct tidy_job *tidy, struct lane_queue *lane)
{
    lane->saved_cursor = lane_settled_cursor(lane);
    tidy->at[tidy->n].stream = lane->stream;
    tidy->at[tidy->n].strand = lane->strand;
    tidy->at[tidy->n].cursor = lane->saved_cursor;
    span_copy(span_of(lane->destination->name), tidy->at[tidy->n].domain,
              sizeof tidy->at[tidy->n].domain);
    if (lane->destination->site != NULL)
        span_copy(span_of(lane->destination->site->key), tidy->at[tidy->n].site,
                  sizeof tidy->at[tidy->n].site);
    tidy->n++;
}

void dispatch_tidy(struct delivery_engine *e)
{
    while (!list_empty(&e->untidy)) {
        struct tidy_job *tidy = NEW(struct tidy_job);

        while (!list_empty(&e->untidy) && tidy->n < CURSORS_A_JOB) {
            struct lane_queue *lane =
                CONTAINER_OF(list_first(&e->untidy), struct lane_queue, tidy_link);

            list_remove(&lane->tidy_link);
            put_cursor(tidy, lane);
        }
        submit(e, &tidy->job, LEDGER_BULK, "cursors", run_tidy, on_done);
    }
}
