/*
 * From a notice to a delivery.
 *
 * A person has at most one unfinished mail a thread. The mail tells of what came since the last
 * delivered one; its deadline is the strictest of its events, and what of them is not stale when
 * it passes is told by a mail of its own (heard_settle). A mail that waits takes further events
 * in, but for those with a deadline, since its own is fixed; when they are of a stream that goes
 * first, the mail makes way for one that goes there with all of it. When many threads are due at
 * once for a person, one mail a stream tells of them all.
 */
#include "services/fanout/promotion.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "domain/staging.h"
#include "domain/watching.h"
#include "services/fanout/notice_turn.h"
#include "store/delivery.h"
#include "store/event.h"
#include "store/event_range.h"
#include "store/heard.h"
#include "store/notice.h"
#include "store/reach.h"
#include "store/skip.h"
#include "store/thread_window.h"

#define OVERTAKEN_SENTENCE                                                                         \
    "More has happened that is more urgent; one mail tells of it and of what this one was to "     \
    "tell."

enum { ROUNDUP_MOST = 512 }; /* threads in a mail; the next one tells of the rest */

/* Neighbouring notices are mostly of one thread and event: what was read for one is kept for the
 * next. */
struct promotion {
    struct db *db;
    const struct promotion_terms *terms;
    struct notice_turn_terms turn_terms;
    int64_t scopes_of; /* seq */
    struct scope_list scopes;
    struct event_range range;
    int64_t passed_thread; /* whose notices went, 0: none yet, */
    int64_t passed_seq;    /* up to here */
    struct arena *arena;   /* of the step */
    int64_t *rounded;      /* people */
    size_t rounded_count;
};

struct way {
    const struct notice *notice;
    struct heard heard;
    struct delivery_part part;
    int64_t deadline; /* 0: none */
    enum stream_id stream;
    struct mail_address address;
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

/* The stream of the mail of a notice whose range was read last. */
static enum stream_id stream_of(const struct promotion *p, const struct notice *notice)
{
    return notice->urgent ? STREAM_URGENT : p->range.stream;
}

static bool find_turn(struct promotion *p, const struct notice_due *due,
                      struct notice_turn *ret_turn, struct error *err)
{
    return notice_turn_find(p->db, &p->turn_terms, due, &p->range, ret_turn, err);
}

/* A mail that waits behind others must not hold back what goes before them. A digest has its hour,
 * and what was in doubt ends by itself. */
static bool is_in_the_way(const struct promotion *p, const struct notice *notice,
                          const struct delivery_row *row)
{
    return row->stream > stream_of(p, notice) && row->doubts == 0 &&
           (row->state == DELIVERY_QUEUED || row->state == DELIVERY_DEFERRED) &&
           (row->cause != CAUSE_DIGEST || row->cause_id == WATCH_NOW);
}

/* Ends the unfinished mail if it is in the way; then the notice is due still, and its mail tells
 * what the ended one was to tell. If it may not go now, nothing ends. */
static bool overtake(struct promotion *p, const struct notice_due *due, const struct way *way,
                     bool *ret_gone, struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_CANCELLED,
                                            .reason = DELIVERY_OVERTAKEN,
                                            .text = SPAN(OVERTAKEN_SENTENCE),
                                            .tells_rest = true,
                                            .now_ms = p->terms->now_ms };
    struct delivery_row row;
    struct notice_turn turn;
    bool found;

    *ret_gone = false;
    if (!delivery_load(p->db, way->heard.delivery, &row, &found, err))
        return false;
    if (!found || !is_in_the_way(p, way->notice, &row))
        return true;
    return find_turn(p, due, &turn, err) &&
           (turn.due_at != 0 || delivery_transition(p->db, &row, &change, ret_gone, err));
}

static bool fold_or_wait(struct promotion *p, const struct notice_due *due, const struct way *way,
                         struct error *err)
{
    const struct notice *notice = way->notice;
    bool folded = false;
    bool gone;

