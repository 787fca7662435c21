/*
 * Rows of watch_log.
 */
#include "store/watch_history.h"

#include "base/cleanup.h"
#include "store/db.h"

static void read_row(struct db_rows *rows, struct arena *arena, struct watch_entry *entry)
{
    *entry = (struct watch_entry){
        .id = db_column_int(rows, 0),
        .watch = { .topic = db_column_int(rows, 1),
                   .mode = (enum watch_mode)db_column_int(rows, 2),
                   .kinds = db_column_int(rows, 3),
                   .delay = db_column_is_null(rows, 4) ? -1 : db_column_int(rows, 4),
                   .until = db_column_int(rows, 5) },
        .ended = db_column_is_null(rows, 2),
        .refuses = db_column_int(rows, 7) != 0,
        .at = db_column_int(rows, 8),
        .cause = db_column_copy(rows, 9, arena),
    };
    span_copy(db_column_text(rows, 6), entry->watch.origin, sizeof entry->watch.origin);
}

#define WATCH_LOG_COLUMNS "id, topic, mode, kinds, delay, until, origin, refuses, at, cause "

/* Takes the rows of `walk`, NULL after a failure, at most `limit`. */
static bool read_rows(struct db_rows *walk, struct arena *arena, size_t limit,
                      struct watch_history *ret_history, struct error *err)
{
    struct watch_history history = { ARENA_ARRAY(arena, struct watch_entry, limit), 0 };
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (history.n < limit && db_next(rows))
        read_row(rows, arena, &history.at[history.n++]);
    *ret_history = history;
    return db_rows_finish(&rows, err);
}

/* NOLINTNEXTLINE(readability-function-size): a watch, a moment, two things to fill */
bool watch_end_find(struct db *db, int64_t person, const struct watch_fact *watch, int64_t seq,
                    int64_t *ret_at, bool *ret_found, struct error *err)
{
    int64_t who = watch->list != 0 ? who_of_list(watch->list) : person;

    *ret_found = false;
    if (watch->list != 0 &&
        !db_find_int(db, err, ret_found, ret_at,
                     SQL("SELECT left_at FROM list_member WHERE person = $1 AND list = $2 "
                         "AND left_seq >= $3 ORDER BY id LIMIT 1"),
                     db_int(person), db_int(watch->list), db_int(seq)))
        return false;
    return *ret_found || db_find_int(db, err, ret_found, ret_at,
                                     SQL("SELECT at FROM watch_log WHERE who = $1 AND topic = $2 "
                                         "AND seq >= $3 AND mode IS NULL ORDER BY id LIMIT 1"),
                                     db_int(who), db_int(watch->topic), db_int(seq));
}

bool watch_history_find(struct db *db, struct arena *arena, int64_t id,
                        struct watch_entry *ret_entry, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT id, topic, mode, kinds, delay, until, origin, "
                                        "refuses, at, cause, who FROM watch_log WHERE id = $1"),
                                    db_int(id));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found) {
        read_row(rows, arena, ret_entry);
        ret_entry->watch.who = db_column_int(rows, 10);
    }
    return db_rows_finish(&rows, err);
}

bool watch_history_read(struct db *db, struct arena *arena, int64_t who, struct page page,
                        struct watch_history *ret_history, struct error *err)
{
    return read_rows(db_query(db, err,
                              SQL("SELECT " WATCH_LOG_COLUMNS "FROM watch_log "
                                  "WHERE who = $1 AND id > $2 ORDER BY id LIMIT $3"),
                              db_int(who), db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page.limit, ret_history, err);
}

bool watch_history_last(struct db *db, struct arena *arena, const struct watch *watch, size_t limit,
                        struct watch_history *ret_history, struct error *err)
{
    return read_rows(db_query(db, err,
                              SQL("SELECT " WATCH_LOG_COLUMNS "FROM watch_log "
                                  "WHERE who = $1 AND topic = $2 ORDER BY id DESC LIMIT $3"),
                              db_int(watch->who), db_int(watch->topic), db_int((int64_t)limit)),
                     arena, limit, ret_history, err);
}
