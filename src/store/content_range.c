/*
 * Reading a range of seqs.
 */
#include "store/content_range.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/db.h"

enum { LIST_START = 64 };

/* Takes the ids in the first column of `walk`, NULL after a failure. */
static bool take_ids(struct db_rows *walk, struct arena *arena, struct content_ids *ret_ids,
                     struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;
    size_t room = LIST_START;
    size_t n = 0;
    int64_t *ids = ARENA_ARRAY(arena, int64_t, room);

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        if (n == room) {
            int64_t *bigger = ARENA_ARRAY(arena, int64_t, room * 2);

            memcpy(bigger, ids, n * sizeof(ids[0]));
            ids = bigger;
            room *= 2;
        }
        ids[n++] = db_column_int(rows, 0);
    }
    *ret_ids = (struct content_ids){ ids, n };
    return db_rows_finish(&rows, err);
}

static bool take_labels(struct db_rows *walk, struct arena *arena, struct content_range *range,
                        struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;
    size_t room = LIST_START;
    size_t n = 0;
    struct span *labels = ARENA_ARRAY(arena, struct span, room);

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        if (n == room) {
            struct span *bigger = ARENA_ARRAY(arena, struct span, room * 2);

            memcpy(bigger, labels, n * sizeof(labels[0]));
            labels = bigger;
            room *= 2;
        }
        labels[n++] = db_column_copy(rows, 0, arena);
    }
    range->labels = labels;
    range->label_count = n;
    return db_rows_finish(&rows, err);
}

bool content_range_read(struct db *db, struct arena *arena, int64_t from_seq, int64_t to_seq,
                        struct content_range *ret_range, struct error *err)
{
    struct content_range range = { .labels = NULL };
    int64_t one;

    if (!take_ids(db_query(db, err,
                           SQL("SELECT DISTINCT actor FROM event "
                               "WHERE seq BETWEEN $1 AND $2 AND actor IS NOT NULL ORDER BY actor"),
                           db_int(from_seq), db_int(to_seq)),
                  arena, &range.actors, err) ||
        !take_ids(db_query(db, err,
                           SQL("SELECT DISTINCT topic FROM event_scope "
                               "WHERE seq BETWEEN $1 AND $2 ORDER BY topic"),
                           db_int(from_seq), db_int(to_seq)),
                  arena, &range.scopes, err) ||
        !take_labels(db_query(db, err,
                              SQL("SELECT label FROM event WHERE seq BETWEEN $1 AND $2 "
                                  "AND label IS NOT NULL UNION "
                                  "SELECT t.label FROM event_scope x "
                                  "JOIN topic t ON t.id = x.topic "
                                  "WHERE x.seq BETWEEN $1 AND $2 AND t.label IS NOT NULL UNION "
                                  "SELECT t.label FROM event e JOIN topic t ON t.id = e.thread "
                                  "WHERE e.seq BETWEEN $1 AND $2 AND t.label IS NOT NULL"),
                              db_int(from_seq), db_int(to_seq)),
                     arena, &range, err) ||
        !db_find_int(db, err, &range.has_deadline, &one,
                     SQL("SELECT 1 FROM event WHERE seq BETWEEN $1 AND $2 "
                         "AND deadline IS NOT NULL LIMIT 1"),
                     db_int(from_seq), db_int(to_seq)))
        return error_wrap(err, "reading the range of a digest");
    *ret_range = range;
    return true;
}

bool content_range_threads(struct db *db, struct arena *arena,
                           const struct content_delivery *delivery, enum watch_mode mode,
                           struct content_ids *ret_threads, struct error *err)
{
    return take_ids(db_query(db, err,
                             SQL("SELECT DISTINCT e.thread FROM watch w "
                                 "JOIN event_scope x ON x.topic = w.topic "
                                 "AND x.seq BETWEEN $3 AND $4 JOIN event e ON e.seq = x.seq "
                                 "WHERE w.who IN (SELECT CAST($1 AS BIGINT) "
                                 "UNION ALL SELECT -m.list FROM list_member m "
                                 "WHERE m.person = $1 AND m.left_at IS NULL) "
                                 "AND w.mode = $2 AND e.silent = 0 "
                                 "ORDER BY e.thread"),
                             db_int(delivery->person), db_int(mode), db_int(delivery->from_seq),
                             db_int(delivery->to_seq)),
                    arena, ret_threads, err) ||
           error_wrap(err, "reading the threads of a digest");
}

bool content_ids_hold(struct content_ids ids, int64_t id)
{
    size_t low = 0;
    size_t high = ids.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ids.at[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids.n && ids.at[low] == id;
}
