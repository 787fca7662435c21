/*
 * The table of tokens.
 */
#include "store/token.h"

#include "base/cleanup.h"
#include "store/db.h"

#define COLUMNS                                                                                    \
    "t.id, t.name, t.prefix, t.digest, t.scopes, t.operator, o.name, o.role, t.made_at, "          \
    "t.expires_at, t.revoked_at, t.used_at FROM token t LEFT JOIN operator o ON o.id = "           \
    "t.operator "

bool token_insert(struct db *db, struct token_row *row, struct error *err)
{
    return db_next_id(db, "token", &row->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO token (id, name, prefix, digest, scopes, operator, made_at, "
                      "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
                  db_int(row->id), db_text(row->name), db_text(row->prefix), db_blob(row->digest),
                  db_text(row->scopes), db_int_or_null(row->operator_id != 0, row->operator_id),
                  db_int(row->made_at), db_int_or_null(row->expires_at != 0, row->expires_at));
}

static struct token_row read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct token_row){ .id = db_column_int(rows, 0),
                               .name = db_column_copy(rows, 1, arena),
                               .prefix = db_column_copy(rows, 2, arena),
                               .digest = arena_copy(arena, db_column_blob(rows, 3)),
                               .scopes = db_column_copy(rows, 4, arena),
                               .operator_id = db_column_int(rows, 5),
                               .operator_name = db_column_copy(rows, 6, arena),
                               .role = (int)db_column_int(rows, 7),
                               .made_at = db_column_int(rows, 8),
                               .expires_at = db_column_int(rows, 9),
                               .revoked_at = db_column_int(rows, 10),
                               .used_at = db_column_int(rows, 11) };
}

static bool find(struct db_rows *opened, struct arena *arena, struct token_row *ret_row,
                 bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = opened;

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_row = read_row(rows, arena);
    return db_rows_finish(&rows, err);
}

bool token_find_prefix(struct db *db, struct arena *arena, struct span prefix,
                       struct token_row *ret_row, bool *ret_found, struct error *err)
{
    return find(db_query(db, err,
                         SQL("SELECT " COLUMNS "WHERE t.prefix = $1 AND t.revoked_at IS NULL"),
                         db_text(prefix)),
                arena, ret_row, ret_found, err);
}

bool token_find_name(struct db *db, struct arena *arena, struct span name,
                     struct token_row *ret_row, bool *ret_found, struct error *err)
{
    return find(db_query(db, err,
                         SQL("SELECT " COLUMNS "WHERE t.name = $1 AND t.revoked_at IS NULL"),
                         db_text(name)),
                arena, ret_row, ret_found, err);
}

bool token_revoke(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    return db_run(db, err, SQL("UPDATE token SET revoked_at = $2 WHERE id = $1"), db_int(id),
                  db_int(now_ms));
}

bool token_mark_used(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    return db_run(db, err, SQL("UPDATE token SET used_at = $2 WHERE id = $1"), db_int(id),
                  db_int(now_ms));
}

bool token_list_read(struct db *db, struct arena *arena, const struct token_page *page,
                     struct token_list *ret_list, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT " COLUMNS "WHERE t.id > $1 AND (t.revoked_at IS NULL OR $2 = 1) "
                     "ORDER BY t.id LIMIT $3"),
                 db_int(page->after), db_int(page->with_revoked), db_int((int64_t)page->room));
    struct token_list list = { ARENA_ARRAY(arena, struct token_row, page->room), 0 };

    if (rows == NULL)
        return false;
    while (list.n < page->room && db_next(rows))
        list.at[list.n++] = read_row(rows, arena);
    *ret_list = list;
    return db_rows_finish(&rows, err);
}
