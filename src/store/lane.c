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

enum { KEY_LIMIT = 300 };

static void tell(struct db *db, const char *news, enum stream_id stream, struct span domain)
{
    CLEANUP(buf_fini) struct buf key;

    buf_init(&key, KEY_LIMIT);
    buf_printf(&key, "%d ", (int)stream);
    buf_put(&key, domain);
    db_tell(db, news, buf_view(&key));
}

void lane_tell(struct db *db, enum stream_id stream, struct span domain)
{
    tell(db, "lane", stream, domain);
}

void lane_urge(struct db *db, enum stream_id stream, struct span domain)
{
    tell(db, LANE_URGED, stream, domain);
}

/* ---- sums of a transaction: a place for each state, and one for what was made ---- */

enum { PLACE_MADE = 15 };

static_assert((int)DELIVERY_CANCELLED < (int)PLACE_MADE && (int)PLACE_MADE < DB_SUM_PLACES,
              "each state has a place");

static bool write_waiting(struct db *db, enum stream_id stream, struct span domain, int64_t waiting,
                          struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO lane (stream, domain, waiting) VALUES ($1, $2, $3) "
                      "ON CONFLICT (stream, domain) DO UPDATE SET "
                      "waiting = lane.waiting + excluded.waiting"),
                  db_int(stream), db_text(domain), db_int(waiting));
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
    enum stream_id stream = (enum stream_id)number;
    char name[DELIVERY_DOMAIN_ROOM];
    int64_t waiting = 0;

    span_copy(domain, name, sizeof name);
    for (int state = 0; state < PLACE_MADE; state++) {
        if (sums[state] != 0)
            count_state(db, stream, name, (enum delivery_state)state, sums[state]);
        if (!delivery_state_final((enum delivery_state)state))
            waiting += sums[state];
    }
    if (sums[PLACE_MADE] > 0)
        lane_tell(db, stream, domain);
    return (waiting == 0 && sums[PLACE_MADE] == 0) ||
           write_waiting(db, stream, domain, waiting, err);
}

static const struct db_sums lane_sums = { write_lane };

void lane_made(struct db *db, enum stream_id stream, struct span domain)
{
    struct db_sum *sum = db_sum(db, &lane_sums, stream, domain);

    db_sum_add(db, sum, DELIVERY_QUEUED, 1);
    db_sum_add(db, sum, PLACE_MADE, 1);
}

void lane_moved(struct db *db, enum stream_id stream, struct span domain, enum delivery_state from,
                enum delivery_state to)
{
    struct db_sum *sum = db_sum(db, &lane_sums, stream, domain);

    db_sum_add(db, sum, from, -1);
    db_sum_add(db, sum, to, 1);
}

bool lane_key_read(struct span key, enum stream_id *ret_stream, struct span *ret_domain)
{
    int64_t stream;

    if (!text_to_integer(span_take_until(&key, ' '), STREAM_URGENT, STREAM_MAILOUTS, &stream))
        return false;
    *ret_stream = (enum stream_id)stream;
    *ret_domain = key;
    return true;
}

bool lane_retry_put(struct db *db, enum stream_id stream, struct span domain, int64_t due_at,
                    int64_t delivery, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO retry (stream, domain, due_at, delivery) "
                      "VALUES ($1, $2, $3, $4)"),
                  db_int(stream), db_text(domain), db_int(due_at), db_int(delivery)) &&
           db_run(db, err,
                  SQL("INSERT INTO lane (stream, domain, next_due) VALUES ($1, $2, $3) "
                      "ON CONFLICT (stream, domain) DO UPDATE SET next_due = excluded.next_due "
                      "WHERE lane.next_due > excluded.next_due"),
                  db_int(stream), db_text(domain), db_int(due_at));
}

bool lane_retry_drop(struct db *db, enum stream_id stream, struct span domain, int64_t due_at,
                     int64_t delivery, struct error *err)
{
    return db_run(db, err,
                  SQL("DELETE FROM retry "
                      "WHERE stream = $1 AND domain = $2 AND due_at = $3 AND delivery = $4"),
                  db_int(stream), db_text(domain), db_int(due_at), db_int(delivery));
}

bool lane_progress_put(struct db *db, enum stream_id stream, struct span domain,
                       const struct lane_progress *progress, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE lane SET "
                      "fresh_cursor = CASE WHEN fresh_cursor < $3 THEN $3 ELSE fresh_cursor END, "
                      "next_due = coalesce((SELECT min(due_at) FROM retry r "
                      "WHERE r.stream = $1 AND r.domain = $2), $4), site = coalesce($5, site) "
                      "WHERE stream = $1 AND domain = $2"),
                  db_int(stream), db_text(domain), db_int(progress->cursor), db_int(LANE_NEVER),
                  db_text(progress->site));
}

