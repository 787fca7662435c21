/*
 * Rows of notice. The fan-out writes them by its own statement; here is what happens to single
 * ones.
 */
#include "store/notice.h"

#include "base/cleanup.h"
#include "base/span.h"
#include "domain/watching.h"
#include "store/db.h"

#define NOTICE_COLUMNS "person, thread, first_seq, due_at, urgent, why, wait"

static void read_row(struct db_rows *rows, struct notice *notice)
{
    *notice = (struct notice){ db_column_int(rows, 0),
                               db_column_int(rows, 1),
                               db_column_int(rows, 2),
                               db_column_int(rows, 3),
                               db_column_int(rows, 4) != 0,
                               db_column_int(rows, 5),
                               (enum notice_wait)db_column_int(rows, 6) };
}

bool notice_waits_for_a_mail(const struct notice *notice)
{
    return notice->due_at == NOTICE_WAITS && notice->wait != NOTICE_WAIT_SUSPENDED;
}

bool notice_find(struct db *db, int64_t person, int64_t thread, struct notice *ret_notice,
                 bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT " NOTICE_COLUMNS " FROM notice WHERE person = $1 AND thread = $2"),
        db_int(person), db_int(thread));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_row(rows, ret_notice);
    return db_rows_finish(&rows, err);
}

bool notice_put(struct db *db, const struct notice *notice, struct error *err)
{
    if (!db_run(db, err,
                SQL("INSERT INTO notice (person, thread, first_seq, due_at, urgent, why) "
                    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person, thread) DO NOTHING"),
                db_int(notice->person), db_int(notice->thread), db_int(notice->first_seq),
                db_int(notice->due_at), db_int(notice->urgent), db_int(notice->why)))
        return false;
    db_tell(db, "notice", SPAN(""));
    return true;
}

bool notice_widen(struct db *db, const struct notice *notice, struct error *err)
{
    if (!notice_put(db, notice, err) ||
        !db_run(db, err,
                SQL("UPDATE notice SET first_seq = $3 "
                    "WHERE person = $1 AND thread = $2 AND first_seq > $3"),
                db_int(notice->person), db_int(notice->thread), db_int(notice->first_seq)))
        return false;
    return db_run(db, err,
                  SQL("UPDATE notice SET due_at = $3 "
                      "WHERE person = $1 AND thread = $2 AND due_at > $3 AND due_at < $4"),
                  db_int(notice->person), db_int(notice->thread), db_int(notice->due_at),
                  db_int(NOTICE_WAITS));
}

bool notice_wake_parts(struct db *db, int64_t person, int64_t delivery, int64_t now_ms,
                       struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE notice SET due_at = $3, wait = 0 WHERE person = $1 AND due_at = $4 "
                    "AND thread IN (SELECT thread FROM delivery_part WHERE delivery = $2)"),
                db_int(person), db_int(delivery), db_int(now_ms), db_int(NOTICE_WAITS)))
        return false;
    if (db_changes(db) > 0)
        db_tell(db, "notice", SPAN(""));
    return true;
}

#define DUE_FROM                                                                                   \
    "SELECT n.person, n.thread, n.first_seq, n.due_at, n.urgent, n.why, n.wait, h.made_seq, "      \
    "h.through_seq, h.missed_from, h.delivery, h.left_at, coalesce(p.status, 1), p.quiet_from, "   \
    "p.quiet_to, p.timezone FROM notice n "                                                        \
    "LEFT JOIN heard h ON h.person = n.person AND h.thread = n.thread "                            \
    "LEFT JOIN person p ON p.id = n.person "

/* One urgency at a time, so that the index gives the rows in order. */
static struct db_rows *query_due(struct db *db, bool urgent, int64_t now_ms, size_t limit,
                                 struct error *err)
{
    return db_query(
        db, err, SQL(DUE_FROM "WHERE n.urgent = $1 AND n.due_at <= $2 ORDER BY n.due_at LIMIT $3"),
        db_int(urgent), db_int(now_ms), db_int((int64_t)limit));
}

/* Takes what `walk` gives, NULL after a failure. */
static bool read_due(struct db_rows *walk, size_t limit, struct notice_due *due, size_t *count,
                     struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (*count < limit && db_next(rows)) {
        struct notice_due *one = &due[(*count)++];

        read_row(rows, &one->notice);
        one->heard =
            (struct heard){ db_column_int(rows, 7), db_column_int(rows, 8), db_column_int(rows, 9),
                            db_column_int(rows, 10), db_column_int(rows, 11) };
        one->status = (enum person_status)db_column_int(rows, 12);
        one->quiet =
            (struct quiet_hours){ (int)db_column_int(rows, 13), (int)db_column_int(rows, 14) };
        span_copy(db_column_text(rows, 15), one->timezone, sizeof one->timezone);
    }
    return db_rows_finish(&rows, err);
}

bool notice_page_due(struct db *db, int64_t now_ms, size_t limit, struct notice_due *ret_due,
                     size_t *ret_count, struct error *err)
{
    size_t count = 0;

    if (!read_due(query_due(db, true, now_ms, limit, err), limit, ret_due, &count, err) ||
        (count < limit &&
         !read_due(query_due(db, false, now_ms, limit - count, err), limit, ret_due, &count, err)))
        return false;
    *ret_count = count;
    return true;
}

