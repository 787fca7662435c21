/*
 * The only writer. Jobs stand in a queue per rank; a turn of the ledger is one transaction, either
 * of outcomes, intents and requests in this order (the front), or of slices of bulk work; when
 * both wait they take turns, so that an intent waits for one slice at most and long work always
 * gets on. While one transaction is being made durable the next one's jobs gather in the mailbox:
 * that is the group commit: 50 mails under way make groups of 20 on a disk without delay and the
 * same on one that takes 4 ms (tools/ledger_floor.c). Where the processors are what is short, not
 * the disk, groups would be small and each commit's own cost the largest part of a mail's: so dense
 * mail gathers for a moment. Lone mail never waits.
 *
 * Two kinds of failure. A job that fails while the database is well: requests and slices run under
 * a savepoint each and fail alone; outcomes and intents have none, for speed, so their transaction
 * is undone and run again carefully, with a savepoint for all, which shows whose fault it was. The
 * database itself fails (the disk is full): everything of the transaction is undone; requests and
 * intents are refused, slices come again later, and outcomes stay here and are tried until they
 * commit. While one is left, the ledger is stalled: it grants no intent and takes no request.
 */
#include "store/ledger.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "domain/figure.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "store/ledger_log.h"
#include "store/ledger_pace.h"

enum { RANKS = LEDGER_BULK + 1, BULK_TURN_MS = 10, RETRY_FIRST_MS = 20, RETRY_MAX_MS = 5000 };
enum { GATHERED = 64 }; /* outcomes and intents that are company enough */

struct ledger {
    struct ledger_options options;
    struct db *db;
    struct mailbox *inbox;
    struct list queues[RANKS];
    struct list batch;     /* run in the transaction at hand */
    struct list next_turn; /* posted to our own inbox: what came before it is seen first */
    bool is_turn_posted;
    bool bulk_is_next;
    bool is_careful;     /* the next transaction of the front has a savepoint for every job */
    int64_t began_ms;    /* the transaction at hand, */
    int64_t changes_ago; /* and how many rows had been changed before it */

    struct ledger_pace pace;
    struct timer gather;

    bool is_stalled;
    int stall_tries;
    struct error stall_reason;
    struct timer stall_retry;

    int bulk_failures; /* in a row */
    struct timer bulk_retry;

    struct ledger_listeners listeners;
    struct figure_page figures;
    struct ledger_log *log;

    void (*drained)(void *owner);
    void *drained_owner;

    atomic_long unanswered; /* submitted and not yet answered */
    atomic_long pressing;   /* outcomes and intents that wait to be run */
};

static bool is_pressing(enum ledger_rank rank)
{
    return rank == LEDGER_OUTCOME || rank == LEDGER_INTENT;
}

void ledger_submit(struct ledger *l, struct ledger_job *job)
{
    assert(job->answers != NULL);
    (void)atomic_fetch_add(&l->unanswered, 1);
    if (is_pressing(job->rank))
        (void)atomic_fetch_add(&l->pressing, 1);
    mailbox_post(l->inbox, &job->link);
}

bool ledger_pressed(const struct ledger *l)
{
    return atomic_load(&l->pressing) > 0;
}

int64_t ledger_now_ms(const struct ledger *l)
{
    return loop_now_ms(l->options.loop);
}

/* ---- jobs ---- */

static struct ledger_job *job_of(struct list *link)
{
    return CONTAINER_OF(link, struct ledger_job, link);
}

static void answer(struct ledger *l, struct ledger_job *job)
{
    list_remove(&job->link);
    (void)atomic_fetch_sub(&l->unanswered, 1);
    figure_add(&l->figures, FIGURE_JOBS, 1);
    mailbox_post(job->answers, &job->link);
}

static void refuse(struct ledger *l, struct ledger_job *job, const struct error *reason)
{
    job->ok = false;
    job->error = *reason;
    if (job->rank == LEDGER_INTENT)
        (void)error_set(&job->error, ERROR_TEMPORARY, "no leave to send now: %.500s", reason->text);
    answer(l, job);
}

/* Takes a job out of its queue into the batch. */
static struct ledger_job *take(struct ledger *l, enum ledger_rank rank)
{
    struct list *link = list_first(&l->queues[rank]);

    if (link == NULL)
        return NULL;
    list_remove(link);
    list_append(&l->batch, link);
    if (is_pressing(rank))
        (void)atomic_fetch_sub(&l->pressing, 1);
    return job_of(link);
}

/* The batch goes back to where it came from, in its order. */
static void put_back(struct ledger *l, struct ledger_job *job)
{
    list_remove(&job->link);
    list_prepend(&l->queues[job->rank], &job->link);
    if (is_pressing(job->rank))
        (void)atomic_fetch_add(&l->pressing, 1);
}

