/*
 * Moving what waits between digests and notices.
 */
#include "store/digest_move.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "domain/delivery.h"
#include "domain/watching.h"
#include "store/db.h"
#include "store/digest.h"
#include "store/heard.h"
#include "store/notice.h"

static bool is_digest(const struct watch *watch)
{
    return watch != NULL && watch->mode >= WATCH_HOURLY;
}

/* What an unfinished digest tells is told when it is being sent, or may have been; else the digest
 * is composed anew and leaves it out. */
static bool find_told(struct db *db, const struct digest_row *row, int64_t *ret_seq,
                      struct error *err)
{
    int64_t one;
    bool is_fixed = false;

    if (row->delivery != 0 && !db_find_int(db, err, &is_fixed, &one,
                                           SQL("SELECT 1 FROM delivery_state WHERE delivery = $1 "
                                               "AND (state = $2 OR doubts > 0)"),
                                           db_int(row->delivery), db_int(DELIVERY_SENDING)))
        return false;
    *ret_seq = is_fixed ? row->made_seq : row->through_seq;
    return true;
}

/* A thread with events of the topic that nobody told the person. */
struct pending {
    int64_t thread;
    int64_t first_seq;
    int64_t distance;
};

struct pending_list {
    struct pending *at;
    size_t n;
};

enum { PENDING_A_PAGE = 1000 };

/* Events of seqs in (after, until], of threads after `thread`. */
struct pending_range {
    int64_t after;
    int64_t until;
    int64_t thread;
};

static bool read_pending(struct db *db, struct arena *arena, const struct watch *watch,
                         const struct pending_range *range, struct pending_list *ret_list,
                         struct error *err)
{
    struct pending_list list = { ARENA_ARRAY(arena, struct pending, PENDING_A_PAGE), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT e.thread, min(e.seq), min(x.distance) FROM event_scope x "
                     "JOIN event e ON e.seq = x.seq "
                     "LEFT JOIN heard h ON h.person = $2 AND h.thread = e.thread "
                     "WHERE x.topic = $1 AND x.seq > $3 AND x.seq <= $4 AND e.silent = 0 "
                     "AND (h.made_seq IS NULL OR h.made_seq < e.seq) AND e.thread > $6 "
                     "GROUP BY e.thread ORDER BY e.thread LIMIT $5"),
                 db_int(watch->topic), db_int(watch->who), db_int(range->after),
                 db_int(range->until), db_int(PENDING_A_PAGE), db_int(range->thread));

    if (rows == NULL)
        return false;
    while (list.n < PENDING_A_PAGE && db_next(rows))
        list.at[list.n++] = (struct pending){ db_column_int(rows, 0), db_column_int(rows, 1),
                                              db_column_int(rows, 2) };
    *ret_list = list;
    return db_rows_finish(&rows, err);
}

typedef bool pending_act(struct db *db, const struct watch *watch, const struct pending *pending,
                         int64_t now_ms, struct error *err);

/* All that is pending of a range, a page at a time. */
/* NOLINTNEXTLINE(readability-function-size): whose, of what range, and what to do at what time */
static bool walk_pending(struct db *db, const struct watch *watch, struct pending_range range,
                         pending_act *act, int64_t now_ms, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct pending_list list = { .n = PENDING_A_PAGE };

    arena_init(&arena);
    while (list.n == PENDING_A_PAGE) {
        arena_reset(&arena);
        if (!read_pending(db, &arena, watch, &range, &list, err))
            return false;
        for (size_t i = 0; i < list.n; i++) {
            range.thread = list.at[i].thread;
            if (!act(db, watch, &list.at[i], now_ms, err))
                return false;
        }
    }
    return true;
}

/* What is not fanned out yet tells whom it is to tell itself. */
static bool tell_at_once(struct db *db, const struct watch *watch, const struct pending *pending,
                         int64_t now_ms, struct error *err)
{
    const struct notice notice = { .person = watch->who,
                                   .thread = pending->thread,
                                   .first_seq = pending->first_seq,
                                   .due_at = now_ms,
                                   .why =
                                       why_pack(REASON_WATCH + pending->distance, watch->topic) };

    return notice_widen(db, &notice, err);
}

static bool owe(struct db *db, const struct watch *watch, const struct pending *pending,
                int64_t now_ms, struct error *err)
{
    (void)now_ms;
    return heard_owe(db, watch->who, pending->thread, pending->first_seq, err);
}

/* Out of a digest: the watch counts from where that one ended. */
static bool leave(struct db *db, const struct watch *old, struct watch *now, int64_t now_ms,
                  int64_t *io_seq, struct error *err)
{
    int64_t fanned_out = *io_seq;
    struct digest_row row;
    bool found;

    if (!digest_find(db, old->who, old->mode, &row, &found, err))
        return false;
    if (!found)
        return true;
    if (!find_told(db, &row, io_seq, err))
        return false;
    if (now->since < *io_seq)
        now->since = *io_seq;
    return now->mode != WATCH_NOW ||
           walk_pending(db, now, (struct pending_range){ now->since, fanned_out, 0 }, tell_at_once,
                        now_ms, err);
}

/* Into a digest that has passed some of it already, or that begins. */
static bool join(struct db *db, struct watch *now, bool from_digest, int64_t seq, struct error *err)
{
    struct digest_row row;
    bool found;
    int64_t told = 0;

    if (!digest_find(db, now->who, now->mode, &row, &found, err))
        return false;
    if (!found)
        return digest_ensure(db, now->who, now->mode, seq, err);
    if (!from_digest)
        return true;
    if (!find_told(db, &row, &told, err))
        return false;
    if (told <= now->since)
        return true;
    if (!walk_pending(db, now, (struct pending_range){ now->since, told, 0 }, owe, 0, err))
        return false;
    now->since = told; /* what is owed lies before it */
    return true;
}

/* Whether an event is told at once is decided when it is fanned out: up to where all are. */
static bool find_fanned_out(struct db *db, int64_t *ret_seq, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_seq,
                       SQL("SELECT coalesce((SELECT min(seq) - 1 FROM event WHERE fan_state < 2), "
                           "(SELECT max(seq) FROM event), CAST($1 AS BIGINT))"),
                       db_int(0));
}

bool digest_move(struct db *db, const struct watch *old, struct watch *now, int64_t now_ms,
                 struct error *err)
{
    bool leaves = is_digest(old) && now->mode != WATCH_MUTE && now->mode != old->mode;
    int64_t seq = 0;

    if (is_digest(now) && who_is_list(now->who))
        return digest_ensure_members(db, who_list(now->who), now->mode, now->since, err);
    if (now->who < 0 || (!leaves && !is_digest(now)))
        return true;
    if (!find_fanned_out(db, &seq, err) || (leaves && !leave(db, old, now, now_ms, &seq, err)))
        return error_wrap(err, "moving a watch between digests");
    if (is_digest(now) && old != NULL && old->mode == WATCH_NOW)
        now->since = seq; /* all before was told at once, or will be owed */
    return !is_digest(now) || join(db, now, leaves, seq, err) ||
           error_wrap(err, "moving a watch between digests");
}

bool digest_hand_over(struct db *db, const struct watch *old, struct watch *now, struct error *err)
{
    struct digest_row row;
    bool found;
    int64_t told = now->since;

    if (!is_digest(now))
        return true;
    if (!digest_find(db, old->who, old->mode, &row, &found, err) ||
        (found && !find_told(db, &row, &told, err)))
        return error_wrap(err, "handing a watch over");
    if (now->since < told)
        now->since = told;
    return join(db, now, true, told, err) || error_wrap(err, "handing a watch over");
}
