/*
 * Reading the parts of a delivery with what the person has heard of their threads.
 */
#include "store/content_part.h"

#include "base/cleanup.h"
#include "store/db.h"

static bool count_parts(struct db *db, int64_t delivery, int64_t *ret_count, struct error *err)
{
    bool found;

    *ret_count = 0;
    return db_find_int(db, err, &found, ret_count,
                       SQL("SELECT count(*) FROM delivery_part WHERE delivery = $1"),
                       db_int(delivery));
}

bool content_parts_read(struct db *db, struct arena *arena, int64_t delivery,
                        struct content_part_list *ret_parts, struct error *err)
{
    struct content_part_list parts = { .n = 0 };
    CLEANUP(db_rows_end) struct db_rows *rows = NULL;
    int64_t count;

    if (!count_parts(db, delivery, &count, err))
        return false;
    parts.at = ARENA_ARRAY(arena, struct content_part, (size_t)count);
    rows = db_query(db, err,
                    SQL("SELECT p.thread, p.from_seq, p.to_seq, h.last_message_id, h.missed_from, "
                        "h.put_off "
                        "FROM delivery_part p JOIN delivery d ON d.id = p.delivery "
                        "LEFT JOIN heard h ON h.person = d.person AND h.thread = p.thread "
                        "WHERE p.delivery = $1 ORDER BY p.thread"),
                    db_int(delivery));
    if (rows == NULL)
        return false;
    while (parts.n < (size_t)count && db_next(rows))
        parts.at[parts.n++] = (struct content_part){
            .thread = db_column_int(rows, 0),
            .from_seq = db_column_int(rows, 1),
            .to_seq = db_column_int(rows, 2),
            .last_message_id = db_column_copy(rows, 3, arena),
            .owed = !db_column_is_null(rows, 4) && db_column_is_null(rows, 5),
            .put_off = !db_column_is_null(rows, 5),
        };
    *ret_parts = parts;
    return db_rows_finish(&rows, err);
}
