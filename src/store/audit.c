/*
 * The table of the audit. Each filter has an index that ends in the id, so that a page costs a
 * page, however long the record is.
 */
#include "store/audit.h"

#include "base/cleanup.h"
#include "store/db.h"

bool audit_append(struct db *db, struct audit_row *row, struct error *err)
{
    return db_next_id(db, "audit", &row->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO audit (id, at, by, request, subject, args, before, after) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
                  db_int(row->id), db_int(row->at), db_text(row->by), db_text(row->request),
                  db_text(row->subject), db_text(row->args), db_text(row->before),
                  db_text(row->after));
}

static struct db_rows *open_page(struct db *db, const struct audit_page *page, struct error *err)
{
    struct db_value since = db_int(page->since);
    struct db_value before = db_int(page->before);
    struct db_value room = db_int((int64_t)page->room);

    if (page->subject.at != NULL)
        return db_query(db, err,
                        SQL("SELECT id, at, by, request, subject, args, before, after "
                            "FROM audit WHERE subject = $1 AND id < $2 "
                            "AND at >= $3 AND ($5 = '' OR by = $5) ORDER BY id DESC LIMIT $4"),
                        db_text(page->subject), before, since, room,
                        db_text(page->by.at != NULL ? page->by : SPAN("")));
    if (page->by.at != NULL)
        return db_query(db, err,
                        SQL("SELECT id, at, by, request, subject, args, before, after "
                            "FROM audit WHERE by = $1 AND id < $2 "
                            "AND at >= $3 ORDER BY id DESC LIMIT $4"),
                        db_text(page->by), before, since, room);
    return db_query(db, err,
                    SQL("SELECT id, at, by, request, subject, args, before, after "
                        "FROM audit WHERE id < $1 AND at >= $2 "
                        "ORDER BY id DESC LIMIT $3"),
                    before, since, room);
}

bool audit_list_read(struct db *db, struct arena *arena, const struct audit_page *page,
                     struct audit_list *ret_list, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = open_page(db, page, err);
    struct audit_list list = { ARENA_ARRAY(arena, struct audit_row, page->room), 0 };

    if (rows == NULL)
        return false;
    while (list.n < page->room && db_next(rows))
        list.at[list.n++] = (struct audit_row){ .id = db_column_int(rows, 0),
                                                .at = db_column_int(rows, 1),
                                                .by = db_column_copy(rows, 2, arena),
                                                .request = db_column_copy(rows, 3, arena),
                                                .subject = db_column_copy(rows, 4, arena),
                                                .args = db_column_copy(rows, 5, arena),
                                                .before = db_column_copy(rows, 6, arena),
                                                .after = db_column_copy(rows, 7, arena) };
    *ret_list = list;
    return db_rows_finish(&rows, err);
}
