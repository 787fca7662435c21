/*
 * Rows of kind. There are few; none is ever removed, so a bit keeps its meaning.
 */
#include "store/kind.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/epoch.h"

#define KIND_COLUMNS "name, bit, names, urgent, auto_watch, sample, secret, default_mode, stream"

static void read_row(struct db_rows *rows, struct arena *arena, enum kind_of of, struct kind *kind)
{
    *kind = (struct kind){
        .of = of,
        .name = arena_copy(arena, db_column_text(rows, 0)),
        .bit = db_column_is_null(rows, 1) ? -1 : (int)db_column_int(rows, 1),
        .names = arena_copy(arena, db_column_text(rows, 2)),
        .urgent = db_column_int(rows, 3) != 0,
        .auto_watch = db_column_copy(rows, 4, arena),
        .sample = db_column_copy(rows, 5, arena),
        .secret = db_column_int(rows, 6) != 0,
        .default_mode = (enum watch_mode)db_column_int(rows, 7),
        .stream = (enum stream_id)db_column_int(rows, 8),
    };
}

bool kind_find(struct db *db, struct arena *arena, struct kind *kind, bool *ret_found,
               struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " KIND_COLUMNS " FROM kind WHERE of = $1 AND name = $2"),
                 db_int(kind->of), db_text(kind->name));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_row(rows, arena, kind->of, kind);
    return db_rows_finish(&rows, err);
}

bool kind_next_bit(struct db *db, struct span name, int64_t *ret_bit, struct error *err)
{
    int64_t next = 0;
    bool found;

    if (!db_find_int(db, err, &found, &next,
                     SQL("SELECT coalesce(max(bit), -1) + 1 FROM kind WHERE of = $1"),
                     db_int(KIND_OF_EVENT)))
        return false;
    if (next >= KIND_EVENT_MOST)
        return error_set(err, ERROR_LIMIT,
                         "kind \"%.*s\" cannot be declared: %d kinds of events are the most",
                         SPAN_ARGS(name), KIND_EVENT_MOST);
    *ret_bit = next;
    return true;
}

static bool check_room(struct db *db, struct span name, struct error *err)
{
    int64_t count = 0;
    bool found;

    if (!db_find_int(db, err, &found, &count, SQL("SELECT count(*) FROM kind WHERE of = $1"),
                     db_int(KIND_OF_TOPIC)))
        return false;
    return count < KIND_TOPIC_MOST ||
           error_set(err, ERROR_LIMIT,
                     "kind \"%.*s\" cannot be declared: %d kinds of topics are the most",
                     SPAN_ARGS(name), KIND_TOPIC_MOST);
}

bool kind_declare(struct db *db, struct arena *arena, struct kind *kind, bool *ret_made,
                  struct error *err)
{
    int64_t bit = -1;
    bool found;

    if (!kind_find(db, arena, kind, &found, err))
        return false;
    *ret_made = !found;
    if (found)
        return true;
    if (kind->of == KIND_OF_EVENT ? !kind_next_bit(db, kind->name, &bit, err)
                                  : !check_room(db, kind->name, err))
        return false;
    if (!db_run(db, err, SQL("INSERT INTO kind (name, of, bit) VALUES ($1, $2, $3)"),
                db_text(kind->name), db_int(kind->of), db_int_or_null(bit >= 0, bit)))
        return false;
    return kind_find(db, arena, kind, &found, err);
}

/* What letters say hangs on whether it is secret. */
static bool note_secret(struct db *db, const struct kind *kind, struct error *err)
{
    bool changes;
    int64_t one;

    return db_find_int(db, err, &changes, &one,
                       SQL("SELECT 1 FROM kind WHERE of = $1 AND name = $2 AND secret <> $3"),
                       db_int(kind->of), db_text(kind->name), db_int(kind->secret)) &&
           (!changes || epoch_grow(db, EPOCH_CONTENT, err));
}

bool kind_save(struct db *db, const struct kind *kind, struct error *err)
{
    return note_secret(db, kind, err) &&
           db_run(db, err,
                  SQL("UPDATE kind SET names = $3, urgent = $4, auto_watch = $5, sample = $6, "
                      "secret = $7, default_mode = $8, stream = $9 "
                      "WHERE of = $1 AND name = $2"),
                  db_int(kind->of), db_text(kind->name), db_text(kind->names), db_int(kind->urgent),
                  db_text(kind->auto_watch), db_text(kind->sample), db_int(kind->secret),
                  db_int(kind->default_mode), db_int(kind->stream));
}

bool kind_default_mode(struct db *db, int64_t topic, enum watch_mode *ret_mode, struct error *err)
{
    int64_t mode = WATCH_NOW;
    bool found;

    if (!db_find_int(db, err, &found, &mode,
                     SQL("SELECT k.default_mode FROM topic t JOIN kind k ON k.of = 0 "
                         "AND k.name = t.kind WHERE t.id = $1"),
                     db_int(topic)))
        return false;
    *ret_mode = found ? (enum watch_mode)mode : WATCH_NOW;
    return true;
}

bool kind_list(struct db *db, struct arena *arena, enum kind_of of, struct kind_list *ret_kinds,
               struct error *err)
{
    struct kind_list kinds = { ARENA_ARRAY(arena, struct kind, KIND_TOPIC_MOST), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT " KIND_COLUMNS " FROM kind WHERE of = $1 ORDER BY name"), db_int(of));

    if (rows == NULL)
        return false;
    while (kinds.n < KIND_TOPIC_MOST && db_next(rows))
        read_row(rows, arena, of, &kinds.at[kinds.n++]);
    *ret_kinds = kinds;
    return db_rows_finish(&rows, err);
}

bool kind_mask_put(struct db *db, struct buf *to, int64_t mask, struct error *err)
{
    bool first = true;
    CLEANUP(db_rows_end)
    struct db_rows *rows = NULL;

    if (mask == -1)
        return true;
    rows = db_query(db, err, SQL("SELECT bit, name FROM kind WHERE of = $1 ORDER BY name"),
                    db_int(KIND_OF_EVENT));
    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        if (((mask >> db_column_int(rows, 0)) & 1) == 0)
            continue;
        if (!first)
            buf_put_byte(to, ',');
        buf_put(to, db_column_text(rows, 1));
        first = false;
    }
    return db_rows_finish(&rows, err);
}
