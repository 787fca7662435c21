/*
 * Rows of recurrence.
 */
#include "store/recurrence.h"

#include "base/cleanup.h"
#include "store/db.h"

#define RECURRENCE_COLUMNS                                                                         \
    "id, name, rule, zone, start_day, start_minute, start_at, until_at, holidays, catch_up, "      \
    "event, made_at, last_at, next_at, paused_at, problem FROM recurrence "

static void read_row(struct db_rows *rows, struct arena *arena, struct recurrence_row *row)
{
    *row = (struct recurrence_row){
        .id = db_column_int(rows, 0),
        .name = db_column_copy(rows, 1, arena),
        .rule = db_column_copy(rows, 2, arena),
        .zone = db_column_copy(rows, 3, arena),
        .start_day = db_column_int(rows, 4),
        .start_minute = db_column_int(rows, 5),
        .start_ms = db_column_int(rows, 6),
        .until_ms = db_column_int(rows, 7),
        .holidays = db_column_copy(rows, 8, arena),
        .catch_up = (enum catch_up)db_column_int(rows, 9),
        .event = db_column_copy(rows, 10, arena),
        .made_at = db_column_int(rows, 11),
        .last_at = db_column_int(rows, 12),
        .next_at = db_column_int(rows, 13),
        .paused_at = db_column_int(rows, 14),
        .problem = db_column_copy(rows, 15, arena),
    };
}

static bool take_one(struct db_rows **rows, struct arena *arena, struct recurrence_row *ret_row,
                     bool *ret_any, struct error *err)
{
    if (*rows == NULL)
        return false;
    *ret_any = db_next(*rows);
    if (*ret_any)
        read_row(*rows, arena, ret_row);
    return db_rows_finish(rows, err);
}

static bool find(struct db *db, struct arena *arena, struct span name,
                 struct recurrence_row *ret_row, bool *ret_any, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " RECURRENCE_COLUMNS "WHERE name = $1"), db_text(name));

    return take_one(&rows, arena, ret_row, ret_any, err);
}

static struct db_value moment(int64_t at)
{
    return db_int_or_null(at != 0, at);
}

bool recurrence_row_insert(struct db *db, struct recurrence_row *row, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row known;
    bool found;

    arena_init(&arena);
    if (!find(db, &arena, row->name, &known, &found, err))
        return false;
    if (found)
        return error_set(err, ERROR_CONFLICT, "there is a recurrence \"%.*s\" already",
                         SPAN_ARGS(row->name));
    db_tell(db, "recurrence", SPAN(""));
    return db_next_id(db, "recurrence", &row->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO recurrence (id, name, rule, zone, start_day, start_minute, "
                      "start_at, until_at, holidays, catch_up, event, made_at, next_at) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
                  db_int(row->id), db_text(row->name), db_text(row->rule), db_text(row->zone),
                  db_int(row->start_day), db_int(row->start_minute), db_int(row->start_ms),
                  moment(row->until_ms), db_text(row->holidays), db_int(row->catch_up),
                  db_text(row->event), db_int(row->made_at), moment(row->next_at));
}

bool recurrence_row_update(struct db *db, const struct recurrence_row *row, struct error *err)
{
    db_tell(db, "recurrence", SPAN(""));
    return db_run(db, err,
                  SQL("UPDATE recurrence SET rule = $2, zone = $3, start_day = $4, "
                      "start_minute = $5, start_at = $6, until_at = $7, holidays = $8, "
                      "catch_up = $9, event = $10, next_at = $11, paused_at = $12, "
                      "problem = NULL WHERE id = $1"),
                  db_int(row->id), db_text(row->rule), db_text(row->zone), db_int(row->start_day),
                  db_int(row->start_minute), db_int(row->start_ms), moment(row->until_ms),
                  db_text(row->holidays), db_int(row->catch_up), db_text(row->event),
                  moment(row->next_at), moment(row->paused_at));
}

bool recurrence_row_need(struct db *db, struct arena *arena, struct span name,
                         struct recurrence_row *ret_row, struct error *err)
{
    bool found;

    if (!find(db, arena, name, ret_row, &found, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND, "there is no recurrence \"%.*s\"",
                              SPAN_ARGS(span_first(name, 100)));
}

bool recurrence_row_delete(struct db *db, int64_t id, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM recurrence WHERE id = $1"), db_int(id));
}

bool recurrence_row_page(struct db *db, struct arena *arena, struct page page,
                         struct recurrence_row_list *ret_rows, struct error *err)
{
    struct recurrence_row_list list = { ARENA_ARRAY(arena, struct recurrence_row, page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " RECURRENCE_COLUMNS "WHERE id > $1 ORDER BY id LIMIT $2"),
                 db_int(page.after), db_int((int64_t)page.limit));

    if (rows == NULL)
        return false;
    while (list.n < page.limit && db_next(rows))
        read_row(rows, arena, &list.at[list.n++]);
    *ret_rows = list;
    return db_rows_finish(&rows, err);
}

bool recurrence_row_due(struct db *db, struct arena *arena, int64_t now_ms,
                        struct recurrence_row *ret_row, bool *ret_any, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT " RECURRENCE_COLUMNS "WHERE next_at <= $1 ORDER BY next_at LIMIT 1"),
        db_int(now_ms));

    return take_one(&rows, arena, ret_row, ret_any, err);
}

bool recurrence_row_ahead(struct db *db, struct arena *arena, int64_t now_ms,
                          struct recurrence_row *ret_row, bool *ret_any, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT " RECURRENCE_COLUMNS "WHERE last_at > $1 "
                                        "AND paused_at IS NULL ORDER BY last_at LIMIT 1"),
                                    db_int(now_ms));

    return take_one(&rows, arena, ret_row, ret_any, err);
}

bool recurrence_row_next_due(struct db *db, int64_t *ret_due_at, struct error *err)
{
    bool any;

    *ret_due_at = 0;
    return db_find_int(db, err, &any, ret_due_at,
                       SQL("SELECT next_at FROM recurrence WHERE next_at > $1 "
                           "ORDER BY next_at LIMIT 1"),
                       db_int(0));
}

bool recurrence_row_move(struct db *db, const struct recurrence_row *row, struct error *err)
{
    db_tell(db, "recurrence", SPAN(""));
    return db_run(db, err,
                  SQL("UPDATE recurrence SET last_at = $2, next_at = $3, paused_at = $4, "
                      "problem = $5 WHERE id = $1"),
                  db_int(row->id), moment(row->last_at), moment(row->next_at),
                  moment(row->paused_at), db_text(row->problem));
}
