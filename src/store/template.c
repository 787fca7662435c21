/*
 * Rows of template, and of template_revision, which are written once.
 */
#include "store/template.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/epoch.h"

bool template_rows_read(struct db *db, struct arena *arena, struct template_row_list *ret_rows,
                        struct error *err)
{
    struct template_row_list list = { ARENA_ARRAY(arena, struct template_row, TEMPLATE_ROWS_MOST),
                                      0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT file, source, at FROM template ORDER BY file LIMIT $1"),
                 db_int(TEMPLATE_ROWS_MOST));

    if (rows == NULL)
        return false;
    while (db_next(rows))
        list.at[list.n++] =
            (struct template_row){ db_column_copy(rows, 0, arena), db_column_copy(rows, 1, arena),
                                   db_column_int(rows, 2) };
    *ret_rows = list;
    return db_rows_finish(&rows, err);
}

static bool tell_change(struct db *db, struct error *err)
{
    return epoch_grow(db, EPOCH_TEMPLATE, err) && epoch_grow(db, EPOCH_CONTENT, err);
}

bool template_row_put(struct db *db, const struct template_row *row, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO template (file, source, at) VALUES ($1, $2, $3) "
                      "ON CONFLICT (file) DO UPDATE SET source = excluded.source, "
                      "at = excluded.at"),
                  db_text(row->file), db_text(row->source), db_int(row->at)) &&
           tell_change(db, err);
}

bool template_row_remove(struct db *db, struct span file, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM template WHERE file = $1"), db_text(file)) &&
           tell_change(db, err);
}

bool template_revision_find(struct db *db, struct template_revision *revision, bool *ret_found,
                            struct error *err)
{
    return db_find_int(db, err, ret_found, &revision->id,
                       SQL("SELECT id FROM template_revision "
                           "WHERE name = $1 AND language = $2 AND digest = $3"),
                       db_text(revision->name), db_text(revision->language),
                       db_blob(revision->digest));
}

bool template_revision_take(struct db *db, struct template_revision *revision, struct error *err)
{
    bool found;

    if (!template_revision_find(db, revision, &found, err))
        return false;
    if (found)
        return true;
    return db_next_id(db, "template_revision", &revision->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO template_revision (id, name, language, digest, source, at) "
                      "VALUES ($1, $2, $3, $4, $5, $6)"),
                  db_int(revision->id), db_text(revision->name), db_text(revision->language),
                  db_blob(revision->digest), db_text(revision->source), db_int(revision->at));
}

bool template_revisions_read(struct db *db, struct arena *arena, const struct template_revision *of,
                             size_t most, struct template_revision_list *ret_revisions,
                             struct error *err)
{
    struct template_revision_list list = { ARENA_ARRAY(arena, struct template_revision, most), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT id, at FROM template_revision WHERE name = $1 AND language = $2 "
                     "ORDER BY id DESC LIMIT $3"),
                 db_text(of->name), db_text(of->language), db_int((int64_t)most));

    if (rows == NULL)
        return false;
    while (db_next(rows))
        list.at[list.n++] = (struct template_revision){ .id = db_column_int(rows, 0),
                                                        .name = of->name,
                                                        .language = of->language,
                                                        .at = db_column_int(rows, 1) };
    *ret_revisions = list;
    return db_rows_finish(&rows, err);
}

bool template_revision_load(struct db *db, struct arena *arena, int64_t id,
                            struct template_revision *ret_revision, bool *ret_found,
                            struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT id, name, language, digest, source, at "
                                        "FROM template_revision WHERE id = $1"),
                                    db_int(id));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_revision = (struct template_revision){
            .id = db_column_int(rows, 0),
            .name = arena_copy(arena, db_column_text(rows, 1)),
            .language = arena_copy(arena, db_column_text(rows, 2)),
            .digest = arena_copy(arena, db_column_blob(rows, 3)),
            .source = arena_copy(arena, db_column_text(rows, 4)),
            .at = db_column_int(rows, 5),
        };
    return db_rows_finish(&rows, err);
}