/* `urgent + 0` keeps SQLite from the index of what is due, which has all that is asked for, and of
 * everybody. */
bool notice_count_due(struct db *db, int64_t person, int64_t now_ms, int64_t most,
                      int64_t *ret_count, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_count,
                       SQL("SELECT count(*) FROM (SELECT 1 FROM notice WHERE person = $1 "
                           "AND urgent + 0 = 0 AND due_at <= $2 LIMIT $3) n"),
                       db_int(person), db_int(now_ms), db_int(most));
}

/* NOLINTNEXTLINE(readability-function-size): as notice_page_due, for one person */
bool notice_page_person(struct db *db, int64_t person, int64_t now_ms, size_t limit,
                        struct notice_due *ret_due, size_t *ret_count, struct error *err)
{
    *ret_count = 0;
    return read_due(db_query(db, err,
                             SQL(DUE_FROM "WHERE n.person = $1 AND n.urgent = 0 "
                                          "AND n.due_at <= $2 ORDER BY n.thread LIMIT $3"),
                             db_int(person), db_int(now_ms), db_int((int64_t)limit)),
                    limit, ret_due, ret_count, err);
}

/* NOLINTNEXTLINE(readability-function-size): as notice_page_due, for one person */
bool notice_page_after(struct db *db, int64_t person, int64_t thread, size_t limit,
                       struct notice_due *ret_due, size_t *ret_count, struct error *err)
{
    *ret_count = 0;
    return read_due(db_query(db, err,
                             SQL(DUE_FROM "WHERE n.person = $1 AND n.thread > $2 "
                                          "ORDER BY n.thread LIMIT $3"),
                             db_int(person), db_int(thread), db_int((int64_t)limit)),
                    limit, ret_due, ret_count, err);
}

bool notice_next_due(struct db *db, int64_t *ret_due_at, struct error *err)
{
    int64_t next = NOTICE_WAITS;

    for (int urgent = 0; urgent <= 1; urgent++) {
        int64_t due_at = 0;
        bool found;

        if (!db_find_int(db, err, &found, &due_at,
                         SQL("SELECT due_at FROM notice WHERE urgent = $1 "
                             "ORDER BY due_at LIMIT 1"),
                         db_int(urgent)))
            return false;
        if (found && due_at < next)
            next = due_at;
    }
    *ret_due_at = next;
    return true;
}

bool notice_drop(struct db *db, const struct notice *notice, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM notice WHERE person = $1 AND thread = $2"),
                  db_int(notice->person), db_int(notice->thread));
}

bool notice_move(struct db *db, const struct notice *notice, int64_t due_at, enum notice_wait wait,
                 struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE notice SET due_at = $3, wait = $4 WHERE person = $1 AND thread = $2"),
                  db_int(notice->person), db_int(notice->thread), db_int(due_at), db_int(wait));
}

bool notice_slides(struct db *db, const struct notice *notice, int64_t *ret_began, bool *ret_slides,
                   struct error *err)
{
    return db_find_int(db, err, ret_slides, ret_began,
                       SQL("SELECT taken_at FROM event WHERE seq = $1 AND NOT EXISTS "
                           "(SELECT 1 FROM watch WHERE topic = $2 AND who = $3 "
                           "AND delay IS NOT NULL)"),
                       db_int(notice->first_seq), db_int(why_topic(notice->why)),
                       db_int(notice->person));
}

bool notice_park(struct db *db, const struct notice *notice, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE notice SET due_at = $3, wait = 0 WHERE person = $1 AND thread = $2"),
                  db_int(notice->person), db_int(notice->thread), db_int(NOTICE_WAITS));
}

bool notice_wake(struct db *db, int64_t person, int64_t thread, int64_t now_ms, struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE notice SET due_at = $3, wait = 0 "
                    "WHERE person = $1 AND thread = $2 AND due_at = $4"),
                db_int(person), db_int(thread), db_int(now_ms), db_int(NOTICE_WAITS)))
        return false;
    if (db_changes(db) > 0)
        db_tell(db, "notice", SPAN(""));
    return true;
}

bool notice_suspend(struct db *db, const struct notice *notice, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO notice (person, thread, first_seq, due_at, urgent, why, wait) "
                      "SELECT p.id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), "
                      "0, CAST($5 AS BIGINT), CAST($6 AS BIGINT) FROM person p "
                      "WHERE p.id = $1 AND p.status = 2 ON CONFLICT (person, thread) DO NOTHING"),
                  db_int(notice->person), db_int(notice->thread), db_int(notice->first_seq),
                  db_int(NOTICE_WAITS), db_int(notice->why), db_int(NOTICE_WAIT_SUSPENDED));
}

/* Together, whatever was urgent among them when it happened. */
bool notice_resume(struct db *db, int64_t person, int64_t now_ms, struct error *err)
{
    db_tell(db, "notice", SPAN(""));
    return db_run(db, err,
                  SQL("UPDATE notice SET due_at = $2, urgent = 0 "
                      "WHERE person = $1 AND due_at = $3 AND wait = $4"),
                  db_int(person), db_int(now_ms), db_int(NOTICE_WAITS),
                  db_int(NOTICE_WAIT_SUSPENDED));
}