static void read_lane(struct db_rows *rows, struct lane_row *row)
{
    *row = (struct lane_row){ .stream = (enum stream_id)db_column_int(rows, 0),
                              .waiting = db_column_int(rows, 2),
                              .fresh_cursor = db_column_int(rows, 3),
                              .next_due = db_column_int(rows, 4) };
    span_copy(db_column_text(rows, 1), row->domain, sizeof row->domain);
    span_copy(db_column_text(rows, 5), row->site, sizeof row->site);
}

bool lane_find(struct db *db, enum stream_id stream, struct span domain, struct lane_row *ret_row,
               bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT stream, domain, waiting, fresh_cursor, next_due, site FROM lane "
                     "WHERE stream = $1 AND domain = $2"),
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

bool lane_each_waiting(struct db *db, const struct lane_row *after, struct lane_row *rows,
                       size_t room, size_t *ret_n, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *found =
        db_query(db, err,
                 SQL("SELECT stream, domain, waiting, fresh_cursor, next_due, site FROM lane "
                     "WHERE waiting > 0 AND (stream, domain) > ($1, $2) "
                     "ORDER BY stream, domain LIMIT $3"),
                 db_int(after != NULL ? (int64_t)after->stream : -1),
                 db_string(after != NULL ? after->domain : ""), db_int((int64_t)room));
    size_t n = 0;

    if (found == NULL)
        return false;
    while (n < room && db_next(found))
        read_lane(found, &rows[n++]);
    if (!db_rows_finish(&found, err))
        return false;
    *ret_n = n;
    return true;
}

bool lane_cursor_read(struct db *db, enum stream_id stream, struct span domain, int64_t *ret_cursor,
                      struct error *err)
{
    int64_t cursor = 0;
    bool found;

    if (!db_find_int(db, err, &found, &cursor,
                     SQL("SELECT fresh_cursor FROM lane WHERE stream = $1 AND domain = $2"),
                     db_int(stream), db_text(domain)))
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

bool lane_claim_fresh(struct db *db, enum stream_id stream, struct span domain, int64_t *after,
                      struct lane_page *page, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.id, s.due_at, d.first_due, d.deadline, s.state, d.made_at "
                     "FROM delivery d JOIN delivery_state s ON s.delivery = d.id "
                     "WHERE d.stream = $1 AND d.domain = $2 AND d.id > $3 "
                     "ORDER BY d.id LIMIT $4"),
                 db_int(stream), db_text(domain), db_int(*after), db_int(LANE_SCAN_MOST));
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
        return error_wrap(err, "reading the lane of %.*s", SPAN_ARGS(domain));
    page->n = n;
    page->more = n == page->room || seen == LANE_SCAN_MOST;
    *after = looked_at;
    return true;
}

static bool next_due_after(struct db *db, enum stream_id stream, struct span domain, int64_t now_ms,
                           int64_t *ret_due, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_due,
                       SQL("SELECT coalesce(min(due_at), $4) FROM retry "
                           "WHERE stream = $1 AND domain = $2 AND due_at > $3"),
                       db_int(stream), db_text(domain), db_int(now_ms), db_int(LANE_NEVER));
}

bool lane_claim_retry(struct db *db, enum stream_id stream, struct span domain,
                      struct lane_retry_walk *walk, struct lane_page *page, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT r.delivery, r.due_at, d.first_due, d.deadline "
                     "FROM retry r JOIN delivery d ON d.id = r.delivery "
                     "WHERE r.stream = $1 AND r.domain = $2 AND r.due_at <= $3 "
                     "AND (r.due_at, r.delivery) > ($4, $5) "
                     "ORDER BY r.due_at, r.delivery LIMIT $6"),
                 db_int(stream), db_text(domain), db_int(walk->now_ms), db_int(walk->due_at),
                 db_int(walk->id), db_int((int64_t)page->room));
    int64_t next_due;
    size_t n = 0;

    if (rows == NULL)
        return false;
    while (n < page->room && db_next(rows))
        page->at[n++] = read_delivery(rows);
    if (!db_rows_finish(&rows, err) ||
        !next_due_after(db, stream, domain, walk->now_ms, &next_due, err))
        return error_wrap(err, "reading the lane of %.*s", SPAN_ARGS(domain));
    page->n = n;
    page->more = n == page->room;
    walk->next_due = next_due;
    if (n > 0) {
        walk->due_at = page->at[n - 1].due_at;
        walk->id = page->at[n - 1].id;
    }
    return true;
}
