/*
 * The tables of webhooks.
 */
#include "store/webhook.h"

#include "base/cleanup.h"
#include "domain/change.h"
#include "domain/watching.h"
#include "store/db.h"
#include "store/event.h"
#include "store/watch.h"

enum { LABELS_MOST = 1000, WATCHES_AT_ONCE = 100 };

#define WEBHOOK_COLUMNS                                                                            \
    "id, name, url, secret, kinds, made_at, through_seq, sending_seq, failures, failing_since, "   \
    "next_at, answered_at, problem, disabled_at, disabled_text, secret_before, before_until "      \
    "FROM webhook "

bool webhook_insert(struct db *db, struct webhook_row *row, struct error *err)
{
    return db_next_id(db, "webhook", &row->id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO webhook (id, name, url, secret, kinds, made_at, through_seq) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                  db_int(row->id), db_text(row->name), db_text(row->url), db_text(row->secret),
                  db_int(row->kinds), db_int(row->made_at), db_int(row->through_seq));
}

static struct webhook_row read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct webhook_row){ .id = db_column_int(rows, 0),
                                 .name = db_column_copy(rows, 1, arena),
                                 .url = db_column_copy(rows, 2, arena),
                                 .secret = db_column_copy(rows, 3, arena),
                                 .kinds = db_column_int(rows, 4),
                                 .made_at = db_column_int(rows, 5),
                                 .through_seq = db_column_int(rows, 6),
                                 .sending_seq = db_column_int(rows, 7),
                                 .failures = db_column_int(rows, 8),
                                 .failing_since = db_column_int(rows, 9),
                                 .next_at = db_column_int(rows, 10),
                                 .answered_at = db_column_int(rows, 11),
                                 .problem = db_column_copy(rows, 12, arena),
                                 .disabled_at = db_column_int(rows, 13),
                                 .disabled_text = db_column_copy(rows, 14, arena),
                                 .secret_before = db_column_copy(rows, 15, arena),
                                 .before_until = db_column_int(rows, 16) };
}

bool webhook_rotate(struct db *db, const struct webhook_row *row, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE webhook SET secret = $2, secret_before = $3, before_until = $4 "
                      "WHERE id = $1"),
                  db_int(row->id), db_text(row->secret), db_text(row->secret_before),
                  db_int_or_null(row->before_until != 0, row->before_until));
}

bool webhook_find(struct db *db, struct arena *arena, struct span name, struct webhook_row *ret_row,
                  bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " WEBHOOK_COLUMNS "WHERE name = $1"), db_text(name));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_row = read_row(rows, arena);
    return db_rows_finish(&rows, err);
}

bool webhook_need(struct db *db, struct arena *arena, struct span name, struct webhook_row *ret_row,
                  struct error *err)
{
    bool found;

    if (!webhook_find(db, arena, name, ret_row, &found, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND,
                              "there is no webhook \"%.*s\"; `webhook list` shows them",
                              SPAN_ARGS(span_first(name, 100)));
}

bool webhook_page(struct db *db, struct arena *arena, struct page page,
                  struct webhook_list *ret_list, struct error *err)
{
    struct webhook_list list = { ARENA_ARRAY(arena, struct webhook_row, page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " WEBHOOK_COLUMNS "WHERE id > $1 ORDER BY id LIMIT $2"),
                 db_int(page.after), db_int((int64_t)page.limit));

    if (rows == NULL)
        return false;
    while (list.n < page.limit && db_next(rows))
        list.at[list.n++] = read_row(rows, arena);
    *ret_list = list;
    return db_rows_finish(&rows, err);
}

bool webhook_name(struct db *db, struct arena *arena, int64_t id, struct span *ret_name,
                  struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT name FROM webhook WHERE id = $1"), db_int(id));

    if (rows == NULL)
        return false;
    *ret_name = db_next(rows) ? db_column_copy(rows, 0, arena) : SPAN("?");
    return db_rows_finish(&rows, err);
}

static bool end_watches(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches = { .n = WATCHES_AT_ONCE };
    enum watch_change change;

    arena_init(&arena);
    while (watches.n == WATCHES_AT_ONCE) {
        if (!watch_page_of_person(db, &arena, who_of_hook(id), (struct page){ 0, WATCHES_AT_ONCE },
                                  &watches, err))
            return false;
        for (size_t i = 0; i < watches.n; i++)
            if (!watch_remove(db, &watches.at[i], "command", now_ms, &change, err))
                return false;
    }
    return true;
}

bool webhook_remove(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    return end_watches(db, id, now_ms, err) &&
           db_run(db, err, SQL("DELETE FROM webhook_label WHERE webhook = $1"), db_int(id)) &&
           db_run(db, err, SQL("DELETE FROM webhook WHERE id = $1"), db_int(id));
}

bool webhook_kinds(struct db *db, int64_t *ret_kinds, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query_plain(db, SQL("SELECT kinds FROM webhook"), err);
    int64_t kinds = 0;

    if (rows == NULL)
        return false;
    while (db_next(rows))
        kinds |= db_column_int(rows, 0) | CHANGE_EVENT; /* it may watch */
    *ret_kinds = kinds;
    return db_rows_finish(&rows, err);
}

bool webhook_grant(struct db *db, int64_t id, struct span label, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO webhook_label (webhook, label) VALUES ($1, $2) "
                      "ON CONFLICT (webhook, label) DO NOTHING"),
                  db_int(id), db_text(label));
}

