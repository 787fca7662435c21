/*
 * Four jobs of the ledger, for events, for notices that are due, for digests that are, and for
 * notices whose reason may be gone. Each is
 * handed in when there is news for it, goes on by slices until it finds nothing more, and is handed
 * in again when news came meanwhile. All that matters is in the store; what is kept here only
 * chooses turns and sizes.
 */
#include "services/fanout/fanout.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/zone_cache.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "services/fanout/digest_run.h"
#include "services/fanout/fan_out.h"
#include "services/fanout/pending_review.h"
#include "services/fanout/promotion.h"
#include "store/digest.h"
#include "store/ledger.h"
#include "store/notice.h"

/* A slice's share of the ledger: ms while mail waits, ms when nothing does. */
enum { PRESSED_MS = 8, IDLE_MS = 60, STEPS_MOST = 256 };
enum { PEOPLE_LEAST = 200, PEOPLE_MOST = 20000 };
enum { NOTICES_A_STEP = 32 };
enum { RETRY_MS = 1000, TIMER_MOST_MS = 60000 }; /* the clock may step: look again in between */

struct task {
    struct ledger_job job;
    struct fanout *fanout;
    bool is_running;
    bool is_wanted; /* news came while it ran */
};

struct fanout {
    struct fanout_options options;
    struct mailbox *news;
    struct mailbox *answers;
    struct timer due;
    struct task events;
    struct task notices;
    int64_t last_seq;         /* the event whose turn it was */
    size_t people;            /* of the next slice */
    struct zone_cache *zones; /* used by jobs alone */
    int64_t next_due;         /* as the last promotion found it */
    int64_t next_later;       /* when the first event is to be told that waits for its time */
    struct task reviews;
    struct task digests;
    struct digest_run *digest_run;
    int64_t next_digest; /* likewise; NOTICE_WAITS: none */
    bool is_stopping;
};

static int64_t share(const struct fanout *f)
{
    return ledger_pressed(f->options.ledger) ? PRESSED_MS : IDLE_MS;
}

/* Too slow halves the next slice, twice as fast as needed doubles it. */
static void adapt(struct fanout *f, int64_t took_ms)
{
    int64_t aim = share(f);

    if (took_ms > aim && f->people > PEOPLE_LEAST)
        f->people /= 2;
    else if (took_ms * 2 < aim && f->people < PEOPLE_MOST)
        f->people *= 2;
}

/* Events whose time has come get their place. */
static bool take_later(struct fanout *f, struct db *db, struct error *err)
{
    int64_t now = loop_now_ms(f->options.loop);
    int64_t next = 0;

    for (int step = 0; step < STEPS_MOST; step++) {
        if (!fan_out_later(db, now, &next, err))
            return false;
        if (next == 0 || next > now)
            break;
    }
    f->next_later = next == 0 ? NOTICE_WAITS : next;
    return true;
}

static bool run_events(struct ledger_job *job, struct db *db, struct error *err)
{
    struct fanout *f = CONTAINER_OF(job, struct task, job)->fanout;
    int64_t began = loop_monotonic_ms(f->options.loop);
    bool is_idle = false;

    if (!take_later(f, db, err))
        return false;
    for (int step = 0; step < STEPS_MOST && !is_idle; step++) {
        int64_t step_began = loop_monotonic_ms(f->options.loop);
        struct fan_out_terms terms = { .now_ms = loop_now_ms(f->options.loop),
                                       .window = f->options.settings->window,
                                       .urgent_window = f->options.settings->urgent_window,
                                       .busy_window = f->options.settings->busy_window,
                                       .busy_time = f->options.settings->busy_time,
                                       .storm = { f->options.settings->storm_watchers,
                                                  f->options.settings->storm_directs },
                                       .people = f->people };

        if (!fan_out_step(db, &terms, &f->last_seq, &is_idle, err))
            return false;
        adapt(f, loop_monotonic_ms(f->options.loop) - step_began);
        if (loop_monotonic_ms(f->options.loop) - began >= share(f))
            break;
    }
    job->again = !is_idle && !f->is_stopping;
    return true;
}

static struct promotion_terms terms_now(const struct fanout *f)
{
    return (struct promotion_terms){ .now_ms = loop_now_ms(f->options.loop),
                                     .message_domain = f->options.message_domain,
                                     .message_key = f->options.message_key,
                                     .notices = NOTICES_A_STEP,
                                     .settings = f->options.settings,
                                     .zones = f->zones };
}

static bool run_notices(struct ledger_job *job, struct db *db, struct error *err)
{
    struct fanout *f = CONTAINER_OF(job, struct task, job)->fanout;
    int64_t began = loop_monotonic_ms(f->options.loop);
    size_t count = NOTICES_A_STEP;

    for (int step = 0; step < STEPS_MOST && count == NOTICES_A_STEP; step++) {
        const struct promotion_terms terms = terms_now(f);

        if (!promotion_step(db, &terms, &count, err))
            return false;
        if (loop_monotonic_ms(f->options.loop) - began >= share(f))
            break;
    }
    job->again = count == NOTICES_A_STEP && !f->is_stopping;
    return notice_next_due(db, &f->next_due, err);
}

