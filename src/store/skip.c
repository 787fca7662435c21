/*
 * Rows of skip.
 */
#include "store/skip.h"

#include "base/cleanup.h"
#include "store/db.h"

bool skip_add(struct db *db, const struct skip *skip, struct error *err)
{
    int64_t id;

    return db_next_id(db, "skip", &id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO skip (id, person, thread, from_seq, to_seq, reason, at) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                  db_int(id), db_int(skip->person), db_int(skip->thread), db_int(skip->from_seq),
                  db_int(skip->to_seq), db_string(skip->reason), db_int(skip->at));
}

bool skip_add_parts(struct db *db, int64_t delivery, const struct skip *skip, struct error *err)
{
    struct skip skips[SKIP_PARTS_MOST];
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT thread, from_seq, to_seq FROM delivery_part WHERE delivery = $1 "
                     "ORDER BY thread LIMIT $2"),
                 db_int(delivery), db_int(SKIP_PARTS_MOST));

    if (rows == NULL)
        return false;
    while (count < SKIP_PARTS_MOST && db_next(rows)) {
        skips[count] = *skip;
        skips[count].thread = db_column_int(rows, 0);
        skips[count].from_seq = db_column_int(rows, 1);
        skips[count].to_seq = db_column_int(rows, 2);
        count++;
    }
    if (!db_rows_finish(&rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!skip_add(db, &skips[i], err))
            return false;
    return true;
}

static bool read_one(struct db_rows *walk, struct arena *arena, const struct skip *of,
                     struct skip *ret_skip, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_skip = (struct skip){ of->person,
                                   of->thread,
                                   db_column_int(rows, 0),
                                   db_column_int(rows, 1),
                                   arena_text(arena, db_column_text(rows, 2)),
                                   db_column_int(rows, 3) };
    return db_rows_finish(&rows, err);
}

bool skip_find(struct db *db, struct arena *arena, const struct skip *of, struct skip *ret_skip,
               bool *ret_found, struct error *err)
{
    return read_one(db_query(db, err,
                             SQL("SELECT from_seq, to_seq, reason, at FROM skip WHERE person = $1 "
                                 "AND thread = $2 AND to_seq >= $3 AND from_seq <= $3 "
                                 "ORDER BY id DESC LIMIT 1"),
                             db_int(of->person), db_int(of->thread), db_int(of->from_seq)),
                    arena, of, ret_skip, ret_found, err);
}

bool skip_find_omission(struct db *db, struct arena *arena, const struct skip *of,
                        struct skip *ret_skip, bool *ret_found, struct error *err)
{
    return read_one(db_query(db, err,
                             SQL("SELECT from_seq, to_seq, reason, at FROM skip WHERE person = $1 "
                                 "AND thread = $2 AND to_seq = $3 AND from_seq = $3 "
                                 "AND reason IN ('hidden', 'unanswered', 'not_needed') "
                                 "ORDER BY id DESC LIMIT 1"),
                             db_int(of->person), db_int(of->thread), db_int(of->from_seq)),
                    arena, of, ret_skip, ret_found, err);
}
