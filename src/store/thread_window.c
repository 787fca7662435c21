/*
 * Rows of thread_window.
 */
#include "store/thread_window.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/db.h"
#include "store/epoch.h"

enum { SHAPE_LIMIT = 65536 };

static bool put_scope(struct db *db, struct buf *to, struct scope scope, struct error *err)
{
    int64_t version = 0;
    bool found;

    if (!db_find_int(db, err, &found, &version,
                     SQL("SELECT watch_version FROM topic WHERE id = $1"), db_int(scope.topic)))
        return false;
    buf_printf(to, "%lld %d %lld;", (long long)scope.topic, scope.distance, (long long)version);
    return true;
}

static void put_label(struct buf *to, struct span label)
{
    if (label.at == NULL)
        buf_put_text(to, "-;");
    else
        buf_printf(to, "%zu:%.*s;", label.n, SPAN_ARGS(label));
}

bool thread_window_shape(struct db *db, const struct event *event,
                         const struct audience_event *audience, struct thread_shape *ret_shape,
                         struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    int64_t epoch;

    buf_init(&text, SHAPE_LIMIT);
    if (!epoch_read(db, EPOCH_AUDIENCE, &epoch, err))
        return false;
    buf_printf(&text, "%d %d %lld;", event->kind_bit, event->urgent, (long long)epoch);
    for (size_t i = 0; i < AUDIENCE_LABELS; i++)
        put_label(&text, audience->labels[i]);
    for (size_t i = 0; i < audience->scopes.n; i++)
        if (!put_scope(db, &text, audience->scopes.at[i], err))
            return false;
    digest_sha256(buf_view(&text), ret_shape->digest);
    return true;
}

static struct span bytes_of(const struct thread_shape *shape)
{
    return (struct span){ (const char *)shape->digest, sizeof shape->digest };
}

bool thread_window_covers(struct db *db, const struct event *event,
                          const struct thread_shape *shape, bool *ret_covers, int64_t *ret_actor,
                          struct error *err)
{
    int64_t actor = 0;
    bool covers;

    if (!db_find_int(db, err, &covers, &actor,
                     SQL("SELECT coalesce(actor, 0) FROM thread_window WHERE thread = $1 "
                         "AND complete = 1 AND seq < $2 AND shape = $3 AND opened_at <= $4 "
                         "AND (open_until IS NULL OR open_until > $4)"),
                     db_int(event->thread), db_int(event->seq), db_blob(bytes_of(shape)),
                     db_int(event->taken_at)))
        return false;
    *ret_covers = covers;
    *ret_actor = actor;
    return true;
}

static void bring_nearer(int64_t until, int64_t *end)
{
    if (until != 0 && (*end == 0 || until < *end))
        *end = until;
}

/* When the first watch on the scopes, or the first suppression at all, runs out; 0: none will. */
static bool find_end(struct db *db, const struct event *event,
                     const struct audience_event *audience, int64_t *ret_end, struct error *err)
{
    int64_t end = 0;
    int64_t until = 0;
    bool found;

    if (!db_find_int(db, err, &found, &until,
                     SQL("SELECT coalesce(min(until), 0) FROM suppression WHERE until > $1"),
                     db_int(event->taken_at)))
        return false;
    bring_nearer(until, &end);
    for (size_t i = 0; i < audience->scopes.n; i++) {
        if (!db_find_int(db, err, &found, &until,
                         SQL("SELECT coalesce(min(until), 0) FROM watch "
                             "WHERE topic = $1 AND until > $2"),
                         db_int(audience->scopes.at[i].topic), db_int(event->taken_at)))
            return false;
        bring_nearer(until, &end);
    }
    *ret_end = end;
    return true;
}

/* A watch that began after the event tells of the next one, though nothing changes in between: then
 * the event opens no window. */
static bool may_open(struct db *db, const struct event *event,
                     const struct audience_event *audience, bool *ret_may, struct error *err)
{
    int64_t seq;

    if (!epoch_read(db, EPOCH_MEMBER, &seq, err))
        return false;
    for (size_t i = 0; i < audience->scopes.n && seq < event->seq; i++) {
        bool found;

        if (!db_find_int(db, err, &found, &seq, SQL("SELECT watch_seq FROM topic WHERE id = $1"),
                         db_int(audience->scopes.at[i].topic)))
            return false;
    }
    *ret_may = seq < event->seq;
    return true;
}

bool thread_window_begin(struct db *db, const struct event *event,
                         const struct audience_event *audience, const struct thread_shape *shape,
                         struct error *err)
{
    int64_t end;
    bool may;

    return find_end(db, event, audience, &end, err) && may_open(db, event, audience, &may, err) &&
           db_run(db, err,
                  SQL("INSERT INTO thread_window (thread, seq, complete, shape, actor, opened_at, "
                      "open_until) VALUES ($1, CASE WHEN $7 <> 0 THEN CAST($2 AS BIGINT) END, 0, "
                      "$3, $4, $5, $6) "
                      "ON CONFLICT (thread) DO UPDATE SET complete = 0, "
                      "seq = CASE WHEN thread_window.made_seq < excluded.seq "
                      "THEN excluded.seq END, "
                      "shape = excluded.shape, actor = excluded.actor, "
                      "opened_at = excluded.opened_at, open_until = excluded.open_until"),
                  db_int(event->thread), db_int(event->seq), db_blob(bytes_of(shape)),
                  db_int_or_null(event->actor != 0, event->actor), db_int(event->taken_at),
                  db_int_or_null(end != 0, end), db_int(may));
}

bool thread_window_complete(struct db *db, const struct event *event, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE thread_window SET complete = 1 WHERE thread = $1 AND seq = $2"),
                  db_int(event->thread), db_int(event->seq));
}

bool thread_window_passed(struct db *db, int64_t thread, int64_t to_seq, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO thread_window (thread, made_seq) VALUES ($1, $2) "
                      "ON CONFLICT (thread) DO UPDATE SET seq = NULL, "
                      "made_seq = CASE WHEN thread_window.made_seq > excluded.made_seq "
                      "THEN thread_window.made_seq ELSE excluded.made_seq END"),
                  db_int(thread), db_int(to_seq));
}
