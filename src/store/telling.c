/*
 * Deliveries by what they tell. By person: nobody gets so many that walking theirs takes long.
 */
#include "store/telling.h"

#include "base/cleanup.h"
#include "store/db.h"

static void read_row(struct db_rows *rows, struct arena *arena, struct telling *telling)
{
    *telling = (struct telling){
        .delivery = db_column_int(rows, 0),
        .address = db_column_copy(rows, 1, arena),
        .state = (enum delivery_state)db_column_int(rows, 2),
        .reason = db_column_copy(rows, 3, arena),
        .text = db_column_copy(rows, 4, arena),
        .from_seq = db_column_int(rows, 5),
        .to_seq = db_column_int(rows, 6),
        .made_at = db_column_int(rows, 7),
        .ended_at = db_column_int(rows, 8),
        .deadline = db_column_int(rows, 9),
        .date = db_column_int(rows, 10),
    };
}

bool telling_list_read(struct db *db, struct arena *arena, const struct telling_of *of,
                       struct telling_list *ret_list, struct error *err)
{
    struct telling_list list = { ARENA_ARRAY(arena, struct telling, TELLINGS_LIMIT), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.id, d.address, s.state, s.reason, s.text, p.from_seq, p.to_seq, "
                     "d.made_at, s.ended_at, d.deadline, "
                     "(SELECT max(i.date) FROM intent i WHERE i.delivery = d.id) FROM delivery d "
                     "JOIN delivery_part p ON p.delivery = d.id AND (p.thread = $2 "
                     "OR (p.thread = 0 AND d.cause = 2 AND d.cause_id = $5 AND NOT EXISTS "
                     "(SELECT 1 FROM delivery_part o WHERE o.delivery = d.id AND o.thread = $2))) "
                     "JOIN delivery_state s ON s.delivery = d.id WHERE d.person = $1 "
                     "AND p.from_seq <= $3 AND p.to_seq >= $3 ORDER BY d.id DESC LIMIT $4"),
                 db_int(of->person), db_int(of->thread), db_int(of->seq), db_int(TELLINGS_LIMIT),
                 db_int(of->digest));

    if (rows == NULL)
        return false;
    while (list.n < TELLINGS_LIMIT && db_next(rows))
        read_row(rows, arena, &list.at[list.n++]);
    *ret_list = list;
    return db_rows_finish(&rows, err);
}

bool telling_events_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                         struct telling_events *ret_events, struct error *err)
{
    struct telling_events events = { ARENA_ARRAY(arena, struct telling_event, most), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT e.id, t.key, e.kind FROM delivery_part p "
                                        "JOIN event e ON e.thread = p.thread "
                                        "AND e.seq BETWEEN p.from_seq AND p.to_seq "
                                        "JOIN topic t ON t.id = p.thread "
                                        "WHERE p.delivery = $1 ORDER BY p.thread, e.seq LIMIT $2"),
                                    db_int(delivery), db_int((int64_t)most));

    if (rows == NULL)
        return false;
    while (events.n < most && db_next(rows))
        events.at[events.n++] = (struct telling_event){ .id = db_column_int(rows, 0),
                                                        .topic = db_column_copy(rows, 1, arena),
                                                        .kind = db_column_copy(rows, 2, arena) };
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading what delivery %lld tells", (long long)delivery);
    *ret_events = events;
    return true;
}
