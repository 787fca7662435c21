/*
 * One reading over site, site_stop and site_limit, in this order.
 */
#include "store/site_word.h"

#include "base/cleanup.h"
#include "domain/delivery.h"
#include "store/db.h"
#include "store/site.h"

/* Adds what a statement gives: about, by, most, since, until, text. */
static bool add_words(struct db_rows *rows, struct arena *arena, struct span site,
                      struct site_word_list *list, struct error *err)
{
    if (rows == NULL)
        return false;
    while (list->n < SITE_WORDS_MOST && db_next(rows))
        list->at[list->n++] = (struct site_word){ .site = site,
                                                  .about = db_column_copy(rows, 0, arena),
                                                  .by = db_column_copy(rows, 1, arena),
                                                  .most = db_column_int(rows, 2),
                                                  .since = db_column_int(rows, 3),
                                                  .until = db_column_int(rows, 4),
                                                  .text = db_column_copy(rows, 5, arena) };
    return db_rows_finish(&rows, err);
}

static bool add_stops(struct db_rows *rows, struct arena *arena, struct span site,
                      struct site_word_list *list, struct error *err)
{
    if (rows == NULL)
        return false;
    while (list->n < SITE_WORDS_MOST && db_next(rows)) {
        int64_t until = db_column_int(rows, 3);

        list->at[list->n++] =
            (struct site_word){ .site = site,
                                .about =
                                    span_of(stream_name((enum stream_id)db_column_int(rows, 0))),
                                .by = db_column_copy(rows, 1, arena),
                                .since = db_column_int(rows, 2),
                                .until = until == SITE_STOP_FOR_GOOD ? 0 : until,
                                .text = db_column_copy(rows, 4, arena) };
    }
    return db_rows_finish(&rows, err);
}

bool site_word_list_read(struct db *db, struct arena *arena, struct span site, int64_t now_ms,
                         struct site_word_list *ret_list, struct error *err)
{
    struct site_word_list list = { ARENA_ARRAY(arena, struct site_word, SITE_WORDS_MOST), 0 };

    if (!add_words(db_query(db, err,
                            SQL("SELECT 'pause', 'operator', 0, paused_at, 0, paused_words "
                                "FROM site WHERE key = $1 AND paused_at IS NOT NULL"),
                            db_text(site)),
                   arena, site, &list, err) ||
        !add_stops(db_query(db, err,
                            SQL("SELECT stream, origin, since, until, words FROM site_stop "
                                "WHERE site = $1 AND until > $2 ORDER BY stream, origin"),
                            db_text(site), db_int(now_ms)),
                   arena, site, &list, err) ||
        !add_words(db_query(db, err,
                            SQL("SELECT kind, origin, value, since, until, words FROM site_limit "
                                "WHERE site = $1 AND (until = 0 OR until > $2) "
                                "ORDER BY kind, origin"),
                            db_text(site), db_int(now_ms)),
                   arena, site, &list, err))
        return false;
    *ret_list = list;
    return true;
}
