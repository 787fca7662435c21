/*
 * Rows of event, event_scope, event_change and event_direct. How an event fans out is fan's
 * affair.
 */
#include "store/event.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/epoch.h"
#include "store/event_attachment.h"
#include "store/outbox.h"

bool event_tell(struct db *db, const struct event *event, const char *what, int64_t now_ms,
                struct error *err)
{
    const struct outbox_row row = {
        .at = now_ms, .kind = CHANGE_EVENT, .what = span_of(what), .subject = event->id
    };

    return outbox_add(db, &row, err);
}

bool event_insert(struct db *db, struct event *event, struct error *err)
{
    if (event->id == 0 && !db_next_id(db, "event", &event->id, err))
        return false;
    event->seq = -event->id;
    if (event->fan_state != FAN_LATER && !db_next_id(db, "event_seq", &event->seq, err))
        return false;
    if (!db_run(db, err,
                SQL("INSERT INTO event (id, seq, key, digest, topic, thread, actor, kind, "
                    "kind_bit, urgent, silent, at, taken_at, not_before, title, text, url, data, "
                    "label, deadline, revision, fan_state) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
                    "$16, $17, $18, $19, $20, $21, $22)"),
                db_int(event->id), db_int(event->seq), db_text(event->key), db_blob(event->digest),
                db_int(event->topic), db_int(event->thread),
                db_int_or_null(event->actor != 0, event->actor), db_text(event->kind),
                db_int(event->kind_bit), db_int(event->urgent), db_int(event->silent),
                db_int(event->at), db_int(event->taken_at),
                db_int_or_null(event->not_before != 0, event->not_before), db_text(event->title),
                db_text(event->text), db_text(event->url), db_text(event->data),
                db_text(event->label), db_int_or_null(event->deadline != 0, event->deadline),
                db_int(event->revision), db_int(event->fan_state)))
        return false;
    if (event->fan_state == FAN_WAITING || event->fan_state == FAN_LATER)
        db_tell(db, "event", SPAN(""));
    return event->seq < 0 || event_tell(db, event, "taken", event->taken_at, err);
}

#define EVENT_COLUMNS                                                                              \
    "id, seq, key, digest, topic, thread, actor, kind, kind_bit, urgent, silent, at, taken_at, "   \
    "title, text, url, data, label, deadline, revision, redacted, fan_state, fan_cursor, told, "   \
    "not_before, released"

static void read_row(struct db_rows *rows, struct arena *arena, struct event *event)
{
    *event = (struct event){
        .id = db_column_int(rows, 0),
        .seq = db_column_int(rows, 1),
        .key = db_column_copy(rows, 2, arena),
        .digest = arena_copy(arena, db_column_blob(rows, 3)),
        .topic = db_column_int(rows, 4),
        .thread = db_column_int(rows, 5),
        .actor = db_column_int(rows, 6),
        .kind = db_column_copy(rows, 7, arena),
        .kind_bit = (int)db_column_int(rows, 8),
        .urgent = db_column_int(rows, 9) != 0,
        .silent = db_column_int(rows, 10) != 0,
        .at = db_column_int(rows, 11),
        .taken_at = db_column_int(rows, 12),
        .title = db_column_copy(rows, 13, arena),
        .text = db_column_copy(rows, 14, arena),
        .url = db_column_copy(rows, 15, arena),
        .data = db_column_copy(rows, 16, arena),
        .label = db_column_copy(rows, 17, arena),
        .deadline = db_column_int(rows, 18),
        .revision = db_column_int(rows, 19),
        .redacted = db_column_int(rows, 20) != 0,
        .fan_state = (enum fan_state)db_column_int(rows, 21),
        .fan_cursor = db_column_int(rows, 22),
        .told = db_column_int(rows, 23),
        .not_before = db_column_int(rows, 24),
        .released = (enum event_release)db_column_int(rows, 25),
    };
}

