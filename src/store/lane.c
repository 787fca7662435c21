/*
 * Rows of lane and retry. `waiting` counts what has not ended; `next_due` is never later than the
 * earliest retry row, and may be earlier until the dispatcher sets it right. Every reading here is
 * a range of an index, bounded by the caller's room or by a limit with a name.
 */
#include "store/lane.h"

#include <assert.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/db.h"

/* The first three values of every statement about one lane. */
#define KEY(key) db_int((key)->stream), db_text((key)->domain), db_int((key)->strand)

int64_t lane_strand(int64_t cause_id)
{
    return cause_id % LANE_STRANDS;
}

struct lane_key lane_of_delivery(const struct delivery_row *row)
{
    return (struct lane_key){ row->stream, lane_strand(row->cause_id), span_of(row->domain) };
}

struct lane_key lane_row_key(const struct lane_row *row)
{
    return (struct lane_key){ row->stream, row->strand, span_of(row->domain) };
}

enum { KEY_LIMIT = 300 };

static void put_key(struct buf *to, const struct lane_key *key)
{
    buf_printf(to, "%d %lld ", (int)key->stream, (long long)key->strand);
    buf_put(to, key->domain);
}

void lane_tell(struct db *db, const struct lane_key *key)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, KEY_LIMIT);
    put_key(&text, key);
    db_tell(db, "lane", buf_view(&text));
}

void lane_urge(struct db *db, const struct lane_key *key, int64_t delivery)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, KEY_LIMIT);
    buf_printf(&text, "%lld ", (long long)delivery);
    put_key(&text, key);
    db_tell(db, LANE_URGED, buf_view(&text));
}

/* ---- sums of a transaction: a place for each state, and one for what was made ---- */

enum { PLACE_MADE = 15 };

static_assert((int)DELIVERY_CANCELLED < (int)PLACE_MADE && (int)PLACE_MADE < DB_SUM_PLACES,
              "each state has a place");

static bool write_waiting(struct db *db, const struct lane_key *key, int64_t waiting,
                          struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO lane (stream, domain, strand, waiting) VALUES ($1, $2, $3, $4) "
                      "ON CONFLICT (stream, domain, strand) DO UPDATE SET "
                      "waiting = lane.waiting + excluded.waiting"),
                  KEY(key), db_int(waiting));
}

static void count_state(struct db *db, enum stream_id stream, const char *domain,
                        enum delivery_state state, int64_t by)
{
    db_count(db, "all", "", delivery_state_name(state), by);
    db_count(db, "stream", stream_name(stream), delivery_state_name(state), by);
    db_count(db, "domain", domain, delivery_state_name(state), by);
}

static bool write_lane(struct db *db, int64_t number, struct span domain,
                       const int64_t sums[DB_SUM_PLACES], struct error *err)
{
    const struct lane_key key = { (enum stream_id)(number / LANE_STRANDS), number % LANE_STRANDS,
                                  domain };
    char name[DELIVERY_DOMAIN_ROOM];
    int64_t waiting = 0;

    span_copy(domain, name, sizeof name);
    for (int state = 0; state < PLACE_MADE; state++) {
        if (sums[state] != 0)
            count_state(db, key.stream, name, (enum delivery_state)state, sums[state]);
        if (!delivery_state_final((enum delivery_state)state))
            waiting += sums[state];
    }
    if (sums[PLACE_MADE] > 0)
        lane_tell(db, &key);
    return (waiting == 0 && sums[PLACE_MADE] == 0) || write_waiting(db, &key, waiting, err);
}

static const struct db_sums lane_sums = { write_lane };

static struct db_sum *sum_of(struct db *db, const struct lane_key *key)
{
    return db_sum(db, &lane_sums, key->stream * LANE_STRANDS + key->strand, key->domain);
}

void lane_made(struct db *db, const struct lane_key *key)
{
    struct db_sum *sum = sum_of(db, key);

    db_sum_add(db, sum, DELIVERY_QUEUED, 1);
    db_sum_add(db, sum, PLACE_MADE, 1);
}

void lane_moved(struct db *db, const struct lane_key *key, enum delivery_state from,
                enum delivery_state to)
{
    struct db_sum *sum = sum_of(db, key);

    db_sum_add(db, sum, from, -1);
    db_sum_add(db, sum, to, 1);
}

bool lane_key_read(struct span text, struct lane_key *ret_key)
{
    int64_t stream;
    int64_t strand;

    if (!text_to_integer(span_take_until(&text, ' '), STREAM_URGENT, STREAM_MAILOUTS, &stream) ||
        !text_to_integer(span_take_until(&text, ' '), 0, LANE_STRANDS - 1, &strand))
        return false;
    *ret_key = (struct lane_key){ (enum stream_id)stream, strand, text };
    return true;
}