bool webhook_labels(struct db *db, struct arena *arena, int64_t id, struct span **ret_labels,
                    size_t *ret_count, struct error *err)
{
    struct span *labels = ARENA_ARRAY(arena, struct span, LABELS_MOST);
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT label FROM webhook_label WHERE webhook = $1 ORDER BY label LIMIT $2"),
        db_int(id), db_int(LABELS_MOST));

    if (rows == NULL)
        return false;
    while (count < LABELS_MOST && db_next(rows))
        labels[count++] = db_column_copy(rows, 0, arena);
    *ret_labels = labels;
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

bool webhook_may_see(struct db *db, int64_t id, struct span label, bool *ret_may, struct error *err)
{
    int64_t one;

    *ret_may = label.at == NULL;
    return *ret_may ||
           db_find_int(db, err, ret_may, &one,
                       SQL("SELECT 1 FROM webhook_label WHERE webhook = $1 AND label = $2"),
                       db_int(id), db_text(label));
}

/* The rank is as in store/fan.c. */
bool webhook_watches(struct db *db, int64_t id, const struct event *event, int64_t now_ms,
                     bool *ret_watches, struct error *err)
{
    int64_t rank = 0;
    bool found;

    if (!db_find_int(
            db, err, &found, &rank,
            SQL("SELECT min(4 * (x.distance + 1) + CASE WHEN w.mode = 0 THEN 0 "
                "WHEN (w.kinds & $3) <> 0 THEN 1 ELSE 3 END) "
                "FROM event_scope x JOIN topic t ON t.id = x.topic "
                "JOIN watch w ON w.topic = x.topic AND w.who = $2 "
                "WHERE x.seq = $1 AND (w.until IS NULL OR w.until > $4) "
                "AND (w.mode = 0 OR (w.since < $1 AND (t.label IS NULL OR EXISTS "
                "(SELECT 1 FROM webhook_label g WHERE g.webhook = $5 AND g.label = t.label))))"),
            db_int(event->seq), db_int(who_of_hook(id)),
            db_int((int64_t)(UINT64_C(1) << event->kind_bit)), db_int(now_ms), db_int(id)))
        return false;
    *ret_watches = found && rank % 4 == 1;
    return true;
}

bool webhook_begin(struct db *db, const struct webhook_batch *batch, bool *ret_begun,
                   struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE webhook SET through_seq = $3, sending_seq = $4 "
                    "WHERE id = $1 AND through_seq = $2 AND sending_seq IS NULL"),
                db_int(batch->webhook), db_int(batch->known), db_int(batch->after),
                db_int(batch->through)))
        return false;
    *ret_begun = db_changes(db) > 0;
    return true;
}

/* A webhook that was rewound meanwhile stays so. */
bool webhook_settle(struct db *db, const struct webhook_batch *batch, int64_t now_ms,
                    struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE webhook SET through_seq = CASE WHEN through_seq = $2 "
                      "AND sending_seq = $3 THEN sending_seq ELSE through_seq END, "
                      "sending_seq = NULL, failures = 0, failing_since = NULL, next_at = 0, "
                      "problem = NULL, answered_at = $4 WHERE id = $1"),
                  db_int(batch->webhook), db_int(batch->after), db_int(batch->through),
                  db_int(now_ms));
}

bool webhook_skip(struct db *db, const struct webhook_batch *batch, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE webhook SET through_seq = $3 "
                      "WHERE id = $1 AND through_seq = $2 AND sending_seq IS NULL"),
                  db_int(batch->webhook), db_int(batch->known), db_int(batch->through));
}

bool webhook_fail(struct db *db, int64_t id, const struct webhook_failure *failure, bool *ret_there,
                  struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE webhook SET failures = failures + 1, problem = $2, next_at = $4, "
                    "failing_since = coalesce(failing_since, $3) WHERE id = $1"),
                db_int(id), db_text(failure->problem), db_int(failure->at),
                db_int(failure->next_at)))
        return false;
    *ret_there = db_changes(db) > 0;
    return true;
}

bool webhook_disable(struct db *db, int64_t id, struct span why, int64_t now_ms, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE webhook SET disabled_at = $2, disabled_text = $3 WHERE id = $1"),
                  db_int(id), db_int(now_ms), db_text(why));
}

bool webhook_enable(struct db *db, int64_t id, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE webhook SET disabled_at = NULL, disabled_text = NULL, failures = 0, "
                      "failing_since = NULL, next_at = 0 WHERE id = $1"),
                  db_int(id));
}

bool webhook_rewind(struct db *db, int64_t id, int64_t seq, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE webhook SET through_seq = $2, sending_seq = NULL, next_at = 0 "
                      "WHERE id = $1"),
                  db_int(id), db_int(seq));
}
