/*
 * One look is one piece of work for the reader's thread: the next page of each kind. Whether a mail
 * is being worked for is known to the dispatcher alone, so it judges what was read; what is
 * overdue goes to the ledger, where it is looked at again, told, and set going.
 *
 * A backlog is not overdue: a lane that has mail in memory, or waits for room or its site, is
 * served when its turn comes. Notices go in the order of their due times, so one is overdue when
 * the same one is the first for a whole time of grace. After a start, and after the clock was set,
 * it is quiet for as long: much may be due at once.
 */
#include "services/delivery/watchdog.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "io/worker.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "store/deadline.h"
#include "store/intent.h"
#include "store/lane.h"
#include "store/overdue.h"
#include "store/reader.h"

enum {
    LANES_A_LOOK = 50,
    SEEN_MOST = 64,
    NOTICE_RANKS = 2,
    BLOCK_BYTES = 16 * 1024,
    STEP_MS = 1000
};

/* The longest due delivery of a lane that is past due. */
struct waiting_row {
    struct lane_row lane;
    int64_t delivery;
    int64_t due_at;
};

/* A look at the store, on the reader's thread. */
struct watch_look {
    struct work work;
    int64_t before; /* UTC: what was due by then is overdue */
    int64_t after_intent;
    struct lane_row after_lane; /* domain "": from the first */
    struct overdue_walk walk;

    struct deadline_walk mark; /* how far the sweep of deadlines has come */
    struct overdue_open open[OVERDUE_MOST];
    size_t open_n;
    struct overdue_late late[2 * OVERDUE_MOST];
    size_t late_n;
    struct waiting_row waiting[LANES_A_LOOK];
    size_t waiting_n;
    struct overdue_notice notices[NOTICE_RANKS];
    bool ok;
    struct error error;
};

struct watchdog {
    struct delivery_engine *engine;
    struct worker_pool *reader;
    struct mailbox *looks;
    struct timer next;
    struct watch_look look;
    struct overdue_notice first[NOTICE_RANKS]; /* of the notices, and since when it is */
    int64_t first_since[NOTICE_RANKS];
    int64_t mark; /* the sweep's, and since when it is */
    int64_t mark_since;
    int64_t clock_ahead_ms;               /* of UTC before the monotonic one, at the last look */
    int64_t quiet_until;                  /* monotonic */
    struct overdue_found seen[SEEN_MOST]; /* told already, the latest ones */
    size_t seen_n;
};

/* ---- reading ---- */

static bool read_open(struct watch_look *look, struct db *db)
{
    int64_t mark;

    if (!intent_mark_read(db, &mark, &look->error))
        return false;
    if (look->after_intent < mark)
        look->after_intent = mark;
    return overdue_open_page(db, look->before, &look->after_intent, look->open, &look->open_n,
                             &look->error);
}

/* The latest deadlines each time, the others page by page. */
static bool read_late(struct watch_look *look, struct db *db)
{
    struct overdue_walk latest = { look->before, INT64_MAX };
    size_t n;

    if (!deadline_mark_read(db, &look->mark, &look->error) ||
        !overdue_late_page(db, &latest, look->late, &look->late_n, &look->error))
        return false;
    if (look->walk.deadline == 0)
        look->walk = latest;
    if (look->walk.deadline == 0)
        return true;
    if (!overdue_late_page(db, &look->walk, look->late + look->late_n, &n, &look->error))
        return false;
    look->late_n += n;
    return true;
}

static bool find_waiting(const struct watch_look *look, struct db *db, const struct lane_row *lane,
                         struct lane_delivery *ret_first, struct error *err)
{
    struct lane_key key = lane_row_key(lane);
    struct lane_delivery fresh = { .id = 0 };
    struct lane_retry_walk walk = { .now_ms = look->before };
    struct lane_page page = { .at = ret_first, .room = 1 };
    struct lane_page fresh_page = { .at = &fresh, .room = 1 };
    int64_t after = lane->fresh_cursor;

    if (!lane_claim_retry(db, &key, &walk, &page, err) ||
        !lane_claim_fresh(db, &key, &after, &fresh_page, err))
        return false;
    if (page.n == 0)
        ret_first->id = 0;
    if (fresh_page.n > 0 && fresh.due_at < look->before && ret_first->id == 0)
        *ret_first = fresh;
    return true;
}

static bool read_waiting(struct watch_look *look, struct db *db)
{
    struct lane_row rows[LANES_A_LOOK];
    const struct lane_row *after = look->after_lane.domain[0] == '\0' ? NULL : &look->after_lane;
    size_t n;

    look->waiting_n = 0;
    if (!lane_each_waiting(db, after, rows, LANES_A_LOOK, &n, &look->error))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct lane_delivery first = { .id = 0 };

        if (!find_waiting(look, db, &rows[i], &first, &look->error))
            return false;
        if (first.id != 0)
            look->waiting[look->waiting_n++] =
                (struct waiting_row){ rows[i], first.id, first.due_at };
    }
    look->after_lane = n == LANES_A_LOOK ? rows[n - 1] : (struct lane_row){ .strand = 0 };
    return true;
}

static bool read_notices(struct watch_look *look, struct db *db)
{
    for (int urgent = 0; urgent < NOTICE_RANKS; urgent++)
        if (!overdue_notice_find(db, urgent == 1, look->before, &look->notices[urgent],
                                 &look->error))
            return false;
    return true;
}

static void run_look(struct work *work, void *state)
{
    struct watch_look *look = CONTAINER_OF(work, struct watch_look, work);

    look->ok = read_open(look, state) && read_late(look, state) && read_waiting(look, state) &&
               read_notices(look, state);
}

/* ---- judging ---- */

