/*
 * Rows of digest.
 */
#include "store/digest.h"

#include <jansson.h>

#include "base/cleanup.h"
#include "domain/delivery.h"
#include "store/db.h"
#include "store/heard.h"

#define DIGEST_COLUMNS                                                                             \
    "g.person, g.mode, g.next_at, g.made_seq, g.through_seq, g.delivery, coalesce(p.status, 1), "  \
    "p.timezone, p.attributes FROM digest g LEFT JOIN person p ON p.id = g.person "

/* The attribute is looked for only in attributes that name it. */
static int read_hour(struct span attributes)
{
    json_t *object;
    json_int_t hour = -1;

    if (span_find(attributes, SPAN("\"digest_hour\"")) == attributes.n)
        return -1;
    object = json_loadb(attributes.at, attributes.n, 0, NULL);
    if (json_is_integer(json_object_get(object, "digest_hour")))
        hour = json_integer_value(json_object_get(object, "digest_hour"));
    json_decref(object);
    return hour >= 0 && hour <= 23 ? (int)hour : -1;
}

/* Of the person $1: themselves and the lists they are on. */
#define DIGEST_WATCHERS                                                                            \
    "SELECT CAST($1 AS BIGINT) UNION ALL SELECT -m.list FROM list_member m "                       \
    "WHERE m.person = $1 AND m.left_at IS NULL"

static void read_row(struct db_rows *rows, struct digest_row *row)
{
    *row = (struct digest_row){
        .person = db_column_int(rows, 0),
        .mode = (enum watch_mode)db_column_int(rows, 1),
        .next_at = db_column_int(rows, 2),
        .made_seq = db_column_int(rows, 3),
        .through_seq = db_column_int(rows, 4),
        .delivery = db_column_int(rows, 5),
        .is_inactive = db_column_int(rows, 6) != 0,
        .hour = read_hour(db_column_text(rows, 8)),
    };
    span_copy(db_column_text(rows, 7), row->zone, sizeof row->zone);
}

bool digest_hour_of(struct db *db, int64_t person, int *ret_hour, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT attributes FROM person WHERE id = $1"), db_int(person));

    if (rows == NULL)
        return false;
    *ret_hour = db_next(rows) ? read_hour(db_column_text(rows, 0)) : -1;
    return db_rows_finish(&rows, err);
}

bool digest_page_due(struct db *db, int64_t now_ms, size_t limit, struct digest_row *ret_rows,
                     size_t *ret_count, struct error *err)
{
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT " DIGEST_COLUMNS "WHERE g.next_at <= $1 "
                                        "ORDER BY g.next_at LIMIT $2"),
                                    db_int(now_ms), db_int((int64_t)limit));

    if (rows == NULL)
        return false;
    while (count < limit && db_next(rows))
        read_row(rows, &ret_rows[count++]);
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

bool digest_next_due(struct db *db, int64_t *ret_due_at, bool *ret_any, struct error *err)
{
    *ret_due_at = 0;
    return db_find_int(db, err, ret_any, ret_due_at,
                       SQL("SELECT next_at FROM digest WHERE next_at >= $1 "
                           "ORDER BY next_at LIMIT 1"),
                       db_int(0));
}

bool digest_find(struct db *db, int64_t person, enum watch_mode mode, struct digest_row *ret_row,
                 bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " DIGEST_COLUMNS "WHERE g.person = $1 AND g.mode = $2"),
                 db_int(person), db_int(mode));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_row(rows, ret_row);
    return db_rows_finish(&rows, err);
}

bool digest_ensure(struct db *db, int64_t person, enum watch_mode mode, int64_t seq,
                   struct error *err)
{
    if (!db_run(db, err,
                SQL("INSERT INTO digest (person, mode, made_seq, through_seq) "
                    "VALUES ($1, $2, $3, $3) ON CONFLICT (person, mode) DO NOTHING"),
                db_int(person), db_int(mode), db_int(seq)))
        return false;
    if (db_changes(db) > 0)
        db_tell(db, "digest", SPAN(""));
    return true;
}

bool digest_ensure_members(struct db *db, int64_t list, enum watch_mode mode, int64_t seq,
                           struct error *err)
{
    db_tell(db, "digest", SPAN(""));
    return db_run(db, err,
                  SQL("INSERT INTO digest (person, mode, made_seq, through_seq) "
                      "SELECT m.person, CAST($2 AS BIGINT), CAST($3 AS BIGINT), "
                      "CAST($3 AS BIGINT) FROM list_member m "
                      "WHERE m.list = $1 AND m.left_at IS NULL "
                      "ON CONFLICT (person, mode) DO NOTHING"),
                  db_int(list), db_int(mode), db_int(seq));
}