static bool run_digests(struct ledger_job *job, struct db *db, struct error *err)
{
    struct fanout *f = CONTAINER_OF(job, struct task, job)->fanout;
    int64_t began = loop_monotonic_ms(f->options.loop);
    size_t count = NOTICES_A_STEP;
    bool any;

    for (int step = 0; step < STEPS_MOST && count == NOTICES_A_STEP; step++) {
        const struct promotion_terms terms = terms_now(f);

        if (!digest_run_step(f->digest_run, db, &terms, &count, err))
            return false;
        if (loop_monotonic_ms(f->options.loop) - began >= share(f))
            break;
    }
    job->again = count == NOTICES_A_STEP && !f->is_stopping;
    if (!digest_next_due(db, &f->next_digest, &any, err))
        return false;
    f->next_digest = any ? f->next_digest : NOTICE_WAITS;
    return true;
}

static bool run_reviews(struct ledger_job *job, struct db *db, struct error *err)
{
    struct fanout *f = CONTAINER_OF(job, struct task, job)->fanout;
    int64_t began = loop_monotonic_ms(f->options.loop);
    bool is_idle = false;

    for (int step = 0; step < STEPS_MOST && !is_idle; step++) {
        if (!pending_review_step(db, loop_now_ms(f->options.loop), &is_idle, err))
            return false;
        if (loop_monotonic_ms(f->options.loop) - began >= share(f))
            break;
    }
    job->again = !is_idle && !f->is_stopping;
    return true;
}

static void want(struct task *task)
{
    struct fanout *f = task->fanout;

    if (f->is_stopping)
        return;
    task->is_wanted = task->is_running;
    if (task->is_running)
        return;
    task->is_running = true;
    ledger_submit(f->options.ledger, &task->job);
}

static void on_timer(void *owner)
{
    struct fanout *f = owner;

    want(&f->events); /* costs nothing when there are none; after a failure there are */
    want(&f->reviews);
    want(&f->notices);
    want(&f->digests);
}

static void set_timer(struct fanout *f)
{
    int64_t due = f->next_due < f->next_digest ? f->next_due : f->next_digest;
    int64_t next = f->next_later < due ? f->next_later : due;
    int64_t ms = next - loop_now_ms(f->options.loop);

    if (next == NOTICE_WAITS) {
        timer_stop(&f->due);
        return;
    }
    ms = ms < 0 ? 0 : ms;
    timer_start(&f->due, ms > TIMER_MOST_MS ? TIMER_MOST_MS : ms);
}

/* The store refused (a full disk, say): the same again later. */
static void on_failure(struct fanout *f, const struct task *task)
{
    log_error("fan-out-failed", log_text("job", task->job.name),
              log_text("error", task->job.error.text));
    timer_start(&f->due, RETRY_MS);
}

static void on_answer(struct fanout *f, struct task *task)
{
    bool is_wanted = task->is_wanted;

    task->is_running = false;
    task->is_wanted = false;
    if (f->is_stopping)
        return;
    if (!task->job.ok)
        on_failure(f, task);
    else if (is_wanted)
        want(task);
    else
        set_timer(f);
}

static void on_answers(void *owner, struct list *posted)
{
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        on_answer(owner,
                  CONTAINER_OF(CONTAINER_OF(item, struct ledger_job, link), struct task, job));
    }
}

static struct task *task_of_news(struct fanout *f, struct span news)
{
    if (span_equal(news, SPAN("event")))
        return &f->events;
    if (span_equal(news, SPAN("review")))
        return &f->reviews;
    return span_equal(news, SPAN("digest")) ? &f->digests : &f->notices;
}

static void on_news(void *owner, struct list *posted)
{
    struct fanout *f = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct ledger_news *news = CONTAINER_OF(item, struct ledger_news, link);
        struct task *task = task_of_news(f, span_of(news->news));

        list_remove(item);
        ledger_news_free(news);
        want(task);
    }
}

static void task_init(struct task *task, struct fanout *f, const char *name,
                      bool (*run)(struct ledger_job *job, struct db *db, struct error *err))
{
    task->fanout = f;
    task->job =
        (struct ledger_job){ .name = name, .rank = LEDGER_BULK, .run = run, .answers = f->answers };
}

struct fanout *fanout_new(const struct fanout_options *options)
{
    struct fanout *f = NEW(struct fanout);

    f->options = *options;
    f->people = PEOPLE_LEAST;
    f->zones = zone_cache_new();
    f->next_due = NOTICE_WAITS;
    f->next_later = NOTICE_WAITS;
    f->next_digest = NOTICE_WAITS;
    f->digest_run = digest_run_new();
    f->news = mailbox_new(options->loop, on_news, f);
    f->answers = mailbox_new(options->loop, on_answers, f);
    timer_init(&f->due, options->loop, on_timer, f);
    task_init(&f->events, f, "fan-out", run_events);
    task_init(&f->notices, f, "promotion", run_notices);
    task_init(&f->digests, f, "digests", run_digests);
    task_init(&f->reviews, f, "reviews", run_reviews);
    ledger_listen(options->ledger, "event", f->news);
    ledger_listen(options->ledger, "review", f->news);
    ledger_listen(options->ledger, "notice", f->news);
    ledger_listen(options->ledger, "digest", f->news);
    timer_start(&f->due, 0);
    return f;
}

void fanout_use(struct fanout *fanout, const struct settings *settings)
{
    fanout->options.settings = settings;
}

void fanout_stop(struct fanout *fanout)
{
    fanout->is_stopping = true;
    timer_stop(&fanout->due);
}

void fanout_free(struct fanout *fanout)
{
    timer_stop(&fanout->due);
    mailbox_free(fanout->news);
    mailbox_free(fanout->answers);
    zone_cache_free(fanout->zones);
    digest_run_free(fanout->digest_run);
    alloc_free(fanout);
}
