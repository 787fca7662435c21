/*
 * The table of operators.
 */
#include "store/operator.h"

#include "base/cleanup.h"
#include "store/db.h"

bool operator_insert(struct db *db, struct operator_row *row, struct error *err)
{
    return db_next_id(db, "operator", &row->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO operator (id, name, role, made_at) VALUES ($1, $2, $3, $4)"),
                  db_int(row->id), db_text(row->name), db_int(row->role), db_int(row->made_at));
}

static struct operator_row read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct operator_row){ .id = db_column_int(rows, 0),
                                  .name = db_column_copy(rows, 1, arena),
                                  .role = (int)db_column_int(rows, 2),
                                  .made_at = db_column_int(rows, 3) };
}

bool operator_find(struct db *db, struct arena *arena, struct span name,
                   struct operator_row *ret_row, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT id, name, role, made_at FROM operator WHERE name = $1"),
                 db_text(name));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_row = read_row(rows, arena);
    return db_rows_finish(&rows, err);
}

bool operator_set_role(struct db *db, int64_t id, int role, struct error *err)
{
    return db_run(db, err, SQL("UPDATE operator SET role = $2 WHERE id = $1"), db_int(id),
                  db_int(role));
}

bool operator_list_read(struct db *db, struct arena *arena, int64_t after, size_t room,
                        struct operator_list *ret_list, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT id, name, role, made_at FROM operator "
                                        "WHERE id > $1 ORDER BY id LIMIT $2"),
                                    db_int(after), db_int((int64_t)room));
    struct operator_list list = { ARENA_ARRAY(arena, struct operator_row, room), 0 };

    if (rows == NULL)
        return false;
    while (list.n < room && db_next(rows))
        list.at[list.n++] = read_row(rows, arena);
    *ret_list = list;
    return db_rows_finish(&rows, err);
}
