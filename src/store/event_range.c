/*
 * Ranges of a thread's events.
 */
#include "store/event_range.h"

#include "base/cleanup.h"
#include "store/db.h"

/* What is urgent no kind holds back. */
static enum stream_id stream_of_kind(struct db_rows *rows, int column)
{
    return db_column_is_null(rows, column) ? STREAM_NOTICES
                                           : (enum stream_id)db_column_int(rows, column);
}

bool event_range_read(struct db *db, int64_t thread, int64_t from_seq, int64_t now_ms,
                      struct event_range *ret_range, struct error *err)
{
    struct event_range range = {
        .thread = thread, .from_seq = from_seq, .to_seq = from_seq, .stream = STREAM_MAILOUTS
    };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT e.seq, e.silent, e.redacted, e.deadline, e.taken_at, "
                     "CASE WHEN e.urgent = 0 THEN k.stream END FROM event e "
                     "LEFT JOIN kind k ON k.of = 1 AND k.name = e.kind "
                     "WHERE e.thread = $1 AND e.seq >= $2 ORDER BY e.seq"),
                 db_int(thread), db_int(from_seq));

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        int64_t deadline = db_column_int(rows, 3);

        range.to_seq = db_column_int(rows, 0);
        if (db_column_int(rows, 1) != 0 || db_column_int(rows, 2) != 0)
            continue;
        if (deadline != 0 && deadline <= now_ms) {
            range.stale++;
            continue;
        }
        range.living++;
        range.last_at = db_column_int(rows, 4);
        if (deadline != 0 && (range.deadline == 0 || deadline < range.deadline))
            range.deadline = deadline;
        if (stream_of_kind(rows, 5) < range.stream)
            range.stream = stream_of_kind(rows, 5);
    }
    *ret_range = range;
    return db_rows_finish(&rows, err);
}

/* The oldest of the watches, their own and their lists', that would tell of the notice's first
 * event; -1 without one. */
static bool watched_since(struct db *db, const struct notice *notice, int64_t now_ms,
                          int64_t *ret_since, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_since,
                       SQL("SELECT coalesce(min(u.since), -1) FROM (SELECT w.since AS since "
                           "FROM event_scope x JOIN watch w ON w.topic = x.topic AND w.who = $2 "
                           "WHERE x.seq = $1 AND w.mode <> 0 "
                           "AND (w.until IS NULL OR w.until > $3) "
                           "UNION ALL SELECT CASE WHEN m.since_seq > w.since THEN m.since_seq "
                           "ELSE w.since END FROM list_member m JOIN watch w ON w.who = -m.list "
                           "JOIN event_scope x ON x.topic = w.topic AND x.seq = $1 "
                           "WHERE m.person = $2 AND m.left_at IS NULL AND w.mode <> 0 "
                           "AND (w.until IS NULL OR w.until > $3)) AS u"),
                       db_int(notice->first_seq), db_int(notice->person), db_int(now_ms));
}

static bool first_addressed(struct db *db, const struct notice *notice, int64_t from_seq,
                            int64_t below, int64_t *ret_seq, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_seq,
                       SQL("SELECT coalesce(min(d.seq), 0) FROM event_direct d "
                           "JOIN event e ON e.seq = d.seq WHERE d.person = $1 "
                           "AND d.seq >= $2 AND d.seq < $3 AND e.thread = $4"),
                       db_int(notice->person), db_int(from_seq), db_int(below),
                       db_int(notice->thread));
}

/* Not before their watches began, but with the first event that was addressed to them; without a
 * watch it is `from_seq`. */
static bool find_floor(struct db *db, const struct notice *notice, int64_t now_ms, int64_t from_seq,
                       int64_t *ret_from, struct error *err)
{
    int64_t since = -1;
    int64_t addressed = 0;
    int64_t floor;

    if (!watched_since(db, notice, now_ms, &since, err))
        return false;
    floor = since + 1 < notice->first_seq ? since + 1 : notice->first_seq;
    if (since < 0 || floor <= from_seq) {
        *ret_from = from_seq;
        return true;
    }
    if (!first_addressed(db, notice, from_seq, floor, &addressed, err))
        return false;
    *ret_from = addressed != 0 ? addressed : floor;
    return true;
}

bool event_range_begin(struct db *db, const struct notice *notice, const struct heard *heard,
                       int64_t now_ms, int64_t *ret_from, struct error *err)
{
    int64_t from = notice->first_seq;
    int64_t floor;

    if (heard->missed_from != 0 && heard->missed_from < from)
        from = heard->missed_from;
    else if (heard->missed_from == 0 && heard->through_seq > 0 && heard->through_seq + 1 < from)
        from = heard->through_seq + 1;
    if (from < notice->first_seq) {
        if (!find_floor(db, notice, now_ms, from, &floor, err))
            return false;
        from = floor;
    }
    *ret_from = from;
    return true;
}