/* Takes the one row of `walk` (NULL after a failure). */
static bool load(struct db_rows *walk, struct arena *arena, int64_t number, struct event *ret_event,
                 struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        read_row(rows, arena, ret_event);
    if (!db_rows_finish(&rows, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND, "there is no event %lld", (long long)number);
}

bool event_load(struct db *db, struct arena *arena, int64_t id, struct event *ret_event,
                struct error *err)
{
    return load(
        db_query(db, err, SQL("SELECT " EVENT_COLUMNS " FROM event WHERE id = $1"), db_int(id)),
        arena, id, ret_event, err);
}

bool event_load_seq(struct db *db, struct arena *arena, int64_t seq, struct event *ret_event,
                    struct error *err)
{
    return load(
        db_query(db, err, SQL("SELECT " EVENT_COLUMNS " FROM event WHERE seq = $1"), db_int(seq)),
        arena, seq, ret_event, err);
}

bool event_find_key(struct db *db, struct span key, int64_t *ret_id, struct error *err)
{
    int64_t id = 0;
    bool found;

    if (!db_find_int(db, err, &found, &id, SQL("SELECT id FROM event WHERE key = $1"),
                     db_text(key)))
        return false;
    *ret_id = found ? id : 0;
    return true;
}

bool event_revise(struct db *db, const struct event *event, struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE event SET title = $2, text = $3, url = $4, data = $5, label = $6, "
                    "deadline = $7, at = $8, digest = $9, revision = $10, fan_state = $11, "
                    "fan_cursor = 0, not_before = $12 WHERE id = $1"),
                db_int(event->id), db_text(event->title), db_text(event->text), db_text(event->url),
                db_text(event->data), db_text(event->label),
                db_int_or_null(event->deadline != 0, event->deadline), db_int(event->at),
                db_blob(event->digest), db_int(event->revision), db_int(event->fan_state),
                db_int_or_null(event->not_before != 0, event->not_before)))
        return false;
    if (event->fan_state == FAN_WAITING || event->fan_state == FAN_LATER)
        db_tell(db, "event", SPAN(""));
    return epoch_grow(db, EPOCH_CONTENT, err);
}

bool event_redact(struct db *db, struct event *event, int64_t now_ms, bool *ret_changed,
                  struct error *err)
{
    const struct attachment_list none = { NULL, 0 };

    if (!db_run(db, err,
                SQL("UPDATE event SET redacted = 1, title = NULL, text = NULL, url = NULL, "
                    "data = NULL, fan_state = CASE WHEN fan_state IN (0, 4, 5) THEN 3 "
                    "ELSE fan_state END WHERE id = $1 AND redacted = 0"),
                db_int(event->id)))
        return false;
    *ret_changed = db_changes(db) > 0;
    return !*ret_changed ||
           (db_run(db, err, SQL("DELETE FROM event_change WHERE seq = $1"), db_int(event->seq)) &&
            event_attachments_set(db, event->id, &none, err) &&
            event_unheld(db, event->id, now_ms, err) && epoch_grow(db, EPOCH_CONTENT, err) &&
            event_tell(db, event, "redacted", now_ms, err));
}

bool event_last_seq(struct db *db, int64_t *ret_seq, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_seq,
                       SQL("SELECT coalesce(max(seq), 0) FROM event WHERE seq > $1"), db_int(0));
}

bool event_set_scopes(struct db *db, int64_t seq, const struct scope_list *scopes,
                      struct error *err)
{
    for (size_t i = 0; i < scopes->n; i++)
        if (!db_run(db, err,
                    SQL("INSERT INTO event_scope (topic, seq, distance) VALUES ($1, $2, $3)"),
                    db_int(scopes->at[i].topic), db_int(seq), db_int(scopes->at[i].distance)))
            return false;
    return true;
}

bool event_scopes(struct db *db, int64_t seq, struct scope_list *ret_scopes, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT topic, distance FROM event_scope WHERE seq = $1 "
                                        "ORDER BY distance, topic"),
                                    db_int(seq));

    ret_scopes->n = 0;
    if (rows == NULL)
        return false;
    while (ret_scopes->n < SCOPES_LIMIT && db_next(rows))
        ret_scopes->at[ret_scopes->n++] =
            (struct scope){ db_column_int(rows, 0), (int)db_column_int(rows, 1) };
    return db_rows_finish(&rows, err);
}

