/*
 * The table of suppressions.
 */
#include "store/suppression.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/person.h"

bool suppression_put(struct db *db, const struct suppression *s, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO suppression (target, scope, reason, origin, at, until) "
                      "VALUES ($1, $2, $3, $4, $5, $6) "
                      "ON CONFLICT (target, scope) DO UPDATE SET reason = excluded.reason, "
                      "origin = excluded.origin, at = excluded.at, until = excluded.until"),
                  db_text(s->target), db_text(s->scope), db_text(s->reason), db_text(s->origin),
                  db_int(s->at), db_int_or_null(s->until != 0, s->until)) &&
           person_touch_address(db, s->target, err);
}

bool suppression_remove(struct db *db, struct span target, struct span scope, bool *ret_removed,
                        struct error *err)
{
    if (!db_run(db, err, SQL("DELETE FROM suppression WHERE target = $1 AND scope = $2"),
                db_text(target), db_text(scope)))
        return false;
    *ret_removed = db_changes(db) > 0;
    return !*ret_removed || person_touch_address(db, target, err);
}

/* NOLINTNEXTLINE(readability-function-size): one address, one moment; a reason needs its room */
bool suppression_bars(struct db *db, struct span normal, struct span domain, int64_t at_ms,
                      bool *ret_bars, char *reason, size_t room, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT reason FROM suppression WHERE target IN ($1, '@' || $2) "
                     "AND scope = '*' AND (until IS NULL OR until > $3) LIMIT 1"),
                 db_text(normal), db_text(domain), db_int(at_ms));
    bool bars;

    if (rows == NULL)
        return false;
    bars = db_next(rows);
    if (bars)
        (void)snprintf(reason, room, "%.*s", SPAN_ARGS(db_column_text(rows, 0)));
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_bars = bars;
    return true;
}

bool suppression_page(struct db *db, struct arena *arena, struct span after, size_t limit,
                      struct suppression_list *ret_list, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT target, scope, reason, origin, at, until FROM suppression "
                     "WHERE target > $1 ORDER BY target, scope LIMIT $2"),
                 db_text(after), db_int((int64_t)limit));
    struct suppression_list list = { ARENA_ARRAY(arena, struct suppression, limit), 0 };

    if (rows == NULL)
        return false;
    while (list.n < limit && db_next(rows))
        list.at[list.n++] =
            (struct suppression){ .target = arena_copy(arena, db_column_text(rows, 0)),
                                  .scope = arena_copy(arena, db_column_text(rows, 1)),
                                  .reason = arena_copy(arena, db_column_text(rows, 2)),
                                  .origin = arena_copy(arena, db_column_text(rows, 3)),
                                  .at = db_column_int(rows, 4),
                                  .until = db_column_int(rows, 5) };
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_list = list;
    return true;
}
