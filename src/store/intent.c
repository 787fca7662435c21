/*
 * Rows of intent. An intent is open while its delivery is `sending`: the outcome moves that on, and
 * no delivery is sent by two hands.
 */
#include "store/intent.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/db.h"

#define MARK_KEY "intent_mark"

bool intent_add(struct db *db, const struct letter *letter, int64_t node, int64_t now_ms,
                int64_t *ret_intent, struct error *err)
{
    struct span seed = { (const char *)letter->seed, sizeof letter->seed };
    struct span digest = { (const char *)letter->digest, sizeof letter->digest };
    const struct span none = { NULL, 0 };
    int64_t id;

    if (!db_next_id(db, "intent", &id, err) ||
        !db_run(db, err,
                SQL("INSERT INTO intent (id, delivery, node, at, mail_from, sender, subject, date, "
                    "seed, size, digest, template, sight) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
                db_int(id), db_int(letter->delivery), db_int(node), db_int(now_ms),
                db_string(letter->mail_from), db_string(letter->sender), db_string(letter->subject),
                db_int(letter->date_ms), db_blob(seed), db_int((int64_t)letter->bytes.n),
                db_blob(digest),
                db_int_or_null(letter->template_revision != 0, letter->template_revision),
                db_text(letter->sight.n > 0 ? buf_view(&letter->sight) : none)))
        return error_wrap(err, "granting delivery %lld", (long long)letter->delivery);
    *ret_intent = id;
    return true;
}

static struct intent_row read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct intent_row){ .id = db_column_int(rows, 0),
                                .at = db_column_int(rows, 1),
                                .mail_from = db_column_copy(rows, 2, arena),
                                .sender = db_column_copy(rows, 3, arena),
                                .subject = db_column_copy(rows, 4, arena),
                                .date = db_column_int(rows, 5),
                                .size = db_column_int(rows, 6),
                                .digest = arena_copy(arena, db_column_blob(rows, 7)),
                                .template_revision = db_column_int(rows, 8),
                                .template_name = db_column_copy(rows, 9, arena),
                                .template_language = db_column_copy(rows, 10, arena) };
}

bool intent_list_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                      struct intent_list *ret_list, struct error *err)
{
    struct intent_row *intents = ARENA_ARRAY(arena, struct intent_row, most);
    size_t first = most;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT i.id, i.at, i.mail_from, i.sender, i.subject, i.date, i.size, "
                     "i.digest, i.template, t.name, t.language FROM intent i "
                     "LEFT JOIN template_revision t ON t.id = i.template "
                     "WHERE i.delivery = $1 ORDER BY i.id DESC LIMIT $2"),
                 db_int(delivery), db_int((int64_t)most));

    if (rows == NULL)
        return error_wrap(err, "reading the intents of delivery %lld", (long long)delivery);
    while (first > 0 && db_next(rows))
        intents[--first] = read_row(rows, arena);
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading the intents of delivery %lld", (long long)delivery);
    *ret_list = (struct intent_list){ intents + first, most - first };
    return true;
}

bool intent_open_next(struct db *db, int64_t after, struct intent_open *ret_open, struct error *err)
{
    struct intent_open open = { 0, 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT i.id, i.delivery FROM intent i "
                                        "JOIN delivery_state s ON s.delivery = i.delivery "
                                        "WHERE i.id > $1 AND s.state = 2 AND NOT EXISTS "
                                        "(SELECT 1 FROM intent n WHERE n.delivery = i.delivery "
                                        "AND n.id > i.id) ORDER BY i.id LIMIT 1"),
                                    db_int(after));

    if (rows == NULL)
        return false;
    if (db_next(rows))
        open = (struct intent_open){ db_column_int(rows, 0), db_column_int(rows, 1) };
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_open = open;
    return true;
}

bool intent_mark_read(struct db *db, int64_t *ret_mark, struct error *err)
{
    bool found;
    int64_t mark = 0;

    if (!db_find_int(db, err, &found, &mark,
                     SQL("SELECT CAST(value AS BIGINT) FROM meta WHERE key = $1"),
                     db_string(MARK_KEY)))
        return false;
    *ret_mark = found ? mark : 0;
    return true;
}

static bool find_last(struct db *db, int64_t *ret_last, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_last,
                       SQL("SELECT coalesce(max(id), 0) FROM intent WHERE id > $1"), db_int(0));
}

static bool write_mark(struct db *db, int64_t mark, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 32);
    buf_printf(&text, "%lld", (long long)mark);
    return db_run(db, err,
                  SQL("INSERT INTO meta (key, value) VALUES ($1, $2) "
                      "ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
                  db_string(MARK_KEY), db_text(buf_view(&text)));
}

bool intent_mark_advance(struct db *db, struct error *err)
{
    struct intent_open open;
    int64_t mark;
    int64_t next = 0;

    if (!intent_mark_read(db, &mark, err) || !intent_open_next(db, mark, &open, err))
        return error_wrap(err, "moving the mark of intents");
    if (open.intent != 0)
        next = open.intent - 1;
    else if (!find_last(db, &next, err))
        return error_wrap(err, "moving the mark of intents");
    return next <= mark || write_mark(db, next, err);
}

bool intent_node_new(struct db *db, int64_t now_ms, int64_t *ret_node, struct error *err)
{
    int64_t id;

    if (!db_next_id(db, "node", &id, err) ||
        !db_run(db, err, SQL("INSERT INTO node (id, epoch, alive_until) VALUES ($1, $2, $3)"),
                db_int(id), db_int(id), db_int(now_ms)))
        return error_wrap(err, "noting the start");
    *ret_node = id;
    return true;
}
