/*
 * Jobs for the ledger, and those of no other subject: recovery, outcomes of mail that never came to
 * a sender, and cursors.
 */
#include "services/delivery/dispatch_internal.h"

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/outcome_record.h"
#include "services/delivery/site_queue_internal.h"
#include "store/host_trouble.h"
#include "store/intent.h"
#include "store/lane.h"

void dispatch_submit(struct delivery_engine *e, struct dispatch_job *job, enum ledger_rank rank,
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

struct dispatch_job *dispatch_job_of(struct ledger_job *job)
{
    return CONTAINER_OF(job, struct dispatch_job, job);
}

const struct settings *dispatch_settings(const struct dispatch_job *job)
{
    return job->engine->options.settings;
}

int64_t dispatch_now(const struct dispatch_job *job)
{
    return ledger_now_ms(job->engine->options.ledger);
}

void dispatch_look_failed(const struct dispatch_job *job)
{
    if (!job->job.ok)
        log_warning("dispatch-failed", log_text("job", job->job.name),
                    log_text("error", job->job.error.text));
}

void dispatch_done(struct dispatch_job *job)
{
    dispatch_look_failed(job);
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

    if (!host_trouble_forget(db, err))
        return false;
    if (!intent_mark_read(db, &after, err) || !intent_open_next(db, after, &open, err))
        return false;
    while (open.intent != 0 && n++ < RECOVERED_A_SLICE) {
        log_warning("delivery-in-doubt", log_number("delivery", open.delivery),
                    log_number("intent", open.intent));
        if (!outcome_record_lost(db, open.delivery, open.intent, dispatch_settings(job),
                                 dispatch_now(job), err) ||
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

    dispatch_look_failed(job);
    alloc_free(job);
    engine_recovered(e, ok);
}

void dispatch_recover(struct delivery_engine *e)
{
    dispatch_submit(e, NEW(struct dispatch_job), LEDGER_BULK, "recovery", run_recover,
                    on_recovered);
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

    lookup->tried.now_ms = dispatch_now(job);
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
    dispatch_submit(e, &lookup->job, LEDGER_OUTCOME, "lookup", run_lookup, on_lookup_recorded);
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
        dispatch_submit(e, &tidy->job, LEDGER_BULK, "cursors", run_tidy, dispatch_done);
    }
}