bool lane_urge_read(struct span text, struct lane_key *ret_key, int64_t *ret_delivery)
{
    return text_to_integer(span_take_until(&text, ' '), 1, INT64_MAX, ret_delivery) &&
           lane_key_read(text, ret_key);
}

bool lane_retry_put(struct db *db, const struct lane_key *key, int64_t due_at, int64_t delivery,
                    struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO retry (stream, domain, strand, due_at, delivery) "
                      "VALUES ($1, $2, $3, $4, $5)"),
                  KEY(key), db_int(due_at), db_int(delivery)) &&
           db_run(db, err,
                  SQL("INSERT INTO lane (stream, domain, strand, next_due) VALUES ($1, $2, $3, $4) "
                      "ON CONFLICT (stream, domain, strand) "
                      "DO UPDATE SET next_due = excluded.next_due "
                      "WHERE lane.next_due > excluded.next_due"),
                  KEY(key), db_int(due_at));
}

bool lane_retry_drop(struct db *db, const struct lane_key *key, int64_t due_at, int64_t delivery,
                     struct error *err)
{
    return db_run(db, err,
                  SQL("DELETE FROM retry WHERE stream = $1 AND domain = $2 AND strand = $3 "
                      "AND due_at = $4 AND delivery = $5"),
                  KEY(key), db_int(due_at), db_int(delivery));
}

bool lane_progress_put(struct db *db, const struct lane_key *key,
                       const struct lane_progress *progress, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE lane SET "
                      "fresh_cursor = CASE WHEN fresh_cursor < $4 THEN $4 ELSE fresh_cursor END, "
                      "next_due = coalesce((SELECT min(due_at) FROM retry r WHERE r.stream = $1 "
                      "AND r.domain = $2 AND r.strand = $3), $5), site = coalesce($6, site) "
                      "WHERE stream = $1 AND domain = $2 AND strand = $3"),
                  KEY(key), db_int(progress->cursor), db_int(LANE_NEVER), db_text(progress->site));
}

static void read_lane(struct db_rows *rows, struct lane_row *row)
{
    *row = (struct lane_row){ .stream = (enum stream_id)db_column_int(rows, 0),
                              .strand = db_column_int(rows, 2),
                              .waiting = db_column_int(rows, 3),
                              .fresh_cursor = db_column_int(rows, 4),
                              .next_due = db_column_int(rows, 5) };
    span_copy(db_column_text(rows, 1), row->domain, sizeof row->domain);
    span_copy(db_column_text(rows, 6), row->site, sizeof row->site);
}

/* All strands together. */
#define SUMS                                                                                       \
    "SELECT stream, domain, 0, CAST(sum(waiting) AS BIGINT), min(fresh_cursor), min(next_due), "   \
    "max(site) FROM lane "

bool lane_find_all(struct db *db, enum stream_id stream, struct span domain,
                   struct lane_row *ret_row, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL(SUMS "WHERE stream = $1 AND domain = $2 GROUP BY stream, domain"),
                 db_int(stream), db_text(domain));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        read_lane(rows, ret_row);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_found = found;
    return true;
}

static bool read_lanes(struct db_rows *found, struct lane_row *rows, size_t room, size_t *ret_n,
                       struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *owned = found;
    size_t n = 0;

    if (owned == NULL)
        return false;
    while (n < room && db_next(owned))
        read_lane(owned, &rows[n++]);
    if (!db_rows_finish(&owned, err))
        return false;
    *ret_n = n;
    return true;
}

bool lane_each_waiting_all(struct db *db, const struct lane_row *after, struct lane_row *rows,
                           size_t room, size_t *ret_n, struct error *err)
{
    return read_lanes(db_query(db, err,
                               SQL(SUMS "WHERE waiting > 0 AND (stream, domain) > ($1, $2) "
                                        "GROUP BY stream, domain ORDER BY stream, domain LIMIT $3"),
                               db_int(after != NULL ? (int64_t)after->stream : -1),
                               db_string(after != NULL ? after->domain : ""),
                               db_int((int64_t)room)),
                      rows, room, ret_n, err);
}

bool lane_each_waiting(struct db *db, const struct lane_row *after, struct lane_row *rows,
                       size_t room, size_t *ret_n, struct error *err)
{
    struct lane_key from = { .domain = SPAN("") };
    int64_t stream = -1; /* before all others */

    if (after != NULL) {
        from = lane_row_key(after);
        stream = from.stream;
    }
    return read_lanes(
        db_query(db, err,
                 SQL("SELECT stream, domain, strand, waiting, fresh_cursor, next_due, site "
                     "FROM lane WHERE waiting > 0 AND (stream, domain, strand) > ($1, $2, $3) "
                     "ORDER BY stream, domain, strand LIMIT $4"),
                 db_int(stream), db_text(from.domain), db_int(from.strand), db_int((int64_t)room)),
        rows, room, ret_n, err);
}