static void put_all_back(struct ledger *l)
{
    while (!list_empty(&l->batch))
        put_back(l, job_of(l->batch.prev));
}

static void refuse_all(struct ledger *l, struct list *jobs, const struct error *reason)
{
    while (!list_empty(jobs)) {
        struct ledger_job *job = job_of(jobs->next);

        if (is_pressing(job->rank))
            (void)atomic_fetch_sub(&l->pressing, 1);
        refuse(l, job, reason);
    }
}

/* ---- stalling ---- */

static int64_t back_off(int tries)
{
    int64_t ms = RETRY_FIRST_MS;

    for (int i = 0; i < tries && ms < RETRY_MAX_MS; i++)
        ms *= 2;
    return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* An outcome could not be committed. Requests are refused once that has failed twice: the first
 * time a request itself may have been what was too large. */
static void stall(struct ledger *l, const char *job, const struct error *reason)
{
    if (l->is_stalled)
        l->stall_tries++;
    else
        log_error("ledger-stalled", log_text("job", job), log_text("reason", reason->text));
    l->is_stalled = true;
    figure_set(&l->figures, FIGURE_STALLED, 1);
    l->stall_reason = *reason;
    refuse_all(l, &l->queues[LEDGER_INTENT], reason);
    if (l->stall_tries > 0)
        refuse_all(l, &l->queues[LEDGER_REQUEST], reason);
    timer_start(&l->stall_retry, back_off(l->stall_tries));
}

static void resume(struct ledger *l)
{
    if (!l->is_stalled)
        return;
    log_info("ledger-resumed", log_number("tries", l->stall_tries + 1));
    l->is_stalled = false;
    figure_set(&l->figures, FIGURE_STALLED, 0);
    l->stall_tries = 0;
}

/* The database failed: outcomes stay, who asked is refused. */
static void fail_batch(struct ledger *l, const struct error *reason)
{
    struct list refused;

    list_init(&refused);
    while (!list_empty(&l->batch)) {
        struct ledger_job *job = job_of(l->batch.prev);

        if (job->rank == LEDGER_OUTCOME) {
            put_back(l, job);
        } else {
            list_remove(&job->link);
            list_prepend(&refused, &job->link);
        }
    }
    while (!list_empty(&refused))
        refuse(l, job_of(refused.next), reason);
}

/* ---- one transaction ---- */

/* How a job, or a transaction, went. */
enum turn_result {
    TURN_OK,
    TURN_FAULT, /* a job without savepoint failed; the database is well */
    TURN_BROKEN /* the database failed */
};

static enum turn_result run_bare(struct ledger *l, struct ledger_job *job, struct error *err)
{
    job->again = false;
    job->ok = job->run(job, l->db, &job->error);
    if (job->ok)
        return TURN_OK;
    *err = job->error;
    return db_is_well(l->db) ? TURN_FAULT : TURN_BROKEN;
}

static enum turn_result run_under_savepoint(struct ledger *l, struct ledger_job *job,
                                            struct error *err)
{
    enum turn_result result;

    if (!db_savepoint(l->db, err))
        return TURN_BROKEN;
    result = run_bare(l, job, err);
    if (result == TURN_BROKEN)
        return TURN_BROKEN;
    if (result == TURN_OK)
        return db_release(l->db, err) ? TURN_OK : TURN_BROKEN;
    return db_rollback_to_savepoint(l->db, err) ? TURN_OK : TURN_BROKEN;
}

static enum turn_result run_job(struct ledger *l, struct ledger_job *job, bool is_careful,
                                struct error *err)
{
    if (is_careful || !is_pressing(job->rank))
        return run_under_savepoint(l, job, err);
    return run_bare(l, job, err);
}

/* There may be mail without end: it leaves requests a third of the transaction. */
static bool is_full(const struct ledger *l, enum ledger_rank rank)
{
    int64_t halves = rank == LEDGER_REQUEST ? 3 : 2;

    return (loop_monotonic_ms(l->options.loop) - l->began_ms) * 2 >= l->options.hold_ms * halves ||
           (db_changes_made(l->db) - l->changes_ago) * 2 >= l->options.hold_changes * halves;
}

static bool begin(struct ledger *l, struct error *err)
{
    l->began_ms = loop_monotonic_ms(l->options.loop);
    l->changes_ago = db_changes_made(l->db);
    return db_begin(l->db, err);
}

static bool commit(struct ledger *l, struct error *err)
{
    int64_t began_us = clock_monotonic_us();
    bool ok = db_commit(l->db, err);
    int64_t us = clock_monotonic_us() - began_us;

    figure_add(&l->figures, figure_of_commit(us), 1);
    figure_add(&l->figures, FIGURE_COMMIT_US, us);
    figure_add(&l->figures, FIGURE_COMMITS, 1);
    return ok;
}

/* Runs what waits of the ranks up to `last`, and commits. No rank after outcomes has its turn when
 * one of those failed. One request is run even if mail has filled the transaction: there may be
 * mail without end. */
static enum turn_result run_front(struct ledger *l, enum ledger_rank last, struct error *err)
{
    bool is_careful = l->is_careful;
    bool has_failed = false;

    l->is_careful = false;
    if (!begin(l, err))
        return TURN_BROKEN;
    for (enum ledger_rank rank = LEDGER_OUTCOME; rank <= last && !has_failed; rank++) {
        bool is_owed = rank == LEDGER_REQUEST;
        struct ledger_job *job;

        while ((is_owed || !is_full(l, rank)) && (job = take(l, rank)) != NULL) {
            enum turn_result result = run_job(l, job, is_careful, err);

            is_owed = false;
            if (result != TURN_OK)
                return result;
            has_failed = has_failed || (rank == LEDGER_OUTCOME && !job->ok);
        }
    }
    return commit(l, err) ? TURN_OK : TURN_BROKEN;
}

/* Runs slices, at least one, for the time of one turn. */
static enum turn_result run_bulk(struct ledger *l, struct error *err)
{
    struct ledger_job *job;

    if (!begin(l, err))
        return TURN_BROKEN;
    while ((job = take(l, LEDGER_BULK)) != NULL) {
        enum turn_result result = run_job(l, job, true, err);

        if (result != TURN_OK)
            return result;
        if (ledger_pressed(l) || loop_monotonic_ms(l->options.loop) - l->began_ms >= BULK_TURN_MS)
            break;
    }
    return commit(l, err) ? TURN_OK : TURN_BROKEN;
}

/* After a commit: answers, but to slices that go on, and to outcomes, which may not fail. The
 * first of those is given back, to be told why. */
static struct ledger_job *answer_batch(struct ledger *l)
{
    struct list kept;
    struct ledger_job *failed = NULL;

    list_init(&kept);
    while (!list_empty(&l->batch)) {
        struct ledger_job *job = job_of(l->batch.next);

        if (job->rank == LEDGER_OUTCOME && !job->ok) {
            list_remove(&job->link);
            list_append(&kept, &job->link);
        } else if (job->rank == LEDGER_BULK && job->ok && job->again) {
            list_remove(&job->link);
            list_append(&l->queues[LEDGER_BULK], &job->link);
        } else {
            answer(l, job);
        }
    }
    while (!list_empty(&kept)) {
        failed = job_of(kept.prev);
        put_back(l, failed);
    }
    return failed;
}

static void turn_front(struct ledger *l)
{
    struct error err;
    struct ledger_job *failed;

    switch (run_front(l, l->is_stalled ? LEDGER_OUTCOME : LEDGER_REQUEST, &err)) {
    case TURN_OK:
        failed = answer_batch(l);
        if (failed != NULL)
            stall(l, failed->name, &failed->error);
        else if (list_empty(&l->queues[LEDGER_OUTCOME]))
            resume(l);
        return;
    case TURN_FAULT:
        db_rollback(l->db);
        put_all_back(l);
        l->is_careful = true;
        return;
    case TURN_BROKEN:
        db_rollback(l->db);
        log_warning("ledger-failed", log_text("reason", err.text));
        fail_batch(l, &err);
        if (!list_empty(&l->queues[LEDGER_OUTCOME]))
            stall(l, job_of(l->queues[LEDGER_OUTCOME].next)->name, &err);
        l->is_careful = true;
        return;
    }
}

static void turn_bulk(struct ledger *l)
{
    struct error err;

    if (run_bulk(l, &err) == TURN_OK) {
        l->bulk_failures = 0;
        (void)answer_batch(l);
        return;
    }
    db_rollback(l->db);
    log_warning("ledger-bulk-failed", log_text("reason", err.text));
    while (!list_empty(&l->batch)) { /* last in the queue: one slice may be what is too large */
        struct list *link = l->batch.next;

        list_remove(link);
        list_append(&l->queues[LEDGER_BULK], link);
    }
    timer_start(&l->bulk_retry, back_off(l->bulk_failures++));
}

/* ---- turns ---- */

static bool has_front(const struct ledger *l)
{
    return !list_empty(&l->queues[LEDGER_OUTCOME]) || !list_empty(&l->queues[LEDGER_INTENT]) ||
           !list_empty(&l->queues[LEDGER_REQUEST]);
}

static bool has_bulk(const struct ledger *l)
{
    return !list_empty(&l->queues[LEDGER_BULK]) && !timer_running(&l->bulk_retry);
}

static void check_drained(struct ledger *l)
{
    void (*done)(void *owner) = l->drained;

    if (done == NULL || atomic_load(&l->unanswered) > 0)
        return;
    l->drained = NULL;
    done(l->drained_owner);
}

static void post_turn(struct ledger *l)
{
    if (l->is_turn_posted)
        return;
    l->is_turn_posted = true;
    mailbox_post(l->inbox, &l->next_turn);
}

/* Whether what waits is better off with what comes in a moment. */
static bool gathers(struct ledger *l)
{
    int64_t now_ms = loop_monotonic_ms(l->options.loop);
    int64_t since_ms = now_ms - l->began_ms;

    if (since_ms >= l->options.gather_ms || !has_front(l) || has_bulk(l) ||
        !list_empty(&l->queues[LEDGER_REQUEST]) || atomic_load(&l->pressing) >= GATHERED ||
        !ledger_pace_is_dense(&l->pace, now_ms))
        return false;
    if (!timer_running(&l->gather))
        timer_start(&l->gather, l->options.gather_ms - since_ms);
    return true;
}

/* One transaction. */
static void take_turn(struct ledger *l)
{
    bool is_bulk = has_bulk(l) && (l->bulk_is_next || !has_front(l));

    if (l->is_stalled || gathers(l))
        return; /* stall_retry or gather goes on */
    if (is_bulk)
        turn_bulk(l);
    else if (has_front(l))
        turn_front(l);
    l->bulk_is_next = !is_bulk;
    if (!l->is_stalled && (has_front(l) || has_bulk(l)))
        post_turn(l);
    figure_set(&l->figures, FIGURE_JOBS_WAITING, atomic_load(&l->unanswered));
    ledger_log_look(l->log);
    check_drained(l);
}

static void on_bulk_retry(void *owner)
{
    take_turn(owner);
}

static void on_gathered(void *owner)
{
    take_turn(owner);
}

static void on_stall_retry(void *owner)
{
    struct ledger *l = owner;

    l->is_careful = true;
    turn_front(l);
    if (!l->is_stalled)
        take_turn(l);
    else if (!timer_running(&l->stall_retry))
        timer_start(&l->stall_retry, 0); /* more of them than a transaction takes */
    check_drained(l);
}

static void on_submitted(void *owner, struct list *posted)
{
    struct ledger *l = owner;

    int64_t now_ms = loop_monotonic_ms(l->options.loop);

    while (!list_empty(posted)) {
        struct list *link = posted->next;

        list_remove(link);
        if (link == &l->next_turn) {
            l->is_turn_posted = false;
            continue;
        }
        list_append(&l->queues[job_of(link)->rank], link);
        if (is_pressing(job_of(link)->rank))
            ledger_pace_note(&l->pace, now_ms);
    }
    if (l->is_stalled) {
        refuse_all(l, &l->queues[LEDGER_INTENT], &l->stall_reason);
        if (l->stall_tries > 0)
            refuse_all(l, &l->queues[LEDGER_REQUEST], &l->stall_reason);
    }
    take_turn(l);
}

/* ---- life ---- */

struct ledger *ledger_new(const struct ledger_options *options)
{
    struct ledger *l = NEW(struct ledger);

    l->options = *options;
    l->db = options->db;
    l->inbox = mailbox_new(options->loop, on_submitted, l);
    for (int i = 0; i < RANKS; i++)
        list_init(&l->queues[i]);
    list_init(&l->batch);
    list_init(&l->next_turn);
    timer_init(&l->stall_retry, options->loop, on_stall_retry, l);
    timer_init(&l->bulk_retry, options->loop, on_bulk_retry, l);
    timer_init(&l->gather, options->loop, on_gathered, l);
    atomic_init(&l->unanswered, 0);
    atomic_init(&l->pressing, 0);
    db_hand_news_to(l->db, ledger_listeners_hand, &l->listeners);
    l->log = ledger_log_new(options->loop, options->db, options->log_pages);
    return l;
}

void ledger_listen(struct ledger *l, const char *news, struct mailbox *box)
{
    ledger_listeners_add(&l->listeners, news, box);
}

void ledger_drain(struct ledger *l, void (*done)(void *owner), void *owner)
{
    l->drained = done;
    l->drained_owner = owner;
    post_turn(l);
}

void ledger_figures(const struct ledger *l, struct figure_sums *sums)
{
    figure_sums_add(sums, &l->figures);
}

void ledger_free(struct ledger *l)
{
    if (l == NULL)
        return;
    db_hand_news_to(l->db, NULL, NULL);
    ledger_log_free(l->log);
    timer_stop(&l->stall_retry);
    timer_stop(&l->bulk_retry);
    timer_stop(&l->gather);
    mailbox_free(l->inbox);
    alloc_free(l);
}