/* Tells each once. */
static void found(struct watchdog *w, struct overdue_found what)
{
    for (size_t i = 0; i < w->seen_n && i < SEEN_MOST; i++)
        if (w->seen[i].kind == what.kind && w->seen[i].id == what.id &&
            w->seen[i].since == what.since)
            return;
    w->seen[w->seen_n++ % SEEN_MOST] = what;
    if (w->seen_n >= 2 * (size_t)SEEN_MOST)
        w->seen_n -= SEEN_MOST;
    figure_add(&w->engine->figures, FIGURE_OVERDUE, 1);
    dispatch_overdue(w->engine, &what);
}

/* After which a server that takes its time with every block and the final dot has been given up. */
static int64_t longest_dialogue(const struct watchdog *w, int64_t size)
{
    const struct smtp_timeout_settings *t = &w->engine->options.settings->timeouts;

    return t->block * (2 + size / BLOCK_BYTES) + t->dot + WATCHDOG_SLACK_MS;
}

static void judge_open(struct watchdog *w, const struct watch_look *look, int64_t now)
{
    for (size_t i = 0; i < look->open_n; i++) {
        const struct overdue_open *open = &look->open[i];

        if (!lane_is_claimed(w->engine, open->delivery) ||
            now - open->at > longest_dialogue(w, open->size))
            found(w,
                  (struct overdue_found){ .kind = OVERDUE_SENDING,
                                          .id = open->delivery,
                                          .intent = open->intent,
                                          .since = open->at,
                                          .is_lost = !lane_is_claimed(w->engine, open->delivery) });
    }
}

/* After a long stop the sweep has much to do: what it has yet to come to is not overdue. */
static void judge_late(struct watchdog *w, const struct watch_look *look, int64_t now)
{
    bool is_moving;

    if (look->mark.deadline != w->mark)
        w->mark_since = now;
    w->mark = look->mark.deadline;
    is_moving = now - w->mark_since < WATCHDOG_SLACK_MS;
    for (size_t i = 0; i < look->late_n; i++)
        if (!is_moving || look->late[i].deadline <= w->mark)
            found(w, (struct overdue_found){ .kind = OVERDUE_DEADLINE,
                                             .id = look->late[i].delivery,
                                             .since = look->late[i].deadline });
}

static void judge_waiting(struct watchdog *w, const struct watch_look *look)
{
    for (size_t i = 0; i < look->waiting_n; i++) {
        const struct waiting_row *row = &look->waiting[i];
        struct lane_key key = lane_row_key(&row->lane);

        if (lane_is_served(w->engine, &key))
            continue;
        found(w, (struct overdue_found){
                     .kind = OVERDUE_WAITING, .id = row->delivery, .since = row->due_at });
        lane_stir(w->engine, &key);
    }
}

static void judge_notices(struct watchdog *w, const struct watch_look *look, int64_t now)
{
    for (int i = 0; i < NOTICE_RANKS; i++) {
        const struct overdue_notice *first = &look->notices[i];
        bool is_same = first->person == w->first[i].person && first->thread == w->first[i].thread &&
                       first->due_at == w->first[i].due_at;

        if (!is_same) {
            w->first[i] = *first;
            w->first_since[i] = now;
        }
        if (first->person != 0 && now - w->first_since[i] >= WATCHDOG_SLACK_MS)
            found(w, (struct overdue_found){ .kind = OVERDUE_NOTICE,
                                             .id = first->person,
                                             .thread = first->thread,
                                             .since = first->due_at });
    }
}

static void judge(struct watchdog *w, const struct watch_look *look)
{
    int64_t now = loop_now_ms(w->engine->loop);
    int64_t monotonic = loop_monotonic_ms(w->engine->loop);
    int64_t step_ms = now - monotonic - w->clock_ahead_ms;

    w->clock_ahead_ms = now - monotonic;
    if (step_ms > STEP_MS || step_ms < -STEP_MS)
        w->quiet_until = monotonic + WATCHDOG_SLACK_MS;
    if (monotonic < w->quiet_until)
        return;

    judge_open(w, look, now);
    judge_late(w, look, now);
    judge_waiting(w, look);
    judge_notices(w, look, now);
}

/* ---- life ---- */

static void on_looks(void *owner, struct list *posted)
{
    struct watchdog *w = owner;
    struct delivery_engine *e = w->engine;

    list_remove(list_first(posted));
    e->reading_n--;
    if (!w->look.ok)
        log_warning("watchdog-unread", log_text("error", w->look.error.text));
    if (!e->is_stopping) {
        if (w->look.ok && !timer_running(&e->rest))
            judge(w, &w->look);
        timer_start(&w->next, WATCHDOG_EVERY_MS);
    }
    engine_settle(e);
}

static void on_next(void *owner)
{
    struct watchdog *w = owner;

    w->look.before = loop_now_ms(w->engine->loop) - WATCHDOG_SLACK_MS;
    w->engine->reading_n++;
    worker_submit(w->reader, &w->look.work);
}

struct watchdog *watchdog_new(struct delivery_engine *e)
{
    struct watchdog *w = NEW(struct watchdog);

    w->engine = e;
    w->reader = reader_pool_new(e->loop, e->options.settings->database, 1);
    w->looks = mailbox_new(e->loop, on_looks, w);
    w->look.work = (struct work){ .run = run_look, .answers = w->looks };
    timer_init(&w->next, e->loop, on_next, w);
    return w;
}

void watchdog_start(struct watchdog *w)
{
    timer_start(&w->next, WATCHDOG_EVERY_MS);
}

void watchdog_stop(struct watchdog *w)
{
    timer_stop(&w->next);
}

void watchdog_free(struct watchdog *w)
{
    timer_stop(&w->next);
    worker_pool_free(w->reader);
    mailbox_free(w->looks);
    alloc_free(w);
}
