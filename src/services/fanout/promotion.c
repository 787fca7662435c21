/*
 * From a notice to a delivery.
 *
 * A person has at most one unfinished mail a thread. The mail tells of what came since the last
 * delivered one; its deadline is the strictest of its events, and what of them is not stale when
 * it passes is told by a mail of its own (heard_settle). A mail that waits takes further events
 * in, but for those with a deadline, since its own is fixed.
 */
#include "services/fanout/promotion.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "domain/staging.h"
#include "services/fanout/notice_turn.h"
#include "store/delivery.h"
#include "store/event.h"
#include "store/event_range.h"
#include "store/heard.h"
#include "store/notice.h"
#include "store/reach.h"
#include "store/skip.h"
#include "store/thread_window.h"

/* Neighbouring notices are mostly of one thread and event: what was read for one is kept for the
 * next. */
struct promotion {
    struct db *db;
    const struct promotion_terms *terms;
    int64_t scopes_of; /* seq */
    struct scope_list scopes;
    struct event_range range;
    int64_t passed_thread; /* whose notices went, 0: none yet, */
    int64_t passed_seq;    /* up to here */
};

struct way {
    const struct notice *notice;
    struct heard heard;
    struct delivery_part part;
};

/* Closes the window of the thread whose notices went last. */
static bool close_window(const struct promotion *p, struct error *err)
{
    return p->passed_thread == 0 ||
           thread_window_passed(p->db, p->passed_thread, p->passed_seq, err);
}

static bool drop(struct promotion *p, const struct way *way, struct error *err)
{
    int64_t thread = way->notice->thread;
    int64_t seq = way->part.to_seq;

    if (thread != p->passed_thread) {
        if (!close_window(p, err))
            return false;
        p->passed_thread = thread;
        p->passed_seq = seq;
    }
    p->passed_seq = seq > p->passed_seq ? seq : p->passed_seq;
    return notice_drop(p->db, way->notice, err);
}

static bool read_scopes(struct promotion *p, int64_t seq, struct error *err)
{
    if (p->scopes_of == seq)
        return true;
    p->scopes_of = 0;
    if (!event_scopes(p->db, seq, &p->scopes, err))
        return false;
    p->scopes_of = seq;
    return true;
}

static bool read_range(struct promotion *p, int64_t thread, int64_t from, struct error *err)
{
    if (p->range.thread == thread && p->range.from_seq == from)
        return true;
    return event_range_read(p->db, thread, from, p->terms->now_ms, &p->range, err);
}

/* Where the mail begins: what is owed, else what follows the last delivered mail, else the first
 * event of the notice; never with what happened before the person watched, unless it was addressed
 * to them. */
static bool find_from(struct promotion *p, const struct way *way, int64_t *ret_from,
                      struct error *err)
{
    const struct notice *notice = way->notice;
    int64_t from = notice->first_seq;
    int64_t floor;

    if (way->heard.missed_from != 0 && way->heard.missed_from < from)
        from = way->heard.missed_from;
    else if (way->heard.missed_from == 0 && way->heard.through_seq > 0 &&
             way->heard.through_seq + 1 < from)
        from = way->heard.through_seq + 1;
    if (from < notice->first_seq) {
        if (!event_range_floor(p->db, notice, p->terms->now_ms, from, &floor, err))
            return false;
        from = floor;
    }
    *ret_from = from;
    return true;
}

static bool skip(struct promotion *p, const struct way *way, const char *reason, struct error *err)
{
    const struct notice *notice = way->notice;
    struct skip row = { .person = notice->person,
                        .thread = notice->thread,
                        .from_seq = way->part.from_seq,
                        .to_seq = way->part.to_seq,
                        .reason = reason,
                        .at = p->terms->now_ms };

    return skip_add(p->db, &row, err) &&
           heard_passed(p->db, notice->person, notice->thread, row.to_seq, err) &&
           drop(p, way, err);
}

static bool fold_or_wait(struct promotion *p, const struct way *way, struct error *err)
{
    const struct notice *notice = way->notice;
    bool folded = false;

    if (p->range.deadline == 0 &&
        !delivery_fold(p->db, way->heard.delivery, &way->part, &folded, err))
        return false;
    if (!folded)
        return notice_park(p->db, notice, err);
    return heard_made(p->db, notice->person, notice->thread, way->heard.delivery, way->part.to_seq,
                      err) &&
           drop(p, way, err);
}

