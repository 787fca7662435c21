/*
 * Rows of dialogue and dialogue_keep.
 */
#include "store/dialogue.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/db.h"

enum { PRUNED_A_TIME = 500 };

bool dialogue_put(struct db *db, int64_t attempt, struct span packed, int64_t until,
                  struct error *err)
{
    return db_run(db, err, SQL("INSERT INTO dialogue (attempt, until, packed) VALUES ($1, $2, $3)"),
                  db_int(attempt), db_int(until), db_blob(packed)) ||
           error_wrap(err, "keeping a dialogue");
}

bool dialogue_prune(struct db *db, int64_t now_ms, bool *ret_more, struct error *err)
{
    if (!db_run(db, err,
                SQL("DELETE FROM dialogue WHERE attempt IN (SELECT attempt FROM dialogue "
                    "WHERE until <= $1 ORDER BY until LIMIT $2)"),
                db_int(now_ms), db_int(PRUNED_A_TIME)))
        return error_wrap(err, "dropping old dialogues");
    *ret_more = db_changes(db) == PRUNED_A_TIME;
    return true;
}

bool dialogue_next(struct db *db, int64_t *ret_until, struct error *err)
{
    bool found;

    if (!db_find_int(db, err, &found, ret_until,
                     SQL("SELECT coalesce(min(until), $1) FROM dialogue"), db_int(DIALOGUE_NEVER)))
        return error_wrap(err, "reading dialogues");
    return true;
}

static bool count_others(struct db *db, const struct dialogue_keep *keep, int64_t now_ms,
                         int64_t *ret_n, struct error *err)
{
    bool found;

    return db_run(db, err, SQL("DELETE FROM dialogue_keep WHERE until <= $1 OR name = $2"),
                  db_int(now_ms), db_text(keep->name)) &&
           db_find_int(db, err, &found, ret_n,
                       SQL("SELECT COUNT(*) FROM dialogue_keep WHERE until > $1"), db_int(now_ms));
}

bool dialogue_keep_put(struct db *db, const struct dialogue_keep *keep, int64_t now_ms,
                       struct error *err)
{
    CLEANUP(buf_fini) struct buf key;
    int64_t n = 0;

    buf_init(&key, 1000);
    if (!count_others(db, keep, now_ms, &n, err))
        return error_wrap(err, "ordering dialogues to be kept");
    if (keep->until > now_ms && n >= DIALOGUE_KEEPS_MOST)
        return error_set(err, ERROR_LIMIT,
                         "dialogues of %d others are kept already: end one by --for 0",
                         DIALOGUE_KEEPS_MOST);
    if (keep->until > now_ms &&
        !db_run(db, err, SQL("INSERT INTO dialogue_keep (name, until, words) VALUES ($1, $2, $3)"),
                db_text(keep->name), db_int(keep->until), db_text(keep->words)))
        return error_wrap(err, "ordering dialogues to be kept");
    buf_printf(&key, "%lld %.*s", (long long)keep->until, SPAN_ARGS(keep->name));
    db_tell(db, DIALOGUE_KEEP_NEWS, buf_view(&key));
    return true;
}

bool dialogue_keep_list_read(struct db *db, struct arena *arena, int64_t now_ms,
                             struct dialogue_keep_list *ret_list, struct error *err)
{
    struct dialogue_keep_list list = {
        ARENA_ARRAY(arena, struct dialogue_keep, DIALOGUE_KEEPS_MOST), 0
    };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT name, until, words FROM dialogue_keep WHERE until > $1 ORDER BY name "
                     "LIMIT $2"),
                 db_int(now_ms), db_int(DIALOGUE_KEEPS_MOST));

    if (rows == NULL)
        return error_wrap(err, "reading whose dialogues are kept");
    while (list.n < DIALOGUE_KEEPS_MOST && db_next(rows))
        list.at[list.n++] = (struct dialogue_keep){ .name = db_column_copy(rows, 0, arena),
                                                    .until = db_column_int(rows, 1),
                                                    .words = db_column_copy(rows, 2, arena) };
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading whose dialogues are kept");
    *ret_list = list;
    return true;
}

bool dialogue_keep_read(struct span key, struct dialogue_keep *ret_keep)
{
    size_t space = span_index(key, ' ');

    *ret_keep = (struct dialogue_keep){ .name = span_rest(key, space + 1) };
    return space < key.n && text_to_integer(span_first(key, space), 0, INT64_MAX, &ret_keep->until);
}
