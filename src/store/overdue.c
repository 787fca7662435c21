/*
 * Pages of intent, delivery and notice.
 */
#include "store/overdue.h"

#include "base/cleanup.h"
#include "domain/delivery.h"
#include "store/db.h"

bool overdue_open_page(struct db *db, int64_t before, int64_t *after, struct overdue_open *ret_rows,
                       size_t *ret_n, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err,
        SQL("SELECT i.id, i.delivery, i.at, i.size, s.state, EXISTS (SELECT 1 FROM intent n "
            "WHERE n.delivery = i.delivery AND n.id > i.id) FROM intent i "
            "JOIN delivery_state s ON s.delivery = i.delivery "
            "WHERE i.id > $1 ORDER BY i.id LIMIT $2"),
        db_int(*after), db_int(OVERDUE_SCAN));
    int64_t last = 0;
    size_t seen = 0;
    size_t n = 0;

    if (rows == NULL)
        return error_wrap(err, "looking for overdue intents");
    for (; n < OVERDUE_MOST && db_next(rows); seen++) {
        bool is_open = db_column_int(rows, 4) == DELIVERY_SENDING && db_column_int(rows, 5) == 0;

        last = db_column_int(rows, 0);
        if (is_open && db_column_int(rows, 2) < before)
            ret_rows[n++] = (struct overdue_open){ .intent = last,
                                                   .delivery = db_column_int(rows, 1),
                                                   .at = db_column_int(rows, 2),
                                                   .size = db_column_int(rows, 3) };
    }
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "looking for overdue intents");
    *after = n == OVERDUE_MOST || seen == OVERDUE_SCAN ? last : 0;
    *ret_n = n;
    return true;
}

static bool waits(int64_t state)
{
    return state == DELIVERY_QUEUED || state == DELIVERY_DEFERRED || state == DELIVERY_IN_DOUBT ||
           state == DELIVERY_HELD;
}

bool overdue_late_page(struct db *db, struct overdue_walk *walk, struct overdue_late *ret_rows,
                       size_t *ret_n, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.id, d.deadline, s.state FROM delivery d "
                     "JOIN delivery_state s ON s.delivery = d.id WHERE d.deadline IS NOT NULL "
                     "AND (d.deadline, d.id) < ($1, $2) "
                     "ORDER BY d.deadline DESC, d.id DESC LIMIT $3"),
                 db_int(walk->deadline), db_int(walk->delivery), db_int(OVERDUE_SCAN));
    struct overdue_walk last = { 0, 0 };
    size_t seen = 0;
    size_t n = 0;

    if (rows == NULL)
        return error_wrap(err, "looking for overdue deadlines");
    for (; n < OVERDUE_MOST && db_next(rows); seen++) {
        last = (struct overdue_walk){ db_column_int(rows, 1), db_column_int(rows, 0) };
        if (waits(db_column_int(rows, 2)))
            ret_rows[n++] = (struct overdue_late){ last.delivery, last.deadline };
    }
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "looking for overdue deadlines");
    *walk = n == OVERDUE_MOST || seen == OVERDUE_SCAN ? last : (struct overdue_walk){ 0, 0 };
    *ret_n = n;
    return true;
}

bool overdue_notice_find(struct db *db, bool urgent, int64_t before,
                         struct overdue_notice *ret_notice, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT person, thread, due_at FROM notice WHERE urgent = $1 AND due_at < $2 "
                     "ORDER BY due_at LIMIT 1"),
                 db_int(urgent), db_int(before));
    struct overdue_notice found = { 0 };

    if (rows == NULL)
        return error_wrap(err, "looking for overdue notices");
    if (db_next(rows))
        found = (struct overdue_notice){ db_column_int(rows, 0), db_column_int(rows, 1),
                                         db_column_int(rows, 2) };
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "looking for overdue notices");
    *ret_notice = found;
    return true;
}