static bool cancel(struct promotion *p, int64_t delivery, struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_CANCELLED,
                                            .reason = STAGING_REASON,
                                            .text = SPAN(STAGING_SENTENCE),
                                            .now_ms = p->terms->now_ms };
    struct delivery_row row;
    bool done;

    return delivery_load(p->db, delivery, &row, &done, err) &&
           delivery_transition(p->db, &row, &change, &done, err);
}

static bool make(struct promotion *p, const struct way *way, const struct mail_address *address,
                 struct error *err)
{
    const struct notice *notice = way->notice;
    struct delivery_new made = {
        .stream = notice->urgent ? STREAM_URGENT : STREAM_NOTICES,
        .cause = CAUSE_THREAD,
        .cause_id = notice->thread,
        .person = notice->person,
        .address = span_of(address->address),
        .normal = span_of(address->normal),
        .domain = span_of(address->domain),
        .deadline = p->range.deadline,
        .due_at = p->terms->now_ms,
        .now_ms = p->terms->now_ms,
        .parts = &way->part,
        .part_count = 1,
        .message_domain = p->terms->message_domain,
        .message_key = p->terms->message_key,
    };
    int64_t delivery;

    return delivery_make(p->db, &made, &delivery, err) &&
           heard_made(p->db, notice->person, notice->thread, delivery, way->part.to_seq, err) &&
           drop(p, way, err) &&
           (staging_allows(p->terms->settings, made.normal, made.domain) ||
            cancel(p, delivery, err));
}

static bool make_or_skip(struct promotion *p, const struct way *way, struct error *err)
{
    const struct notice *notice = way->notice;
    struct reach reach;

    if (!read_scopes(p, notice->first_seq, err) ||
        !reach_person(p->db, notice->person, &p->scopes, p->terms->now_ms, &reach, err))
        return false;
    switch (reach.verdict) {
    case REACH_GOOD:
        return make(p, way, &reach.address, err);
    case REACH_NO_ADDRESS:
        return skip(p, way, "no_address", err);
    case REACH_SUPPRESSED:
        return skip(p, way, "suppressed", err);
    case REACH_UNSUBSCRIBED:
        return skip(p, way, "unsubscribed", err);
    }
    return error_set(err, ERROR_INTERNAL, "unknown verdict %d", (int)reach.verdict);
}

/* A mail now, or later. */
static bool take_turn(struct promotion *p, const struct notice_due *due, const struct way *way,
                      struct error *err)
{
    const struct notice_turn_terms terms = { p->terms->now_ms, p->terms->settings,
                                             p->terms->zones };
    struct notice_turn turn;

    if (!notice_turn_find(p->db, &terms, due, &p->range, &turn, err))
        return false;
    return turn.due_at != 0 ? notice_turn_wait(p->db, &terms, &due->notice, &turn, err)
                            : make_or_skip(p, way, err);
}

static bool promote(struct promotion *p, const struct notice_due *due, struct error *err)
{
    const struct notice *notice = &due->notice;
    struct way way = { .notice = notice, .heard = due->heard };

    way.part.thread = notice->thread;
    way.part.why = notice->why;
    if (!find_from(p, &way, &way.part.from_seq, err) ||
        !read_range(p, notice->thread, way.part.from_seq, err))
        return false;
    way.part.to_seq = p->range.to_seq;
    if (p->range.living == 0)
        return skip(p, &way, p->range.stale > 0 ? "expired" : "redacted", err);
    if (way.heard.delivery != 0)
        return fold_or_wait(p, &way, err);
    return due->is_inactive ? skip(p, &way, "inactive", err) : take_turn(p, due, &way, err);
}

bool promotion_step(struct db *db, const struct promotion_terms *terms, size_t *ret_count,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct promotion promotion = { .db = db, .terms = terms };
    struct notice_due *due;

    arena_init(&arena);
    due = ARENA_ARRAY(&arena, struct notice_due, terms->notices);
    if (!notice_page_due(db, terms->now_ms, terms->notices, due, ret_count, err))
        return error_wrap(err, "promotion");
    for (size_t i = 0; i < *ret_count; i++)
        if (!promote(&promotion, &due[i], err))
            return error_wrap(err, "promotion of person %lld, thread %lld",
                              (long long)due[i].notice.person, (long long)due[i].notice.thread);
    return close_window(&promotion, err) || error_wrap(err, "promotion");
}
