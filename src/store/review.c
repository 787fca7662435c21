/*
 * Rows of review.
 */
#include "store/review.h"

#include "base/cleanup.h"
#include "base/span.h"
#include "store/db.h"

/* Who begins again while one is under way begins from the start. */
#define FROM_THE_START "ON CONFLICT (of, subject) DO UPDATE SET cursor = 0"

bool review_ask(struct db *db, enum review_of of, int64_t subject, struct error *err)
{
    if (!db_run(db, err,
                SQL("INSERT INTO review (of, subject) SELECT CAST($1 AS BIGINT), "
                    "CAST($2 AS BIGINT) WHERE $1 <> 0 "
                    "OR EXISTS (SELECT 1 FROM notice WHERE person = $2) " FROM_THE_START),
                db_int(of), db_int(subject)))
        return false;
    if (db_changes(db) > 0)
        db_tell(db, "review", SPAN(""));
    return true;
}

bool review_ask_members(struct db *db, int64_t list, int64_t last, struct error *err)
{
    db_tell(db, "review", SPAN(""));
    return db_run(
        db, err,
        SQL("INSERT INTO review (of, subject) SELECT 0, m.person FROM list_member m "
            "WHERE m.list = $1 AND m.person <= $2 AND m.left_at IS NULL "
            "AND EXISTS (SELECT 1 FROM notice n WHERE n.person = m.person) " FROM_THE_START),
        db_int(list), db_int(last));
}

bool review_next(struct db *db, struct review *ret_review, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT of, subject, cursor FROM review WHERE of >= $1 "
                                        "ORDER BY of, subject LIMIT 1"),
                                    db_int(REVIEW_PERSON));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_review = (struct review){ (enum review_of)db_column_int(rows, 0),
                                       db_column_int(rows, 1), db_column_int(rows, 2) };
    return db_rows_finish(&rows, err);
}

static bool spread_members(struct db *db, const struct review *review, int64_t end,
                           struct error *err)
{
    return db_run(
        db, err,
        SQL("INSERT INTO review (of, subject) SELECT 0, m.person FROM list_member m "
            "WHERE m.list = $1 AND m.person > $2 AND m.person <= $3 "
            "AND m.left_at IS NULL "
            "AND EXISTS (SELECT 1 FROM notice n WHERE n.person = m.person) " FROM_THE_START),
        db_int(review->subject), db_int(review->cursor), db_int(end));
}

/* The lists that watch go with the first people. */
static bool spread_watchers(struct db *db, const struct review *review, int64_t end,
                            struct error *err)
{
    if (review->cursor == 0 &&
        !db_run(db, err,
                SQL("INSERT INTO review (of, subject) SELECT 1, -w.who "
                    "FROM watch w WHERE w.topic = $1 AND w.who < 0 " FROM_THE_START),
                db_int(review->subject)))
        return false;
    return db_run(db, err,
                  SQL("INSERT INTO review (of, subject) SELECT 0, w.who FROM watch w "
                      "WHERE w.topic = $1 AND w.who > $2 AND w.who <= $3 "
                      "AND EXISTS (SELECT 1 FROM notice n WHERE n.person = w.who) " FROM_THE_START),
                  db_int(review->subject), db_int(review->cursor), db_int(end));
}

bool review_spread(struct db *db, const struct review *review, size_t people, struct error *err)
{
    static const char *const last_of_members =
        SQL("SELECT max(person) FROM (SELECT person FROM list_member WHERE list = $1 "
            "AND person > $2 AND left_at IS NULL ORDER BY person LIMIT $3) p");
    static const char *const last_of_watchers =
        SQL("SELECT max(who) FROM (SELECT who FROM watch WHERE topic = $1 AND who > $2 "
            "ORDER BY who LIMIT $3) p");
    bool is_list = review->of == REVIEW_LIST;
    int64_t end = 0;
    bool found;

    if (!db_find_int_values(
            db, is_list ? last_of_members : last_of_watchers,
            DB_VALUES(db_int(review->subject), db_int(review->cursor), db_int((int64_t)people)),
            &found, &end, err) ||
        !(is_list ? spread_members(db, review, end, err) : spread_watchers(db, review, end, err)))
        return false;
    return end != 0 ? review_advance(db, review, end, err) : review_end(db, review, err);
}

bool review_advance(struct db *db, const struct review *review, int64_t cursor, struct error *err)
{
    return db_run(db, err, SQL("UPDATE review SET cursor = $3 WHERE of = $1 AND subject = $2"),
                  db_int(review->of), db_int(review->subject), db_int(cursor));
}

bool review_end(struct db *db, const struct review *review, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM review WHERE of = $1 AND subject = $2"),
                  db_int(review->of), db_int(review->subject));
}
