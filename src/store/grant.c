/*
 * Rows of grant_of.
 */
#include "store/grant.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/person.h"
#include "store/review.h"

bool grant_add(struct db *db, struct span label, int64_t person, bool *ret_changed,
               struct error *err)
{
    if (!db_run(db, err,
                SQL("INSERT INTO grant_of (label, person) VALUES ($1, $2) "
                    "ON CONFLICT (label, person) DO NOTHING"),
                db_text(label), db_int(person)))
        return false;
    *ret_changed = db_changes(db) > 0;
    return !*ret_changed || person_touch(db, person, err);
}

bool grant_remove(struct db *db, struct span label, int64_t person, bool *ret_changed,
                  struct error *err)
{
    if (!db_run(db, err, SQL("DELETE FROM grant_of WHERE label = $1 AND person = $2"),
                db_text(label), db_int(person)))
        return false;
    *ret_changed = db_changes(db) > 0;
    return !*ret_changed ||
           (person_touch(db, person, err) && review_ask(db, REVIEW_PERSON, person, err));
}

bool grant_exists(struct db *db, struct span label, int64_t person, bool *ret_exists,
                  struct error *err)
{
    int64_t one;

    if (label.at == NULL) {
        *ret_exists = true;
        return true;
    }
    return db_find_int(db, err, ret_exists, &one,
                       SQL("SELECT 1 FROM grant_of WHERE label = $1 AND person = $2"),
                       db_text(label), db_int(person));
}

bool grant_labels(struct db *db, struct arena *arena, int64_t person, struct span **ret_labels,
                  size_t *ret_count, struct error *err)
{
    struct span *labels = ARENA_ARRAY(arena, struct span, GRANT_LABELS_LIMIT);
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT label FROM grant_of WHERE person = $1 "
                                        "ORDER BY label LIMIT $2"),
                                    db_int(person), db_int(GRANT_LABELS_LIMIT));

    if (rows == NULL)
        return false;
    while (count < GRANT_LABELS_LIMIT && db_next(rows))
        labels[count++] = arena_copy(arena, db_column_text(rows, 0));
    *ret_labels = labels;
    *ret_count = count;
    return db_rows_finish(&rows, err);
}
