/*
 * Rows of submission_wish and submission_report.
 */
#include "store/submission_report.h"

#include "base/cleanup.h"
#include "store/db.h"

bool submission_wish_put(struct db *db, int64_t delivery, const struct smtp_recipient_wish *wish,
                         struct error *err)
{
    const struct span none = { NULL, 0 };

    return db_run(db, err,
                  SQL("INSERT INTO submission_wish (delivery, notify, orcpt) VALUES ($1, $2, $3)"),
                  db_int(delivery), db_int((int64_t)wish->notify),
                  db_text(wish->orcpt.n > 0 ? wish->orcpt : none));
}

static bool forget_wish(struct db *db, int64_t delivery, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM submission_wish WHERE delivery = $1"),
                  db_int(delivery));
}

/* What the operator ended is no failure of which the sender does not know. */
static int64_t wanted_by(enum delivery_state state)
{
    if (state == DELIVERY_DELIVERED)
        return SMTP_NOTIFY_SUCCESS;
    return state == DELIVERY_CANCELLED ? 0 : SMTP_NOTIFY_FAILURE;
}

bool submission_report_owe(struct db *db, const struct submission_end *end, struct error *err)
{
    int64_t wanted = wanted_by(end->state);

    if (wanted != 0 &&
        !db_run(
            db, err,
            SQL("INSERT INTO submission_report (delivery, submission, at) "
                "SELECT $1, s.id, $3 FROM submission s "
                "LEFT JOIN submission_wish w ON w.delivery = $1 "
                "WHERE s.id = $2 AND s.mail_from <> '' AND "
                "((coalesce(w.notify, 0) & $4) <> 0 OR (coalesce(w.notify, 0) = 0 AND $5 = 1))"),
            db_int(end->delivery), db_int(end->submission), db_int(end->now_ms), db_int(wanted),
            db_int(wanted == SMTP_NOTIFY_FAILURE)))
        return error_wrap(err, "owing a report");
    if (wanted == 0 || db_changes(db) == 0)
        return forget_wish(db, end->delivery, err);
    db_tell(db, "submission-report", SPAN(""));
    return true;
}

bool submission_report_due(struct db *db, int64_t before, int64_t *ret_submission,
                           struct error *err)
{
    bool found;

    *ret_submission = 0;
    return db_find_int(db, err, &found, ret_submission,
                       SQL("SELECT submission FROM submission_report WHERE at <= $1 "
                           "ORDER BY at LIMIT 1"),
                       db_int(before));
}

bool submission_report_first(struct db *db, int64_t *ret_at, struct error *err)
{
    bool found;

    *ret_at = 0;
    return db_find_int(db, err, &found, ret_at,
                       SQL("SELECT at FROM submission_report WHERE at > $1 ORDER BY at LIMIT 1"),
                       db_int(INT64_MIN));
}

bool submission_report_owed(struct db *db, struct arena *arena, int64_t submission, size_t most,
                            struct submission_owed_list *ret_list, struct error *err)
{
    struct submission_owed_list list = { .submission = submission,
                                         .at = ARENA_ARRAY(arena, struct submission_owed, most) };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT r.delivery, r.at, w.orcpt FROM submission_report r "
                                        "LEFT JOIN submission_wish w ON w.delivery = r.delivery "
                                        "WHERE r.submission = $1 ORDER BY r.delivery LIMIT $2"),
                                    db_int(submission), db_int((int64_t)most));

    if (rows == NULL)
        return error_wrap(err, "reading reports that are owed");
    while (list.n < most && db_next(rows))
        list.at[list.n++] =
            (struct submission_owed){ db_column_int(rows, 0), db_column_int(rows, 1),
                                      db_column_copy(rows, 2, arena) };
    *ret_list = list;
    return db_rows_finish(&rows, err) || error_wrap(err, "reading reports that are owed");
}

bool submission_report_settle(struct db *db, int64_t delivery, struct error *err)
{
    return forget_wish(db, delivery, err) &&
           db_run(db, err, SQL("DELETE FROM submission_report WHERE delivery = $1"),
                  db_int(delivery));
}
