/*
 * Rows of site_word. What no longer holds is left where it is until the next word, or start.
 */
#include "store/site_word.h"

#include "base/cleanup.h"
#include "store/db.h"

bool site_word_put(struct db *db, const struct site_word *word, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO site_word (site, about, most, since, until, text) "
                      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site, about) DO UPDATE SET "
                      "most = excluded.most, since = excluded.since, until = excluded.until, "
                      "text = excluded.text"),
                  db_text(word->site), db_text(word->about), db_int(word->most),
                  db_int(word->since), db_int(word->until), db_text(word->text));
}

bool site_words_forget(struct db *db, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM site_word WHERE site >= $1"), db_string(""));
}

bool site_word_list_read(struct db *db, struct arena *arena, struct span site, int64_t now_ms,
                         struct site_word_list *ret_list, struct error *err)
{
    struct site_word_list list = { ARENA_ARRAY(arena, struct site_word, SITE_WORDS_MOST), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT site, about, most, since, until, text FROM site_word "
                     "WHERE site = $1 AND until > $2 ORDER BY about LIMIT $3"),
                 db_text(site), db_int(now_ms), db_int(SITE_WORDS_MOST));

    if (rows == NULL)
        return false;
    while (list.n < SITE_WORDS_MOST && db_next(rows))
        list.at[list.n++] = (struct site_word){ .site = db_column_copy(rows, 0, arena),
                                                .about = db_column_copy(rows, 1, arena),
                                                .most = db_column_int(rows, 2),
                                                .since = db_column_int(rows, 3),
                                                .until = db_column_int(rows, 4),
                                                .text = db_column_copy(rows, 5, arena) };
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_list = list;
    return true;
}
