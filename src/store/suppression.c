/*
 * The table of suppressions. What stands for a target and scope is one row, so what is asked for
 * by several hands is brought together here.
 */
#include "store/suppression.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "domain/suppression_reason.h"
#include "store/db.h"
#include "store/erased.h"
#include "store/outbox.h"
#include "store/person.h"

static struct suppression read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct suppression){ .target = db_column_copy(rows, 0, arena),
                                 .scope = db_column_copy(rows, 1, arena),
                                 .reason = db_column_copy(rows, 2, arena),
                                 .origin = db_column_copy(rows, 3, arena),
                                 .at = db_column_int(rows, 4),
                                 .until = db_column_int(rows, 5) };
}

bool suppression_find(struct db *db, struct arena *arena, const struct suppression_key *key,
                      struct suppression *ret_suppression, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT target, scope, reason, origin, at, until "
                                        "FROM suppression WHERE target = $1 AND scope = $2"),
                                    db_text(key->target), db_text(key->scope));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        *ret_suppression = read_row(rows, arena);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_found = found;
    return true;
}

static int64_t later_end(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return 0;
    return a > b ? a : b;
}

/* What stands after both were asked for. */
static struct suppression stronger(const struct suppression *stands, const struct suppression *more)
{
    struct suppression both = *more;
    enum suppression_weight old = suppression_weigh(stands->reason);
    enum suppression_weight new = suppression_weigh(more->reason);

    if (old == new || (stands->until != 0 && stands->until <= more->at))
        return both;
    if (old > new)
        both = *stands;
    both.until = later_end(stands->until, more->until);
    return both;
}

static bool tell(struct db *db, const char *what, const struct suppression_key *key, int64_t at,
                 struct error *err)
{
    const struct outbox_row row = { .at = at,
                                    .kind = CHANGE_SUPPRESSION,
                                    .what = span_of(what),
                                    .about = key->target,
                                    .detail = key->scope };

    return outbox_add(db, &row, err);
}

bool suppression_put(struct db *db, const struct suppression *more, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    const struct suppression_key key = { more->target, more->scope };
    struct suppression s;
    bool found;

    arena_init(&arena);
    if (!suppression_find(db, &arena, &key, &s, &found, err))
        return false;
    s = found ? stronger(&s, more) : *more;
    return db_run(db, err,
                  SQL("INSERT INTO suppression (target, scope, reason, origin, at, until) "
                      "VALUES ($1, $2, $3, $4, $5, $6) "
                      "ON CONFLICT (target, scope) DO UPDATE SET reason = excluded.reason, "
                      "origin = excluded.origin, at = excluded.at, until = excluded.until"),
                  db_text(s.target), db_text(s.scope), db_text(s.reason), db_text(s.origin),
                  db_int(s.at), db_int_or_null(s.until != 0, s.until)) &&
           tell(db, "added", &key, more->at, err) && person_touch_address(db, s.target, err);
}

bool suppression_remove(struct db *db, struct span target, struct span scope, int64_t now_ms,
                        bool *ret_removed, struct error *err)
{
    const struct suppression_key key = { target, scope };

    if (!db_run(db, err, SQL("DELETE FROM suppression WHERE target = $1 AND scope = $2"),
                db_text(target), db_text(scope)))
        return false;
    *ret_removed = db_changes(db) > 0;
    return !*ret_removed ||
           (tell(db, "removed", &key, now_ms, err) && person_touch_address(db, target, err));
}

bool suppression_is_of_topics(struct span scope)
{
    return span_equal(scope, SPAN("*")) || span_equal(scope, SPAN(SUPPRESSION_OF_TOPICS));
}

static bool is_erased(struct db *db, struct span normal, bool *ret_erased, char *reason,
                      size_t room, struct error *err)
{
    if (!erased_knows(db, normal, ret_erased, err))
        return false;
    if (*ret_erased)
        (void)snprintf(reason, room, "erased");
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): one address, one moment; a reason needs its room */
bool suppression_bars(struct db *db, struct span normal, struct span domain, int64_t at_ms,
                      bool *ret_bars, char *reason, size_t room, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT reason FROM suppression WHERE target = $1 "
                     "AND scope = '*' AND (until IS NULL OR until > $3) UNION ALL "
                     "SELECT reason FROM suppression WHERE target = '@' || $2 "
                     "AND scope = '*' AND (until IS NULL OR until > $3) LIMIT 1"),
                 db_text(normal), db_text(domain), db_int(at_ms));
    bool bars;

    if (rows == NULL)
        return false;
    bars = db_next(rows);
    if (bars)
        (void)snprintf(reason, room, "%.*s", SPAN_ARGS(db_column_text(rows, 0)));
    if (!db_rows_finish(&rows, err) || (!bars && !is_erased(db, normal, &bars, reason, room, err)))
        return false;
    *ret_bars = bars;
    return true;
}

bool suppression_page(struct db *db, struct arena *arena, const struct suppression_key *after,
                      size_t limit, struct suppression_list *ret_list, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT target, scope, reason, origin, at, until FROM suppression "
                     "WHERE (target, scope) > ($1, $2) ORDER BY target, scope LIMIT $3"),
                 db_text(after->target), db_text(after->scope), db_int((int64_t)limit));
    struct suppression_list list = { ARENA_ARRAY(arena, struct suppression, limit), 0 };

    if (rows == NULL)
        return false;
    while (list.n < limit && db_next(rows))
        list.at[list.n++] = read_row(rows, arena);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_list = list;
    return true;
}
