/*
 * Rows of event_attachment. They are by the event's id: its place in the order may still change.
 */
#include "store/event_attachment.h"

#include "base/cleanup.h"
#include "store/db.h"

bool event_attachments_set(struct db *db, int64_t event, const struct attachment_list *attachments,
                           struct error *err)
{
    if (!db_run(db, err, SQL("DELETE FROM event_attachment WHERE event = $1"), db_int(event)))
        return false;
    for (size_t i = 0; i < attachments->n; i++) {
        const struct attachment *a = &attachments->at[i];

        if (!db_run(db, err,
                    SQL("INSERT INTO event_attachment (event, position, name, type, inline, size, "
                        "content) VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                    db_int(event), db_int((int64_t)i), db_text(a->name), db_text(a->type),
                    db_int(a->is_inline), db_int((int64_t)a->content.n), db_blob(a->content)))
            return error_wrap(err, "storing an attachment");
    }
    return true;
}

bool event_attachments_read(struct db *db, struct arena *arena, int64_t event,
                            struct attachment_list *ret_attachments, struct error *err)
{
    struct attachment_list list = { ARENA_ARRAY(arena, struct attachment, ATTACHMENT_COUNT_LIMIT),
                                    0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT name, type, inline, size FROM event_attachment "
                                        "WHERE event = $1 ORDER BY position"),
                                    db_int(event));

    if (rows == NULL)
        return false;
    while (list.n < ATTACHMENT_COUNT_LIMIT && db_next(rows))
        list.at[list.n++] = (struct attachment){ .name = db_column_copy(rows, 0, arena),
                                                 .type = db_column_copy(rows, 1, arena),
                                                 .is_inline = db_column_int(rows, 2) != 0,
                                                 .size = db_column_int(rows, 3) };
    *ret_attachments = list;
    return db_rows_finish(&rows, err);
}

bool event_attachment_content(struct db *db, struct arena *arena, int64_t event, int64_t position,
                              struct span *ret_content, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT content FROM event_attachment "
                                        "WHERE event = $1 AND position = $2"),
                                    db_int(event), db_int(position));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        *ret_content = arena_copy(arena, db_column_blob(rows, 0));
    if (!db_rows_finish(&rows, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND, "event %lld has no attachment %lld",
                              (long long)event, (long long)position);
}
