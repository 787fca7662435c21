/*
 * Rows of list.
 */
#include "store/named_list.h"

#include "base/cleanup.h"
#include "store/db.h"

static void read_row(struct db_rows *rows, struct arena *arena, struct named_list *list)
{
    *list = (struct named_list){
        .id = db_column_int(rows, 0),
        .name = db_column_copy(rows, 1, arena),
        .title = db_column_copy(rows, 2, arena),
        .made_at = db_column_int(rows, 3),
    };
}

static bool find(struct db *db, struct arena *arena, struct span name, struct named_list *ret_list,
                 bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT id, name, title, made_at FROM list "
                                        "WHERE name = $1 AND removed_at IS NULL"),
                                    db_text(name));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_row(rows, arena, ret_list);
    return db_rows_finish(&rows, err);
}

bool named_list_make(struct db *db, struct named_list *list, int64_t now_ms, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct named_list known;
    bool found;

    arena_init(&arena);
    if (!find(db, &arena, list->name, &known, &found, err))
        return false;
    if (found)
        return error_set(err, ERROR_CONFLICT, "there is a list \"%.*s\" already",
                         SPAN_ARGS(list->name));
    list->made_at = now_ms;
    return db_next_id(db, "list", &list->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO list (id, name, title, made_at) VALUES ($1, $2, $3, $4)"),
                  db_int(list->id), db_text(list->name), db_text(list->title), db_int(now_ms));
}

bool named_list_need(struct db *db, struct arena *arena, struct span name,
                     struct named_list *ret_list, struct error *err)
{
    bool found;

    if (!find(db, arena, name, ret_list, &found, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND, "there is no list \"%.*s\"",
                              SPAN_ARGS(span_first(name, 100)));
}

bool named_list_name(struct db *db, struct arena *arena, int64_t id, struct span *ret_name,
                     struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT name FROM list WHERE id = $1"), db_int(id));

    if (rows == NULL)
        return false;
    *ret_name = db_next(rows) ? db_column_copy(rows, 0, arena) : SPAN("?");
    return db_rows_finish(&rows, err);
}

bool named_list_page_read(struct db *db, struct arena *arena, struct page page,
                          struct named_list_page *ret_lists, struct error *err)
{
    struct named_list_page lists = { ARENA_ARRAY(arena, struct named_list, page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT id, name, title, made_at FROM list "
                     "WHERE id > $1 AND removed_at IS NULL ORDER BY id LIMIT $2"),
                 db_int(page.after), db_int((int64_t)page.limit));

    if (rows == NULL)
        return false;
    while (lists.n < page.limit && db_next(rows))
        read_row(rows, arena, &lists.at[lists.n++]);
    *ret_lists = lists;
    return db_rows_finish(&rows, err);
}

bool named_list_retire(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    return db_run(db, err, SQL("UPDATE list SET removed_at = $2 WHERE id = $1"), db_int(id),
                  db_int(now_ms));
}
