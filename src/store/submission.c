/*
 * Rows of submission.
 */
#include "store/submission.h"

#include "base/cleanup.h"
#include "store/db.h"

enum { PRUNED_AT_ONCE = 100 };

bool submission_add(struct db *db, const struct submission *s, struct span content, int64_t *ret_id,
                    struct error *err)
{
    int64_t id;

    if (!db_next_id(db, "submission", &id, err) ||
        !db_run(db, err,
                SQL("INSERT INTO submission (id, via, by_whom, mail_from, sender, domain, subject, "
                    "message_id, envid, smtputf8, recipients, waiting, size, made_at, content, "
                    "returns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, "
                    "$14, $15)"),
                db_int(id), db_text(s->via), db_text(s->by), db_text(s->mail_from),
                db_text(s->sender), db_text(s->domain), db_text(s->subject), db_text(s->message_id),
                db_text(s->envid), db_int(s->needs_smtputf8), db_int(s->recipients),
                db_int((int64_t)content.n), db_int(s->made_at), db_blob(content),
                db_int(s->returns)))
        return error_wrap(err, "storing a submission");
    *ret_id = id;
    return true;
}

#define SUBMISSION_COLUMNS                                                                         \
    "id, via, by_whom, mail_from, sender, domain, subject, message_id, envid, smtputf8, "          \
    "recipients, waiting, size, made_at, ended_at, content IS NOT NULL, returns "

static struct submission read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct submission){ .id = db_column_int(rows, 0),
                                .via = db_column_copy(rows, 1, arena),
                                .by = db_column_copy(rows, 2, arena),
                                .mail_from = db_column_copy(rows, 3, arena),
                                .sender = db_column_copy(rows, 4, arena),
                                .domain = db_column_copy(rows, 5, arena),
                                .subject = db_column_copy(rows, 6, arena),
                                .message_id = db_column_copy(rows, 7, arena),
                                .envid = db_column_copy(rows, 8, arena),
                                .needs_smtputf8 = db_column_int(rows, 9) != 0,
                                .recipients = db_column_int(rows, 10),
                                .waiting = db_column_int(rows, 11),
                                .size = db_column_int(rows, 12),
                                .made_at = db_column_int(rows, 13),
                                .ended_at = db_column_int(rows, 14),
                                .has_content = db_column_int(rows, 15) != 0,
                                .returns = (enum smtp_return)db_column_int(rows, 16) };
}

bool submission_load(struct db *db, struct arena *arena, int64_t id,
                     struct submission *ret_submission, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT " SUBMISSION_COLUMNS "FROM submission WHERE id = $1"), db_int(id));

    if (rows == NULL)
        return error_wrap(err, "reading submission %lld", (long long)id);
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_submission = read_row(rows, arena);
    return db_rows_finish(&rows, err) || error_wrap(err, "reading submission %lld", (long long)id);
}

bool submission_content_put(struct db *db, int64_t id, struct buf *to, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT content FROM submission WHERE id = $1"), db_int(id));

    if (rows == NULL)
        return error_wrap(err, "reading submission %lld", (long long)id);
    if (db_next(rows))
        buf_put(to, db_column_blob(rows, 0));
    return db_rows_finish(&rows, err) || error_wrap(err, "reading submission %lld", (long long)id);
}

bool submission_list_read(struct db *db, struct arena *arena, int64_t before, size_t limit,
                          struct submission_list *ret_list, struct error *err)
{
    struct submission_list list = { .at = ARENA_ARRAY(arena, struct submission, limit) };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err,
        SQL("SELECT " SUBMISSION_COLUMNS "FROM submission WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        db_int(before), db_int((int64_t)limit));

    if (rows == NULL)
        return error_wrap(err, "listing submissions");
    while (list.n < limit && db_next(rows))
        list.at[list.n++] = read_row(rows, arena);
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "listing submissions");
    *ret_list = list;
    return true;
}

bool submission_delivery_ended(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE submission SET waiting = waiting - 1, "
                      "ended_at = CASE WHEN waiting = 1 THEN $2 ELSE ended_at END WHERE id = $1"),
                  db_int(id), db_int(now_ms)) ||
           error_wrap(err, "submission %lld", (long long)id);
}

bool submission_prune(struct db *db, int64_t ended_before, bool *ret_more, struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE submission SET content = NULL WHERE id IN (SELECT id FROM submission "
                    "WHERE content IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT $2)"),
                db_int(ended_before), db_int(PRUNED_AT_ONCE)))
        return error_wrap(err, "pruning submissions");
    *ret_more = db_changes(db) == PRUNED_AT_ONCE;
    return true;
}

bool submission_find(struct db *db, struct span message_id, int64_t *ret_id, struct error *err)
{
    bool found;

    *ret_id = 0;
    return db_find_int(db, err, &found, ret_id,
                       SQL("SELECT id FROM submission WHERE message_id = $1 "
                           "ORDER BY id DESC LIMIT 1"),
                       db_text(message_id));
}

bool submission_deliveries(struct db *db, int64_t id, struct page page, int64_t *ids, size_t *ret_n,
                           struct error *err)
{
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT id FROM delivery WHERE cause = 4 AND cause_id = $1 AND id < $2 "
                     "ORDER BY id DESC LIMIT $3"),
                 db_int(id), db_int(page.after), db_int((int64_t)page.limit));
    size_t n = 0;

    if (rows == NULL)
        return error_wrap(err, "finding a submission's deliveries");
    while (n < page.limit && db_next(rows))
        ids[n++] = db_column_int(rows, 0);
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "finding a submission's deliveries");
    *ret_n = n;
    return true;
}
