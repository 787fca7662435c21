/*
 * Rows of template_revision, written once.
 */
#include "store/template.h"

#include "base/cleanup.h"
#include "store/db.h"

static bool find(struct db *db, struct template_revision *revision, bool *ret_found,
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

    if (!find(db, revision, &found, err))
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
