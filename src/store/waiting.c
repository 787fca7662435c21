/*
 * Ranges of notice_due and notice_wait. The common window has no index of its own: nearly all
 * notices wait for it.
 */
#include "store/waiting.h"

#include "base/cleanup.h"
#include "store/db.h"

/* A row of how many were looked at, how many are meant, and when the first goes on. */
static bool add(struct db_rows *walk, struct waiting *waiting, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    if (db_next(rows)) {
        int64_t next = db_column_int(rows, 2);

        waiting->has_more = waiting->has_more || db_column_int(rows, 0) >= WAITING_COUNTED_MOST;
        waiting->n += db_column_int(rows, 1);
        if (next != 0 && next < NOTICE_WAITS && (waiting->next_at == 0 || next < waiting->next_at))
            waiting->next_at = next;
    }
    return db_rows_finish(&rows, err);
}

bool waiting_notices(struct db *db, enum notice_wait wait, struct waiting *ret_waiting,
                     struct error *err)
{
    *ret_waiting = (struct waiting){ 0 };
    return add(db_query(db, err,
                        SQL("SELECT count(*), count(*), min(n.due_at) FROM (SELECT due_at "
                            "FROM notice WHERE wait = $1 AND wait > 0 ORDER BY due_at LIMIT $2) n"),
                        db_int(wait), db_int(WAITING_COUNTED_MOST)),
               ret_waiting, err);
}

bool waiting_in_window(struct db *db, struct waiting *ret_waiting, struct error *err)
{
    *ret_waiting = (struct waiting){ 0 };
    for (int urgent = 1; urgent >= 0; urgent--)
        if (!add(db_query(db, err,
                          SQL("SELECT count(*), coalesce(sum(CASE WHEN n.wait = 0 THEN 1 ELSE 0 "
                              "END), 0), min(CASE WHEN n.wait = 0 THEN n.due_at END) FROM "
                              "(SELECT due_at, wait FROM notice WHERE urgent = $1 "
                              "AND due_at < $2 ORDER BY due_at LIMIT $3) n"),
                          db_int(urgent), db_int(NOTICE_WAITS), db_int(WAITING_COUNTED_MOST)),
                 ret_waiting, err))
            return false;
    return true;
}

bool waiting_for_mail(struct db *db, struct waiting *ret_waiting, struct error *err)
{
    *ret_waiting = (struct waiting){ 0 };
    for (int urgent = 1; urgent >= 0; urgent--)
        if (!add(db_query(db, err,
                          SQL("SELECT count(*), coalesce(sum(CASE WHEN n.wait <> $4 THEN 1 ELSE 0 "
                              "END), 0), 0 FROM (SELECT wait FROM notice WHERE urgent = $1 "
                              "AND due_at = $2 LIMIT $3) n"),
                          db_int(urgent), db_int(NOTICE_WAITS), db_int(WAITING_COUNTED_MOST),
                          db_int(NOTICE_WAIT_SUSPENDED)),
                 ret_waiting, err))
            return false;
    return true;
}

bool waiting_held(struct db *db, struct waiting *ret_waiting, struct error *err)
{
    *ret_waiting = (struct waiting){ 0 };
    return add(db_query(db, err,
                        SQL("SELECT count(*), count(*), 0 FROM (SELECT 1 FROM event "
                            "WHERE fan_state = 5 LIMIT $1) n"),
                        db_int(WAITING_COUNTED_MOST)),
               ret_waiting, err);
}

bool waiting_later(struct db *db, struct waiting *ret_waiting, struct error *err)
{
    *ret_waiting = (struct waiting){ 0 };
    return add(db_query(db, err,
                        SQL("SELECT count(*), count(*), min(n.not_before) FROM (SELECT not_before "
                            "FROM event WHERE fan_state = 4 ORDER BY not_before LIMIT $1) n"),
                        db_int(WAITING_COUNTED_MOST)),
               ret_waiting, err);
}

bool waiting_fan_out(struct db *db, struct waiting *ret_waiting, struct error *err)
{
    *ret_waiting = (struct waiting){ 0 };
    return add(db_query(db, err,
                        SQL("SELECT count(*), count(*), 0 FROM (SELECT seq FROM event "
                            "WHERE fan_state < 2 ORDER BY seq LIMIT $1) n"),
                        db_int(WAITING_COUNTED_MOST)),
               ret_waiting, err);
}

static bool take(struct db_rows *walk, size_t limit, struct notice *ret_rows, size_t *ret_count,
                 struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;
    size_t count = 0;

    if (rows == NULL)
        return false;
    while (count < limit && db_next(rows))
        ret_rows[count++] = (struct notice){ .person = db_column_int(rows, 0),
                                             .thread = db_column_int(rows, 1),
                                             .first_seq = db_column_int(rows, 2),
                                             .due_at = db_column_int(rows, 3),
                                             .urgent = db_column_int(rows, 4) != 0,
                                             .wait = (enum notice_wait)db_column_int(rows, 5) };
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

#define WAITING_ROWS "SELECT person, thread, first_seq, due_at, urgent, wait FROM notice "
#define IN_ORDER "AND (due_at, person, thread) > ($2, $3, $4) ORDER BY due_at, person, thread "

bool waiting_list_due(struct db *db, const struct notice *last, size_t limit,
                      struct notice *ret_rows, size_t *ret_count, struct error *err)
{
    return take(db_query(db, err, SQL(WAITING_ROWS "WHERE urgent = $1 " IN_ORDER "LIMIT $5"),
                         db_int(last->urgent), db_int(last->due_at), db_int(last->person),
                         db_int(last->thread), db_int((int64_t)limit)),
                limit, ret_rows, ret_count, err);
}

bool waiting_list_of(struct db *db, const struct notice *last, size_t limit,
                     struct notice *ret_rows, size_t *ret_count, struct error *err)
{
    return take(db_query(db, err,
                         SQL(WAITING_ROWS "WHERE wait = $1 AND wait > 0 " IN_ORDER "LIMIT $5"),
                         db_int(last->wait), db_int(last->due_at), db_int(last->person),
                         db_int(last->thread), db_int((int64_t)limit)),
                limit, ret_rows, ret_count, err);
}

bool waiting_list_person(struct db *db, const struct notice *last, size_t limit,
                         struct notice *ret_rows, size_t *ret_count, struct error *err)
{
    return take(db_query(db, err,
                         SQL(WAITING_ROWS "WHERE person = $1 AND thread > $2 "
                                          "ORDER BY thread LIMIT $3"),
                         db_int(last->person), db_int(last->thread), db_int((int64_t)limit)),
                limit, ret_rows, ret_count, err);
}
