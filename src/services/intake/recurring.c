/*
 * One job of the ledger, and one timer, for what recurs and for the reports that are owed. When the
 * next is due the index says; the timer wakes once a minute all the same, since the clock may step.
 */
#include "services/intake/recurring.h"

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "services/intake/recurrence_turn.h"
#include "services/intake/submission_reports.h"
#include "store/ledger.h"
#include "store/recurrence.h"

enum { STEPS_MOST = 10, RETRY_MS = 1000, TIMER_MOST_MS = 60000 };

struct recurring {
    struct recurring_options options;
    struct mailbox *news;
    struct mailbox *answers;
    struct timer due;
    struct ledger_job job;
    bool is_running;
    bool is_wanted;  /* news came while it ran */
    int64_t next_at; /* as the last run found it; 0: none is due ever */
    bool is_stopping;
};

static bool find_next(struct db *db, int64_t *ret_at, struct error *err)
{
    int64_t report_at;

    if (!recurrence_row_next_due(db, ret_at, err) ||
        !submission_reports_next_due(db, &report_at, err))
        return false;
    if (*ret_at == 0 || (report_at != 0 && report_at < *ret_at))
        *ret_at = report_at;
    return true;
}

static bool run(struct ledger_job *job, struct db *db, struct error *err)
{
    struct recurring *r = CONTAINER_OF(job, struct recurring, job);
    int64_t now = loop_now_ms(r->options.loop);
    bool recurs = true;
    bool reports = true;

    if (!recurrence_turn_back(db, now, err))
        return false;
    for (int step = 0; step < STEPS_MOST && recurs; step++)
        if (!recurrence_turn(db, r->options.settings, now, &recurs, err))
            return false;
    for (int step = 0; step < STEPS_MOST && reports; step++)
        if (!submission_reports_turn(db, r->options.settings, now, &reports, err))
            return false;
    job->again = (recurs || reports) && !r->is_stopping;
    return find_next(db, &r->next_at, err);
}

static void want(struct recurring *r)
{
    if (r->is_stopping)
        return;
    r->is_wanted = r->is_running;
    if (r->is_running)
        return;
    r->is_running = true;
    ledger_submit(r->options.ledger, &r->job);
}

static void on_timer(void *owner)
{
    want(owner);
}

static void set_timer(struct recurring *r)
{
    int64_t ms = r->next_at - loop_now_ms(r->options.loop);

    if (r->next_at == 0) {
        timer_stop(&r->due);
        return;
    }
    ms = ms < 0 ? 0 : ms;
    timer_start(&r->due, ms > TIMER_MOST_MS ? TIMER_MOST_MS : ms);
}

static void on_answer(struct recurring *r)
{
    bool is_wanted = r->is_wanted;

    r->is_running = false;
    r->is_wanted = false;
    if (r->is_stopping)
        return;
    if (!r->job.ok) {
        log_error("recurring-failed", log_text("error", r->job.error.text));
        timer_start(&r->due, RETRY_MS);
    } else if (is_wanted) {
        want(r);
    } else {
        set_timer(r);
    }
}

static void on_answers(void *owner, struct list *posted)
{
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        on_answer(owner);
    }
}

/* A step of ours is news too: then nothing is due, and that is the end of it. */
static void on_news(void *owner, struct list *posted)
{
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        ledger_news_free(CONTAINER_OF(item, struct ledger_news, link));
    }
    want(owner);
}

struct recurring *recurring_new(const struct recurring_options *options)
{
    struct recurring *r = NEW(struct recurring);

    r->options = *options;
    r->news = mailbox_new(options->loop, on_news, r);
    r->answers = mailbox_new(options->loop, on_answers, r);
    timer_init(&r->due, options->loop, on_timer, r);
    r->job = (struct ledger_job){
        .name = "recurrences", .rank = LEDGER_BULK, .run = run, .answers = r->answers
    };
    ledger_listen(options->ledger, "recurrence", r->news);
    ledger_listen(options->ledger, "submission-report", r->news);
    timer_start(&r->due, 0);
    return r;
}

void recurring_use(struct recurring *recurring, const struct settings *settings)
{
    recurring->options.settings = settings;
}

void recurring_stop(struct recurring *recurring)
{
    recurring->is_stopping = true;
    timer_stop(&recurring->due);
}

void recurring_free(struct recurring *recurring)
{
    if (recurring == NULL)
        return;
    timer_stop(&recurring->due);
    mailbox_free(recurring->news);
    mailbox_free(recurring->answers);
    alloc_free(recurring);
}