bool lane_cursor_read(struct db *db, const struct lane_key *key, int64_t *ret_cursor,
                      struct error *err)
{
    int64_t cursor = 0;
    bool found;

    if (!db_find_int(db, err, &found, &cursor,
                     SQL("SELECT fresh_cursor FROM lane "
                         "WHERE stream = $1 AND domain = $2 AND strand = $3"),
                     KEY(key)))
        return false;
    *ret_cursor = found ? cursor : 0;
    return true;
}

bool lane_count_waiting(struct db *db, struct span domain, int64_t *ret_waiting, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_waiting,
                       SQL("SELECT CAST(coalesce(sum(waiting), 0) AS BIGINT) FROM lane "
                           "WHERE stream IN ($1, $2, $3, $4) AND domain = $5"),
                       db_int(STREAM_URGENT), db_int(STREAM_NOTICES), db_int(STREAM_SUBMISSIONS),
                       db_int(STREAM_MAILOUTS), db_text(domain));
}

static struct lane_delivery read_delivery(struct db_rows *rows)
{
    return (struct lane_delivery){ .id = db_column_int(rows, 0),
                                   .due_at = db_column_int(rows, 1),
                                   .first_due = db_column_int(rows, 2),
                                   .deadline = db_column_int(rows, 3) };
}

/* Fresh: queued and due when it was made (delivery_has_retry_row has the other side of this). */
static bool is_fresh(struct db_rows *rows)
{
    return db_column_int(rows, 4) == DELIVERY_QUEUED &&
           db_column_int(rows, 1) <= db_column_int(rows, 5);
}

bool lane_claim_fresh(struct db *db, const struct lane_key *key, int64_t *after,
                      struct lane_page *page, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.id, s.due_at, d.first_due, d.deadline, s.state, d.made_at "
                     "FROM delivery d JOIN delivery_state s ON s.delivery = d.id "
                     "WHERE d.stream = $1 AND d.domain = $2 AND d.cause_id % 16 = $3 "
                     "AND d.id > $4 ORDER BY d.id LIMIT $5"),
                 KEY(key), db_int(*after), db_int(LANE_SCAN_MOST));
    int64_t looked_at = *after;
    size_t seen = 0;
    size_t n = 0;

    if (rows == NULL)
        return false;
    for (; n < page->room && db_next(rows); seen++) {
        looked_at = db_column_int(rows, 0);
        if (is_fresh(rows))
            page->at[n++] = read_delivery(rows);
    }
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading the lane of %.*s", SPAN_ARGS(key->domain));
    page->n = n;
    page->more = n == page->room || seen == LANE_SCAN_MOST;
    *after = looked_at;
    return true;
}

static bool next_due_after(struct db *db, const struct lane_key *key, int64_t now_ms,
                           int64_t *ret_due, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_due,
                       SQL("SELECT coalesce(min(due_at), $5) FROM retry "
                           "WHERE stream = $1 AND domain = $2 AND strand = $3 AND due_at > $4"),
                       KEY(key), db_int(now_ms), db_int(LANE_NEVER));
}

bool lane_claim_retry(struct db *db, const struct lane_key *key, struct lane_retry_walk *walk,
                      struct lane_page *page, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT r.delivery, r.due_at, d.first_due, d.deadline "
                                        "FROM retry r JOIN delivery d ON d.id = r.delivery "
                                        "WHERE r.stream = $1 AND r.domain = $2 AND r.strand = $3 "
                                        "AND r.due_at <= $4 AND (r.due_at, r.delivery) > ($5, $6) "
                                        "ORDER BY r.due_at, r.delivery LIMIT $7"),
                                    KEY(key), db_int(walk->now_ms), db_int(walk->due_at),
                                    db_int(walk->id), db_int((int64_t)page->room));
    int64_t next_due;
    size_t n = 0;

    if (rows == NULL)
        return false;
    while (n < page->room && db_next(rows))
        page->at[n++] = read_delivery(rows);
    if (!db_rows_finish(&rows, err) || !next_due_after(db, key, walk->now_ms, &next_due, err))
        return error_wrap(err, "reading the lane of %.*s", SPAN_ARGS(key->domain));
    page->n = n;
    page->more = n == page->room;
    walk->next_due = next_due;
    if (n > 0) {
        walk->due_at = page->at[n - 1].due_at;
        walk->id = page->at[n - 1].id;
    }
    return true;
}
