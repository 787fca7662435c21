/*
 * The windows beside the fixed one, which the fan-out sets. Nothing of this is counted as things
 * happen: it is asked when a notice is due, so that a further event costs no write. Each time the
 * notice is due again all is asked again.
 */
#include "services/fanout/notice_turn.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/zone_cache.h"
#include "services/fanout/digest_schedule.h"
#include "store/alarm.h"
#include "store/db.h"
#include "store/digest.h"
#include "store/event_order.h"
#include "store/mail_rate.h"
#include "store/topic.h"

enum { HOUR_MS = 3600000 };

struct question {
    struct db *db;
    const struct notice_turn_terms *terms;
    const struct notice_due *due;
    const struct event_range *range;
};

static void wait_until(struct notice_turn *turn, int64_t until, int64_t now_ms,
                       enum notice_wait wait)
{
    if (until > now_ms)
        *turn = (struct notice_turn){ until, wait };
}

/* Who got no mail of the thread within the hour is in no loop. */
static bool ask_loop(const struct question *q, struct notice_turn *turn, struct error *err)
{
    int64_t now = q->terms->now_ms;
    int64_t rate = q->terms->settings->thread_rate;
    int64_t made_at = 0;

    if (rate == 0 || q->due->heard.left_at <= now - HOUR_MS)
        return true;
    if (!mail_rate_thread(q->db, q->due->notice.person, q->due->notice.thread, rate, &made_at, err))
        return false;
    wait_until(turn, made_at + HOUR_MS, now, NOTICE_WAIT_LOOP);
    return true;
}

static const struct zone *zone_of(const struct question *q)
{
    return q->terms->zones != NULL ? zone_cache_find(q->terms->zones, span_of(q->due->timezone))
                                   : NULL;
}

/* What was let go for the digests' hour comes when the person's daily digest does. */
static bool ask_digest_hour(const struct question *q, struct notice_turn *turn, struct error *err)
{
    const struct notice *notice = &q->due->notice;
    const struct digest_settings *settings = &q->terms->settings->digest;
    int64_t released_at;
    int64_t until;
    int hour;

    if (notice->wait != NOTICE_WAIT_DIGEST)
        return true;
    if (!event_entered_at(q->db, notice->first_seq, &released_at, err) ||
        !digest_hour_of(q->db, notice->person, &hour, err))
        return false;
    until = digest_hour_after(zone_of(q), WATCH_DAILY, settings, hour, released_at) +
            digest_moment(notice->person, settings);
    wait_until(turn, until, q->terms->now_ms, NOTICE_WAIT_DIGEST);
    return true;
}

static void ask_quiet(const struct question *q, struct notice_turn *turn)
{
    const struct notice_due *due = q->due;

    if (due->quiet.from == due->quiet.to)
        return;
    wait_until(turn, quiet_hours_end(due->quiet, zone_of(q), q->terms->now_ms), q->terms->now_ms,
               NOTICE_WAIT_QUIET);
}

static bool ask_rate(const struct question *q, struct notice_turn *turn, struct error *err)
{
    int64_t rate = q->terms->settings->person_rate;
    int64_t made_at = 0;

    if (rate == 0)
        return true;
    if (!mail_rate_person(q->db, q->due->notice.person, rate, &made_at, err))
        return false;
    wait_until(turn, made_at + HOUR_MS, q->terms->now_ms, NOTICE_WAIT_RATE);
    return true;
}

/* The delay that a watch asks for is kept as it is. */
static bool ask_sliding(const struct question *q, struct notice_turn *turn, struct error *err)
{
    const struct settings *settings = q->terms->settings;
    int64_t until = q->range->last_at + settings->sliding_window;
    int64_t began = 0;
    bool slides;

    if (settings->sliding_window == 0 || until <= q->terms->now_ms)
        return true;
    if (!notice_slides(q->db, &q->due->notice, &began, &slides, err))
        return false;
    if (until > began + settings->sliding_limit)
        until = began + settings->sliding_limit;
    if (slides)
        wait_until(turn, until, q->terms->now_ms, NOTICE_WAIT_SLIDING);
    return true;
}

bool notice_turn_find(struct db *db, const struct notice_turn_terms *terms,
                      const struct notice_due *due, const struct event_range *range,
                      struct notice_turn *ret_turn, struct error *err)
{
    const struct question q = { db, terms, due, range };
    struct notice_turn turn = { 0, NOTICE_WAIT_WINDOW };

    if (!due->notice.urgent && !ask_digest_hour(&q, &turn, err))
        return false;
    if (turn.due_at == 0 && !ask_loop(&q, &turn, err))
        return false;
    if (turn.due_at == 0 && !due->notice.urgent)
        ask_quiet(&q, &turn);
    if (turn.due_at == 0 && !due->notice.urgent &&
        (!ask_sliding(&q, &turn, err) || (turn.due_at == 0 && !ask_rate(&q, &turn, err))))
        return false;
    *ret_turn = turn;
    return true;
}

/* One alarm a thread, however many people. */
static bool raise_loop(struct db *db, const struct notice_turn_terms *terms,
                       const struct notice *notice, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf cause;
    CLEANUP(buf_fini) struct buf text;
    struct span key;

    arena_init(&arena);
    buf_init(&cause, 1024);
    buf_init(&text, 2048);
    if (!topic_key(db, &arena, notice->thread, &key, err))
        return false;
    buf_printf(&cause, "mail-loop %.*s", SPAN_ARGS(key));
    buf_printf(&text,
               "Person #%lld got %d mails of thread %.*s within an hour; the next one waits until "
               "the hour is over. If a program answers these mails, take it off the thread "
               "(postroom unwatch); else watching.thread_rate allows more.",
               (long long)notice->person, terms->settings->thread_rate, SPAN_ARGS(key));
    log_warning("mail-loop", log_number("person", notice->person), log_span("thread", key));
    return alarm_raise(db, ALARM_WARNING, buf_view(&cause), buf_view(&text), terms->now_ms, err);
}

/* What a summary is to tell stays together. */
bool notice_turn_wait(struct db *db, const struct notice_turn_terms *terms,
                      const struct notice *notice, const struct notice_turn *turn,
                      struct error *err)
{
    if (turn->wait == NOTICE_WAIT_LOOP && !raise_loop(db, terms, notice, err))
        return false;
    db_count(db, "notice", "", notice_wait_name(turn->wait), 1);
    return notice_move(db, notice, turn->due_at,
                       notice->wait == NOTICE_WAIT_SUSPENDED ? notice->wait : turn->wait, err);
}
