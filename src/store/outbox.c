/*
 * The table of the outbox.
 */
#include "store/outbox.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/epoch.h"

/* What `meta` says. */
#define WANTED "changes_wanted"
#define DROPPED "changes_dropped"

bool outbox_wanted(struct db *db, int64_t *ret_kinds, struct error *err)
{
    return epoch_read(db, WANTED, ret_kinds, err);
}

bool outbox_want(struct db *db, int64_t kinds, struct error *err)
{
    return epoch_set(db, WANTED, kinds, err);
}

static bool insert(struct db *db, const struct outbox_row *row, struct error *err)
{
    int64_t seq;

    return db_next_id(db, "outbox", &seq, err) &&
           db_run(db, err,
                  SQL("INSERT INTO outbox (seq, at, kind, what, subject, about, detail) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                  db_int(seq), db_int(row->at), db_int(row->kind), db_text(row->what),
                  db_int_or_null(row->subject != 0, row->subject), db_text(row->about),
                  db_text(row->detail));
}

bool outbox_add(struct db *db, const struct outbox_row *row, struct error *err)
{
    int64_t wanted;

    if (!outbox_wanted(db, &wanted, err))
        return false;
    return (wanted & row->kind) == 0 || insert(db, row, err) ||
           error_wrap(err, "noting a change for others");
}

bool outbox_read(struct db *db, struct arena *arena, struct page page, struct outbox_list *ret_list,
                 struct error *err)
{
    struct outbox_list list = { ARENA_ARRAY(arena, struct outbox_row, page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT seq, at, kind, what, subject, about, detail "
                                        "FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2"),
                                    db_int(page.after), db_int((int64_t)page.limit));

    if (rows == NULL)
        return false;
    while (list.n < page.limit && db_next(rows))
        list.at[list.n++] = (struct outbox_row){ .seq = db_column_int(rows, 0),
                                                 .at = db_column_int(rows, 1),
                                                 .kind = (enum change_kind)db_column_int(rows, 2),
                                                 .what = db_column_copy(rows, 3, arena),
                                                 .subject = db_column_int(rows, 4),
                                                 .about = db_column_copy(rows, 5, arena),
                                                 .detail = db_column_copy(rows, 6, arena) };
    *ret_list = list;
    return db_rows_finish(&rows, err);
}

bool outbox_seq_at(struct db *db, int64_t at, int64_t *ret_seq, struct error *err)
{
    bool found;

    if (!db_find_int(db, err, &found, ret_seq,
                     SQL("SELECT seq FROM outbox WHERE at < $1 ORDER BY at DESC, seq DESC LIMIT 1"),
                     db_int(at)))
        return false;
    return found || outbox_dropped(db, ret_seq, err);
}

bool outbox_last(struct db *db, int64_t *ret_seq, struct error *err)
{
    bool found;

    if (!db_find_int(db, err, &found, ret_seq,
                     SQL("SELECT seq FROM outbox WHERE seq > $1 ORDER BY seq DESC LIMIT 1"),
                     db_int(0)))
        return false;
    return found || outbox_dropped(db, ret_seq, err);
}

bool outbox_dropped(struct db *db, int64_t *ret_seq, struct error *err)
{
    return epoch_read(db, DROPPED, ret_seq, err);
}

bool outbox_prune(struct db *db, int64_t before_ms, int64_t most, bool *ret_more, struct error *err)
{
    bool found;
    int64_t last = 0;

    if (!db_find_int(
            db, err, &found, &last,
            SQL("SELECT max(seq) FROM (SELECT seq, at FROM outbox ORDER BY seq LIMIT $1) o "
                "WHERE o.at < $2"),
            db_int(most), db_int(before_ms)))
        return false;
    *ret_more = false;
    if (!found || last == 0)
        return true;
    if (!db_run(db, err, SQL("DELETE FROM outbox WHERE seq <= $1"), db_int(last)))
        return false;
    *ret_more = db_changes(db) >= most;
    return epoch_set(db, DROPPED, last, err);
}

bool outbox_forget(struct db *db, const char *target, struct error *err)
{
    return db_run(db, err, SQL("UPDATE outbox SET about = NULL WHERE kind = 4 AND about = $1"),
                  db_string(target));
}