bool digest_ensure_member(struct db *db, int64_t list, int64_t person, int64_t seq,
                          struct error *err)
{
    db_tell(db, "digest", SPAN(""));
    return db_run(db, err,
                  SQL("INSERT INTO digest (person, mode, made_seq, through_seq) "
                      "SELECT DISTINCT CAST($2 AS BIGINT), w.mode, CAST($3 AS BIGINT), "
                      "CAST($3 AS BIGINT) FROM watch w WHERE w.who = -CAST($1 AS BIGINT) "
                      "AND w.mode >= 2 ON CONFLICT (person, mode) DO NOTHING"),
                  db_int(list), db_int(person), db_int(seq));
}

bool digest_wait(struct db *db, const struct digest_row *row, int64_t next_at, struct error *err)
{
    return db_run(db, err, SQL("UPDATE digest SET next_at = $3 WHERE person = $1 AND mode = $2"),
                  db_int(row->person), db_int(row->mode), db_int(next_at));
}

bool digest_made(struct db *db, const struct digest_row *row, int64_t delivery, int64_t to_seq,
                 int64_t next_at, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE digest SET next_at = $3, made_seq = $4, delivery = $5 "
                      "WHERE person = $1 AND mode = $2"),
                  db_int(row->person), db_int(row->mode), db_int(next_at), db_int(to_seq),
                  db_int(delivery));
}

bool digest_passed(struct db *db, const struct digest_row *row, int64_t to_seq, int64_t next_at,
                   struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE digest SET next_at = $3, made_seq = $4, through_seq = $4 "
                      "WHERE person = $1 AND mode = $2"),
                  db_int(row->person), db_int(row->mode), db_int(next_at), db_int(to_seq));
}

bool digest_drop(struct db *db, const struct digest_row *row, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM digest WHERE person = $1 AND mode = $2"),
                  db_int(row->person), db_int(row->mode));
}

bool digest_reset(struct db *db, int64_t person, int64_t now_ms, struct error *err)
{
    if (!db_run(db, err, SQL("UPDATE digest SET next_at = 0 WHERE person = $1 AND next_at > $2"),
                db_int(person), db_int(now_ms)))
        return false;
    if (db_changes(db) > 0)
        db_tell(db, "digest", SPAN(""));
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): whose digest, which range, two answers */
bool digest_pending(struct db *db, const struct digest_row *row, int64_t after, int64_t to_seq,
                    bool *ret_watches, bool *ret_pending, struct error *err)
{
    int64_t one;

    *ret_pending = false;
    return db_find_int(db, err, ret_watches, &one,
                       SQL("SELECT 1 FROM watch WHERE who IN (" DIGEST_WATCHERS ") "
                           "AND mode = $2 LIMIT 1"),
                       db_int(row->person), db_int(row->mode)) &&
           (!*ret_watches ||
            db_find_int(db, err, ret_pending, &one,
                        SQL("SELECT 1 FROM watch w JOIN event_scope x ON x.topic = w.topic "
                            "AND x.seq > $3 AND x.seq <= $4 "
                            "WHERE w.who IN (" DIGEST_WATCHERS ") AND w.mode = $2 LIMIT 1"),
                        db_int(row->person), db_int(row->mode), db_int(after), db_int(to_seq)));
}

bool digest_let_go(struct db *db, const struct digest_row *row, bool *ret_gone, struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE digest SET through_seq = made_seq, delivery = NULL "
                    "WHERE person = $1 AND mode = $2 AND delivery = $3 "
                    "AND EXISTS (SELECT 1 FROM delivery_state s "
                    "WHERE s.delivery = $3 AND s.state = $4 AND s.doubts > 0)"),
                db_int(row->person), db_int(row->mode), db_int(row->delivery),
                db_int(DELIVERY_HELD)))
        return false;
    *ret_gone = db_changes(db) > 0;
    return true;
}

bool digest_settle(struct db *db, const struct heard_end *end, int64_t to_seq, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE digest SET delivery = NULL, "
                      "through_seq = CASE WHEN $3 <> 0 AND through_seq < $4 THEN $4 "
                      "ELSE through_seq END WHERE person = $1 AND delivery = $2"),
                  db_int(end->person), db_int(end->delivery), db_int(end->is_done), db_int(to_seq));
}
