/*
 * One job of the ledger at a time. It says when there is something to do next, so an idle store is
 * left alone; that is looked up again each minute, for the clock may step, and within a second of
 * any mail that is made.
 */
#include "services/delivery/sweep.h"

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/expiry.h"
#include "store/deadline.h"
#include "store/dialogue.h"
#include "store/ledger.h"
#include "store/submission.h"

enum { SOON_MS = 1000, LATEST_MS = 60000 };

struct sweep {
    struct ledger_job job;
    struct delivery_engine *engine;
    struct mailbox *answers;
    struct timer due;
    int64_t next; /* UTC: there is something to do then */
    bool is_under_way;
    bool is_hurried; /* meanwhile; or the timer runs for a second at most */
    bool is_stopped;
};

static bool run_sweep(struct ledger_job *job, struct db *db, struct error *err)
{
    struct sweep *sweep = CONTAINER_OF(job, struct sweep, job);
    const struct delivery_engine_options *options = &sweep->engine->options;
    int64_t now = ledger_now_ms(options->ledger);
    int64_t next_old = 0;
    bool more_late;
    bool more_old;
    bool more_sent;

    if (!expiry_sweep(db, options->settings, now, &more_late, err) ||
        !dialogue_prune(db, now, &more_old, err) || !deadline_next(db, now, &sweep->next, err) ||
        !dialogue_next(db, &next_old, err) ||
        !submission_prune(db, now - options->settings->keep_messages, &more_sent, err))
        return false;
    sweep->next = next_old < sweep->next ? next_old : sweep->next;
    job->again = more_late || more_old || more_sent;
    return true;
}

static void plan(struct sweep *sweep, int64_t ms)
{
    sweep->is_hurried = ms <= SOON_MS;
    timer_start(&sweep->due, ms);
}

static void begin(void *owner)
{
    struct sweep *sweep = owner;

    sweep->is_under_way = true;
    sweep->is_hurried = false;
    sweep->engine->job_n++;
    ledger_submit(sweep->engine->options.ledger, &sweep->job);
}

static int64_t wait_ms(const struct sweep *sweep)
{
    int64_t ms = sweep->next - loop_now_ms(sweep->engine->loop);

    if (!sweep->job.ok || sweep->is_hurried || ms < SOON_MS)
        return SOON_MS;
    return ms < LATEST_MS ? ms : LATEST_MS;
}

static void on_swept(void *owner, struct list *posted)
{
    struct sweep *sweep = owner;

    list_remove(list_first(posted));
    sweep->is_under_way = false;
    sweep->engine->job_n--;
    if (!sweep->job.ok)
        log_warning("dispatch-failed", log_text("job", sweep->job.name),
                    log_text("error", sweep->job.error.text));
    if (!sweep->is_stopped)
        plan(sweep, wait_ms(sweep));
    engine_settle(sweep->engine);
}

struct sweep *sweep_new(struct delivery_engine *e)
{
    struct sweep *sweep = NEW(struct sweep);

    sweep->engine = e;
    sweep->answers = mailbox_new(e->loop, on_swept, sweep);
    sweep->job = (struct ledger_job){
        .name = "deadlines", .rank = LEDGER_BULK, .run = run_sweep, .answers = sweep->answers
    };
    timer_init(&sweep->due, e->loop, begin, sweep);
    sweep->is_stopped = true;
    return sweep;
}

void sweep_free(struct sweep *sweep)
{
    timer_stop(&sweep->due);
    mailbox_free(sweep->answers);
    alloc_free(sweep);
}

void sweep_start(struct sweep *sweep)
{
    sweep->is_stopped = false;
    plan(sweep, SOON_MS);
}

void sweep_stop(struct sweep *sweep)
{
    sweep->is_stopped = true;
    timer_stop(&sweep->due);
}

void sweep_hurry(struct sweep *sweep)
{
    if (sweep->is_stopped || sweep->is_hurried)
        return;
    if (sweep->is_under_way)
        sweep->is_hurried = true;
    else
        plan(sweep, SOON_MS);
}