bool event_set_changes(struct db *db, int64_t seq, const struct event_change_list *changes,
                       struct error *err)
{
    if (!db_run(db, err, SQL("DELETE FROM event_change WHERE seq = $1"), db_int(seq)))
        return false;
    for (size_t i = 0; i < changes->n; i++)
        if (!db_run(db, err,
                    SQL("INSERT INTO event_change (seq, position, field, old, new) "
                        "VALUES ($1, $2, $3, $4, $5)"),
                    db_int(seq), db_int((int64_t)i), db_text(changes->at[i].field),
                    db_text(changes->at[i].old), db_text(changes->at[i].new)))
            return false;
    return true;
}

bool event_changes(struct db *db, struct arena *arena, int64_t seq,
                   struct event_change_list *ret_changes, struct error *err)
{
    struct event_change_list list = { ARENA_ARRAY(arena, struct event_change, EVENT_CHANGES_LIMIT),
                                      0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT field, old, new FROM event_change WHERE seq = $1 ORDER BY position"),
        db_int(seq));

    if (rows == NULL)
        return false;
    while (list.n < EVENT_CHANGES_LIMIT && db_next(rows))
        list.at[list.n++] =
            (struct event_change){ db_column_copy(rows, 0, arena), db_column_copy(rows, 1, arena),
                                   db_column_copy(rows, 2, arena) };
    *ret_changes = list;
    return db_rows_finish(&rows, err);
}

bool event_add_direct(struct db *db, int64_t seq, const struct event_direct *direct,
                      struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO event_direct (seq, person, reason, rank) "
                      "VALUES ($1, $2, $3, $4) ON CONFLICT (seq, person) DO UPDATE SET "
                      "reason = excluded.reason, rank = excluded.rank "
                      "WHERE excluded.rank < event_direct.rank"),
                  db_int(seq), db_int(direct->person), db_text(direct->reason),
                  db_int(direct->rank));
}

bool event_add_direct_list(struct db *db, int64_t seq, int64_t list,
                           const struct event_direct *direct, struct error *err)
{
    int64_t person;
    bool found;

    if (!db_find_int(db, err, &found, &person,
                     SQL("SELECT person FROM list_member WHERE list = $1 AND left_at IS NULL "
                         "ORDER BY person LIMIT 1 OFFSET $2"),
                     db_int(list), db_int(EVENT_DIRECTS_LIMIT)))
        return false;
    if (found)
        return error_set(err, ERROR_LIMIT,
                         "the list has more than %d members, who are too many to address at once: "
                         "let it watch the topic instead",
                         EVENT_DIRECTS_LIMIT);
    return db_run(db, err,
                  SQL("INSERT INTO event_direct (seq, person, reason, rank) "
                      "SELECT CAST($1 AS BIGINT), m.person, CAST($2 AS TEXT), CAST($3 AS BIGINT) "
                      "FROM list_member m WHERE m.list = $4 AND m.left_at IS NULL "
                      "ON CONFLICT (seq, person) DO UPDATE SET "
                      "reason = excluded.reason, rank = excluded.rank "
                      "WHERE excluded.rank < event_direct.rank"),
                  db_int(seq), db_text(direct->reason), db_int(direct->rank), db_int(list));
}

bool event_directs(struct db *db, struct arena *arena, int64_t seq,
                   struct event_direct_list *ret_directs, struct error *err)
{
    struct event_direct_list list = { ARENA_ARRAY(arena, struct event_direct, EVENT_DIRECTS_LIMIT),
                                      0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err,
        SQL("SELECT person, reason, rank FROM event_direct WHERE seq = $1 ORDER BY person"),
        db_int(seq));

    if (rows == NULL)
        return false;
    while (list.n < EVENT_DIRECTS_LIMIT && db_next(rows))
        list.at[list.n++] =
            (struct event_direct){ db_column_int(rows, 0), db_column_copy(rows, 1, arena),
                                   db_column_int(rows, 2) };
    *ret_directs = list;
    return db_rows_finish(&rows, err);
}

bool event_direct_rank(struct db *db, int64_t seq, int64_t person, int64_t *ret_rank,
                       struct error *err)
{
    int64_t rank = 0;
    bool found;

    if (!db_find_int(db, err, &found, &rank,
                     SQL("SELECT rank FROM event_direct WHERE seq = $1 AND person = $2"),
                     db_int(seq), db_int(person)))
        return false;
    *ret_rank = found ? rank : 0;
    return true;
}