    if (!overtake(p, due, way, &gone, err) || gone)
        return gone;
    if (p->range.deadline == 0 &&
        !delivery_fold(p->db, way->heard.delivery, &way->part, &folded, err))
        return false;
    if (!folded)
        return heard_let_go(p->db, notice->person, notice->thread, way->heard.delivery, &gone,
                            err) &&
               (gone || notice_park(p->db, notice, err)); /* gone: it is due still */
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

/* One mail for all of the ways, which are of one person and address. */
static bool make(struct promotion *p, const struct way *ways, size_t n, struct error *err)
{
    const struct notice *notice = ways[0].notice;
    const struct mail_address *address = &ways[0].address;
    struct delivery_part *parts = ARENA_ARRAY(p->arena, struct delivery_part, n);
    struct delivery_new made = {
        .stream = ways[0].stream,
        .cause = n == 1 ? CAUSE_THREAD : CAUSE_DIGEST,
        .cause_id = n == 1 ? notice->thread : WATCH_NOW,
        .person = notice->person,
        .address = span_of(address->address),
        .normal = span_of(address->normal),
        .domain = span_of(address->domain),
        .deadline = ways[0].deadline,
        .due_at = p->terms->now_ms,
        .now_ms = p->terms->now_ms,
        .parts = parts,
        .part_count = n,
        .message_domain = p->terms->message_domain,
        .message_key = p->terms->message_key,
    };
    int64_t delivery;

    for (size_t i = 0; i < n; i++)
        parts[i] = ways[i].part;
    if (!delivery_make(p->db, &made, &delivery, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!heard_made(p->db, notice->person, ways[i].part.thread, delivery, ways[i].part.to_seq,
                        err) ||
            !drop(p, &ways[i], err))
            return false;
    return staging_allows(p->terms->settings, made.normal, made.domain) || cancel(p, delivery, err);
}

static bool reach_or_skip(struct promotion *p, struct way *way, bool *ret_ready, struct error *err)
{
    const struct notice *notice = way->notice;
    struct reach reach;

    if (!read_scopes(p, notice->first_seq, err) ||
        !reach_person(p->db, notice->person, &p->scopes, p->terms->now_ms, &reach, err))
        return false;
    switch (reach.verdict) {
    case REACH_GOOD:
        way->address = reach.address;
        *ret_ready = true;
        return true;
    case REACH_NO_ADDRESS:
        return skip(p, way, "no_address", err);
    case REACH_SUPPRESSED:
        return skip(p, way, "suppressed", err);
    case REACH_UNSUBSCRIBED:
        return skip(p, way, "unsubscribed", err);
    }
    return error_set(err, ERROR_INTERNAL, "unknown verdict %d", (int)reach.verdict);
}

/* Nothing stands against a mail now, or it has to wait for its turn. */
static bool take_turn(struct promotion *p, const struct notice_due *due, struct way *way,
                      bool *ret_ready, struct error *err)
{
    struct notice_turn turn;

    if (!find_turn(p, due, &turn, err))
        return false;
    return turn.due_at != 0 ? notice_turn_wait(p->db, &p->turn_terms, &due->notice, &turn, err)
                            : reach_or_skip(p, way, ret_ready, err);
}

/* Finds what the notice's mail would tell. Unless *ret_ready the notice is dealt with. */
static bool prepare(struct promotion *p, const struct notice_due *due, struct way *ret_way,
                    bool *ret_ready, struct error *err)
{
    const struct notice *notice = &due->notice;
    struct way *way = ret_way;

    *ret_ready = false;
    *way = (struct way){ .notice = notice, .heard = due->heard };
    way->part.thread = notice->thread;
    way->part.why = notice->why;
    if (!event_range_begin(p->db, notice, &way->heard, p->terms->now_ms, &way->part.from_seq,
                           err) ||
        !read_range(p, notice->thread, way->part.from_seq, err))
        return false;
    way->part.to_seq = p->range.to_seq;
    way->deadline = p->range.deadline;
    way->stream = stream_of(p, notice);
    if (p->range.living == 0)
        return skip(p, way, p->range.stale > 0 ? "expired" : "redacted", err);
    if (due->status == PERSON_SUSPENDED)
        return notice_move(p->db, notice, NOTICE_WAITS, NOTICE_WAIT_SUSPENDED, err);
    if (way->heard.delivery != 0)
        return fold_or_wait(p, due, way, err);
    return due->status != PERSON_ACTIVE ? skip(p, way, "inactive", err)
                                        : take_turn(p, due, way, ret_ready, err);
}

/* What is due a little later counts as due at once: a rebase or a bulk edit takes its seconds. */
static int64_t soon(const struct promotion *p)
{
    return p->terms->now_ms + p->terms->settings->window / 4;
}

/* Whether more threads are due for the person than come in mails of their own, or they come in the
 * summary of one who was suspended. Urgent mail and mail with a deadline goes by itself. */
static bool find_crowd(struct promotion *p, const struct way *way, bool *ret_crowd,
                       struct error *err)
{
    int64_t limit = p->terms->settings->roundup;
    int64_t count = 0;

    *ret_crowd = way->notice->wait == NOTICE_WAIT_SUSPENDED && way->deadline == 0;
    if (*ret_crowd || limit == 0 || way->notice->urgent || way->deadline != 0)
        return true;
    if (!notice_count_due(p->db, way->notice->person, soon(p), limit + 1, &count, err))
        return false;
    *ret_crowd = count > limit;
    return true;
}

/* A deadline is of its thread alone, and an address may be barred for one topic and not another. */
static bool may_join(const struct way *first, const struct way *way)
{
    return way->stream == first->stream && way->deadline == 0 &&
           span_equal(span_of(way->address.normal), span_of(first->address.normal));
}

/* Prepares the person's other due notices, too; those that cannot join go their own way, and those
 * of another stream are gathered when it is their turn. */
static bool gather(struct promotion *p, struct way *ways, size_t most, size_t *io_count,
                   struct error *err)
{
    struct notice_due *due = ARENA_ARRAY(p->arena, struct notice_due, most);
    size_t count = 0;
    bool ready;

    if (!notice_page_person(p->db, ways[0].notice->person, soon(p), most, due, &count, err))
        return false;
    for (size_t i = 0; i < count && *io_count < most; i++) {
        struct way *way = &ways[*io_count];

        if (due[i].notice.thread == ways[0].notice->thread)
            continue;
        if (!prepare(p, &due[i], way, &ready, err) ||
            (ready && way->stream == ways[0].stream && !may_join(&ways[0], way) &&
             !make(p, way, 1, err)))
            return false;
        *io_count += ready && may_join(&ways[0], way);
    }
    return true;
}

static bool make_roundup(struct promotion *p, const struct way *first, struct error *err)
{
    int64_t person = first->notice->person;
    struct way *ways;
    int64_t most = 0;
    size_t count = 1;

    if (!notice_count_due(p->db, person, soon(p), ROUNDUP_MOST, &most, err))
        return false;
    ways = ARENA_ARRAY(p->arena, struct way, (size_t)most + 1);
    ways[0] = *first;
    p->rounded[p->rounded_count++] = person;
    return gather(p, ways, (size_t)most, &count, err) && make(p, ways, count, err);
}

/* Of somebody who got a roundup, what was read of their notices before holds no more. */
static bool was_rounded_up(const struct promotion *p, int64_t person)
{
    for (size_t i = 0; i < p->rounded_count; i++)
        if (p->rounded[i] == person)
            return true;
    return false;
}

static bool promote(struct promotion *p, const struct notice_due *due, struct error *err)
{
    struct way way;
    bool ready;
    bool crowd;

    if (was_rounded_up(p, due->notice.person))
        return true;
    if (!prepare(p, due, &way, &ready, err))
        return false;
    if (!ready)
        return true;
    if (!find_crowd(p, &way, &crowd, err))
        return false;
    return crowd ? make_roundup(p, &way, err) : make(p, &way, 1, err);
}

bool promotion_step(struct db *db, const struct promotion_terms *terms, size_t *ret_count,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct promotion promotion = { .db = db,
                                   .terms = terms,
                                   .turn_terms = { terms->now_ms, terms->settings, terms->zones },
                                   .arena = &arena };
    struct notice_due *due;

    arena_init(&arena);
    due = ARENA_ARRAY(&arena, struct notice_due, terms->notices);
    promotion.rounded = ARENA_ARRAY(&arena, int64_t, terms->notices);
    if (!notice_page_due(db, terms->now_ms, terms->notices, due, ret_count, err))
        return error_wrap(err, "promotion");
    for (size_t i = 0; i < *ret_count; i++)
        if (!promote(&promotion, &due[i], err))
            return error_wrap(err, "promotion of person %lld, thread %lld",
                              (long long)due[i].notice.person, (long long)due[i].notice.thread);
    return close_window(&promotion, err) || error_wrap(err, "promotion");
}
