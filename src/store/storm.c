/*
 * Bounded walks of the indexes that the fan-out would walk.
 */
#include "store/storm.h"

#include "store/db.h"

bool storm_count_watches(struct db *db, const struct scope_list *scopes, int64_t most,
                         int64_t *ret_count, struct error *err)
{
    int64_t sum = 0;
    int64_t count = 0;
    bool found;

    for (size_t i = 0; i < scopes->n && sum < most; i++) {
        if (!db_find_int(db, err, &found, &count,
                         SQL("SELECT count(*) FROM (SELECT 1 FROM watch WHERE topic = $1 "
                             "AND mode = 1 LIMIT $2) w"),
                         db_int(scopes->at[i].topic), db_int(most - sum)))
            return error_wrap(err, "counting watches");
        sum += count;
        if (!db_find_int(db, err, &found, &count,
                         SQL("SELECT count(*) FROM (SELECT 1 FROM watch w JOIN list_member m "
                             "ON m.list = -w.who AND m.left_at IS NULL WHERE w.topic = $1 "
                             "AND w.who < 0 AND w.mode = 1 LIMIT $2) w"),
                         db_int(scopes->at[i].topic), db_int(most - sum)))
            return error_wrap(err, "counting members of lists that watch");
        sum += count;
    }
    *ret_count = sum;
    return true;
}

bool storm_count_directs(struct db *db, int64_t seq, int64_t most, int64_t *ret_count,
                         struct error *err)
{
    int64_t count = 0;
    bool found;

    if (!db_find_int(db, err, &found, &count,
                     SQL("SELECT count(*) FROM (SELECT 1 FROM event_direct WHERE seq = $1 "
                         "LIMIT $2) d"),
                     db_int(seq), db_int(most)))
        return error_wrap(err, "counting people addressed");
    *ret_count = count;
    return true;
}
