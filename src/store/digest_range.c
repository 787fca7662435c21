/*
 * Looking for the ends of a digest's range, and for what is owed.
 */
#include "store/digest_range.h"

#include "base/cleanup.h"
#include "store/db.h"

bool digest_seq_until(struct db *db, int64_t until_ms, int64_t *ret_seq, struct error *err)
{
    bool found;

    *ret_seq = 0;
    return db_find_int(db, err, &found, ret_seq,
                       SQL("SELECT seq FROM event WHERE seq > 0 AND taken_at <= $1 "
                           "ORDER BY seq DESC LIMIT 1"),
                       db_int(until_ms));
}

/* When the first event from that seq on was taken in. */
static bool taken_at(struct db *db, int64_t seq, bool *ret_found, int64_t *ret_at,
                     struct error *err)
{
    *ret_at = 0;
    return db_find_int(db, err, ret_found, ret_at,
                       SQL("SELECT taken_at FROM event WHERE seq >= $1 ORDER BY seq LIMIT 1"),
                       db_int(seq));
}

bool digest_seq_since(struct db *db, int64_t from_seq, int64_t to_seq, int64_t since_ms,
                      int64_t *ret_seq, struct error *err)
{
    int64_t low = from_seq;
    int64_t high = to_seq + 1;
    bool found;
    int64_t at;

    if (!taken_at(db, from_seq, &found, &at, err))
        return false;
    if (!found || at > since_ms)
        high = from_seq;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (!taken_at(db, middle, &found, &at, err))
            return false;
        if (found && at <= since_ms)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_seq = low;
    return true;
}

bool digest_owed_read(struct db *db, struct arena *arena, const struct digest_row *row,
                      int64_t to_seq, struct digest_owed *ret_owed, struct error *err)
{
    struct digest_owed owed = { .n = 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT h.thread, h.missed_from FROM heard h WHERE h.person = $1 "
                     "AND h.missed_from IS NOT NULL AND h.delivery IS NULL "
                     "AND h.missed_from <= $3 AND (h.put_off = $2 OR EXISTS "
                     "(SELECT 1 FROM event_scope x "
                     "JOIN watch w ON w.topic = x.topic AND w.who = h.person AND w.mode = $2 "
                     "WHERE x.seq = h.missed_from AND h.put_off IS NULL)) "
                     "ORDER BY h.thread LIMIT $4"),
                 db_int(row->person), db_int(row->mode), db_int(to_seq), db_int(DIGEST_OWED_MOST));

    if (rows == NULL)
        return false;
    while (owed.n < DIGEST_OWED_MOST && db_next(rows)) {
        if (owed.at == NULL)
            owed.at = ARENA_ARRAY(arena, struct delivery_part, DIGEST_OWED_MOST);
        owed.at[owed.n++] = (struct delivery_part){ .thread = db_column_int(rows, 0),
                                                    .from_seq = db_column_int(rows, 1),
                                                    .to_seq = to_seq };
    }
    *ret_owed = owed;
    return db_rows_finish(&rows, err);
}
