/*
 * The ledger rows of deliveries. This file alone writes delivery_state; who may do what when is
 * the services' affair, what may follow what is domain/delivery's.
 */
#include "store/delivery.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "domain/sight.h"
#include "domain/watching.h"
#include "store/db.h"
#include "store/heard.h"
#include "store/lane.h"
#include "store/notice.h"
#include "store/outbox.h"
#include "store/submission.h"
#include "store/submission_report.h"

/* The limit is what a header field takes, less the angle brackets. */
enum { MESSAGE_ID_LIMIT = 248, MESSAGE_ID_SUFFIX = 10 };

/* The left side is the id, which people can read, and a suffix that only we can make. */
static void put_message_id(struct buf *to, const struct delivery_new *made, int64_t id)
{
    unsigned char code[HMAC_SIZE];
    char named[40];
    int n = snprintf(named, sizeof named, "message-id %lld", (long long)id);

    hmac_sum(made->message_key, (struct span){ named, (size_t)n }, code);
    buf_printf(to, "%lld.", (long long)id);
    base32_put(to, (struct span){ (const char *)code, MESSAGE_ID_SUFFIX });
    buf_printf(to, "@%s", made->message_domain);
}

static bool insert_delivery(struct db *db, const struct delivery_new *made, int64_t id,
                            struct error *err)
{
    CLEANUP(buf_fini) struct buf message_id;

    buf_init(&message_id, MESSAGE_ID_LIMIT);
    if (made->message_id.n > 0)
        buf_put(&message_id, made->message_id);
    else
        put_message_id(&message_id, made, id);
    if (message_id.overflown)
        return error_set(err, ERROR_LIMIT, "the Message-ID is longer than %d bytes",
                         MESSAGE_ID_LIMIT);
    return db_run(db, err,
                  SQL("INSERT INTO delivery (id, stream, cause, cause_id, person, address, normal, "
                      "domain, message_id, deadline, first_due, made_at) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"),
                  db_int(id), db_int(made->stream), db_int(made->cause), db_int(made->cause_id),
                  db_int_or_null(made->person != 0, made->person), db_text(made->address),
                  db_text(made->normal), db_text(made->domain), db_text(buf_view(&message_id)),
                  db_int_or_null(made->deadline != 0, made->deadline), db_int(made->due_at),
                  db_int(made->now_ms));
}

static bool insert_part(struct db *db, int64_t delivery, const struct delivery_part *part,
                        struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO delivery_part (delivery, thread, from_seq, to_seq, why) "
                      "VALUES ($1, $2, $3, $4, $5) "
                      "ON CONFLICT (delivery, thread) DO UPDATE SET "
                      "from_seq = CASE WHEN excluded.from_seq < delivery_part.from_seq "
                      "THEN excluded.from_seq ELSE delivery_part.from_seq END, "
                      "to_seq = CASE WHEN excluded.to_seq > delivery_part.to_seq "
                      "THEN excluded.to_seq ELSE delivery_part.to_seq END, "
                      "why = CASE WHEN excluded.why < delivery_part.why "
                      "THEN excluded.why ELSE delivery_part.why END"),
                  db_int(delivery), db_int(part->thread), db_int(part->from_seq),
                  db_int(part->to_seq), db_int(part->why));
}

bool delivery_make(struct db *db, const struct delivery_new *made, int64_t *ret_id,
                   struct error *err)
{
    const struct lane_key lane = { made->stream, lane_strand(made->cause_id), made->domain };
    int64_t id;

    if (!db_next_id(db, "delivery", &id, err) || !insert_delivery(db, made, id, err))
        return error_wrap(err, "making a delivery");
    if (!db_run(db, err,
                SQL("INSERT INTO delivery_state (delivery, state, due_at) VALUES ($1, $2, $3)"),
                db_int(id), db_int(DELIVERY_QUEUED), db_int(made->due_at)))
        return error_wrap(err, "making a delivery");
    for (size_t i = 0; i < made->part_count; i++)
        if (!insert_part(db, id, &made->parts[i], err))
            return error_wrap(err, "making a delivery");
    lane_made(db, &lane);
    if (made->due_at > made->now_ms && !lane_retry_put(db, &lane, made->due_at, id, err))
        return error_wrap(err, "making a delivery");
    *ret_id = id;
    return true;
}

bool delivery_fold(struct db *db, int64_t delivery, const struct delivery_part *part,
                   bool *ret_folded, struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE delivery_state SET epoch = epoch + 1 "
                    "WHERE delivery = $1 AND doubts = 0 AND state IN ($2, $3, $4)"),
                db_int(delivery), db_int(DELIVERY_QUEUED), db_int(DELIVERY_DEFERRED),
                db_int(DELIVERY_HELD)))
        return error_wrap(err, "folding into delivery %lld", (long long)delivery);
    if (db_changes(db) == 0) {
        *ret_folded = false;
        return true;
    }
    if (!insert_part(db, delivery, part, err))
        return error_wrap(err, "folding into delivery %lld", (long long)delivery);
    *ret_folded = true;
    return true;
}

static void read_row(struct db_rows *rows, int64_t id, struct delivery_row *row)
{
    *row = (struct delivery_row){
        .id = id,
        .stream = (enum stream_id)db_column_int(rows, 0),
        .cause = (enum delivery_cause)db_column_int(rows, 1),
        .cause_id = db_column_int(rows, 2),
        .person = db_column_int(rows, 3),
        .deadline = db_column_int(rows, 8),
        .first_due = db_column_int(rows, 9),
        .made_at = db_column_int(rows, 10),
        .state = (enum delivery_state)db_column_int(rows, 11),
        .due_at = db_column_int(rows, 12),
        .attempts = db_column_int(rows, 13),
        .epoch = db_column_int(rows, 14),
        .doubts = db_column_int(rows, 15),
        .ended_at = db_column_int(rows, 18),
        .by_hand = db_column_int(rows, 19),
        .planned_at = db_column_int(rows, 20),
    };
    span_copy(db_column_text(rows, 4), row->address, sizeof row->address);
    span_copy(db_column_text(rows, 5), row->normal, sizeof row->normal);
    span_copy(db_column_text(rows, 6), row->domain, sizeof row->domain);
    span_copy(db_column_text(rows, 7), row->message_id, sizeof row->message_id);
    span_copy(db_column_text(rows, 16), row->reason, sizeof row->reason);
    span_copy(db_column_text(rows, 17), row->text, sizeof row->text);
}

#define ROW_COLUMNS                                                                                \
    "d.stream, d.cause, d.cause_id, d.person, d.address, d.normal, d.domain, d.message_id, "       \
    "d.deadline, d.first_due, d.made_at, s.state, s.due_at, s.attempts, s.epoch, s.doubts, "       \
    "s.reason, s.text, s.ended_at, s.by_hand, s.planned_at "

bool delivery_load(struct db *db, int64_t id, struct delivery_row *ret_row, bool *ret_found,
                   struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT " ROW_COLUMNS "FROM delivery d "
                     "JOIN delivery_state s ON s.delivery = d.id WHERE d.id = $1"),
                 db_int(id));
    bool found;

    if (rows == NULL)
        return error_wrap(err, "reading delivery %lld", (long long)id);
    found = db_next(rows);
    if (found)
        read_row(rows, id, ret_row);
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading delivery %lld", (long long)id);
    *ret_found = found;
    return true;
}

static void read_grounds(struct db_rows *rows, struct delivery_grounds *grounds)
{
    struct span bar = db_column_text(rows, 23);

    grounds->person_version = db_column_int(rows, 21);
    grounds->content_epoch = db_column_int(rows, 22);
    grounds->is_barred = bar.at != NULL;
    span_copy(bar, grounds->bar, sizeof grounds->bar);
}

/* NOLINTNEXTLINE(readability-function-size): one delivery, one moment, two things to fill */
bool delivery_load_grounds(struct db *db, int64_t id, int64_t now_ms, struct delivery_row *ret_row,
                           struct delivery_grounds *ret_grounds, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT " ROW_COLUMNS ", (SELECT version FROM person WHERE id = d.person), "
                     "(SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'content_epoch'), "
                     "coalesce((SELECT reason FROM suppression WHERE target = d.normal "
                     "AND scope = '*' AND (until IS NULL OR until > $2)), "
                     "(SELECT reason FROM suppression WHERE target = '@' || d.domain "
                     "AND scope = '*' AND (until IS NULL OR until > $2))) "
                     "FROM delivery d JOIN delivery_state s ON s.delivery = d.id WHERE d.id = $1"),
                 db_int(id), db_int(now_ms));
    bool found;

    if (rows == NULL)
        return error_wrap(err, "reading delivery %lld", (long long)id);
    found = db_next(rows);
    if (found) {
        read_row(rows, id, ret_row);
        read_grounds(rows, ret_grounds);
    }
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading delivery %lld", (long long)id);
    *ret_found = found;
    return true;
}

bool delivery_count_hard(struct db *db, struct span normal, int64_t since, int64_t *ret_count,
                         struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_count,
                       SQL("SELECT count(*) FROM (SELECT id FROM delivery WHERE normal = $1 "
                           "ORDER BY id DESC LIMIT 100) d "
                           "JOIN delivery_state s ON s.delivery = d.id WHERE s.state = 11 "
                           "AND s.reason IN ('mailbox_disabled', 'bad_address') "
                           "AND s.ended_at > $2"),
                       db_text(normal), db_int(since)) ||
           error_wrap(err, "counting refusals");
}

static bool has_retry_row(enum delivery_state state, int64_t due_at, int64_t made_at)
{
    return (state == DELIVERY_QUEUED || state == DELIVERY_DEFERRED || state == DELIVERY_IN_DOUBT) &&
           due_at > made_at;
}

bool delivery_has_retry_row(const struct delivery_row *row)
{
    return has_retry_row(row->state, row->due_at, row->made_at);
}

/* A fault of ours: two hands moved the same delivery. */
static void stale(struct db *db, const struct delivery_row *row, enum delivery_state to)
{
    log_error("stale-transition", log_number("delivery", row->id),
              log_text("from", delivery_state_name(row->state)),
              log_text("to", delivery_state_name(to)), log_number("epoch", row->epoch));
    db_count(db, "fault", "", "stale-transition", 1);
#ifdef POSTROOM_DEBUG
    abort();
#endif
}

static bool write_state(struct db *db, const struct delivery_row *row,
                        const struct delivery_change *change, int64_t due_at, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE delivery_state SET state = $4, due_at = $5, "
                      "attempts = attempts + $6, epoch = epoch + 1, doubts = doubts + $7, "
                      "reason = $8, text = $9, ended_at = $10, by_hand = by_hand + $11, "
                      "planned_at = CASE WHEN $6 > 0 THEN NULL ELSE planned_at END "
                      "WHERE delivery = $1 AND state = $2 AND epoch = $3"),
                  db_int(row->id), db_int(row->state), db_int(row->epoch), db_int(change->to),
                  db_int(due_at), db_int(change->attempted), db_int(change->doubted),
                  db_string(change->reason), db_text(change->text),
                  db_int_or_null(delivery_state_final(change->to), change->now_ms),
                  db_int(change->attempted && change->by_hand));
}

/* Lane and retry rows follow the state. */
static bool move_in_lane(struct db *db, const struct delivery_row *row,
                         const struct delivery_change *change, int64_t due_at, struct error *err)
{
    struct lane_key lane = lane_of_delivery(row);

    if (delivery_has_retry_row(row) && !lane_retry_drop(db, &lane, row->due_at, row->id, err))
        return false;
    if (has_retry_row(change->to, due_at, row->made_at) &&
        !lane_retry_put(db, &lane, due_at, row->id, err))
        return false;
    lane_moved(db, &lane, row->state, change->to);
    return true;
}

/* A digest that was cancelled is not owed, unless to somebody who may be active again or has become
 * another. */
static bool ends_a_digest(const struct delivery_change *change)
{
    return change->to == DELIVERY_DELIVERED ||
           (change->to == DELIVERY_CANCELLED && !change->tells_rest &&
            !span_equal(span_of(change->reason), SPAN("inactive")) &&
            !span_equal(span_of(change->reason), SPAN(DELIVERY_MERGED)));
}

static bool tell_end(struct db *db, const struct delivery_row *row,
                     const struct delivery_change *change, struct error *err)
{
    const struct outbox_row told = { .at = change->now_ms,
                                     .kind = CHANGE_DELIVERY,
                                     .what = span_of(delivery_state_name(change->to)),
                                     .subject = row->id };

    return outbox_add(db, &told, err);
}

static bool end_submission(struct db *db, const struct delivery_row *row,
                           const struct delivery_change *change, struct error *err)
{
    const struct submission_end end = { .submission = row->cause_id,
                                        .delivery = row->id,
                                        .state = change->to,
                                        .now_ms = change->now_ms };

    return submission_delivery_ended(db, row->cause_id, change->now_ms, err) &&
           submission_report_owe(db, &end, err);
}

/* A final state settles what the person has heard, and counts a submission's mail out. A mail of
 * several threads is no thread's, so neither its subject nor its identity becomes theirs. One that
 * is held in doubt may be so for ever: the news that waited for its end go on. */
static bool settle(struct db *db, const struct delivery_row *row,
                   const struct delivery_change *change, struct error *err)
{
    bool is_own = row->cause == CAUSE_THREAD;
    bool not_needed = change->to == DELIVERY_CANCELLED && change->reason != NULL &&
                      strcmp(change->reason, sight_reason(SIGHT_NOT_NEEDED)) == 0;
    const struct heard_end end = { .delivery = row->id,
                                   .person = row->person,
                                   .deadline = row->deadline,
                                   .urgent = row->stream == STREAM_URGENT,
                                   .delivered = change->to == DELIVERY_DELIVERED,
                                   .is_done = ends_a_digest(change),
                                   .is_digest =
                                       row->cause == CAUSE_DIGEST && row->cause_id != WATCH_NOW,
                                   .tells_rest = change->tells_rest,
                                   .in_doubt = row->doubts > 0,
                                   .not_needed = not_needed,
                                   .digest = row->cause == CAUSE_DIGEST ? row->cause_id : 0,
                                   .subject = is_own ? change->subject : (struct span){ NULL, 0 },
                                   .message_id = span_of(is_own ? row->message_id : NULL),
                                   .now_ms = change->now_ms };

    if (!delivery_state_final(change->to))
        return change->to != DELIVERY_HELD || row->doubts == 0 ||
               notice_wake_parts(db, row->person, row->id, change->now_ms, err);
    if (!tell_end(db, row, change, err))
        return false;
    if (row->cause == CAUSE_SUBMISSION)
        return end_submission(db, row, change, err);
    return heard_settle(db, &end, err);
}

/* What waits again is found by its retry row, so it is never due before it was made, even after
 * the clock stepped back. */
static int64_t due_after(const struct delivery_row *row, const struct delivery_change *change)
{
    if (change->due_at == 0)
        return row->due_at;
    return change->due_at > row->made_at ? change->due_at : row->made_at + 1;
}

static void take_over(struct delivery_row *row, const struct delivery_change *change,
                      int64_t due_at)
{
    row->doubts += change->doubted;
    row->state = change->to;
    row->due_at = due_at;
    row->attempts += change->attempted;
    row->by_hand += change->attempted && change->by_hand;
    row->planned_at = change->attempted ? 0 : row->planned_at;
    row->epoch++;
    span_copy(span_of(change->reason), row->reason, sizeof row->reason);
    span_copy(change->text, row->text, sizeof row->text);
    row->ended_at = delivery_state_final(change->to) ? change->now_ms : 0;
}

bool delivery_transition(struct db *db, struct delivery_row *row,
                         const struct delivery_change *change, bool *ret_done, struct error *err)
{
    int64_t due_at = due_after(row, change);

    if (!delivery_may_become(row->state, change->to))
        return error_set(err, ERROR_CONFLICT, "delivery %lld is %s and cannot become %s",
                         (long long)row->id, delivery_state_name(row->state),
                         delivery_state_name(change->to));
    if (!write_state(db, row, change, due_at, err))
        return error_wrap(err, "delivery %lld", (long long)row->id);
    if (db_changes(db) == 0) {
        if (!change->may_be_gone)
            stale(db, row, change->to);
        *ret_done = false;
        return true;
    }
    if (!move_in_lane(db, row, change, due_at, err) || !settle(db, row, change, err))
        return error_wrap(err, "delivery %lld", (long long)row->id);
    take_over(row, change, due_at);
    *ret_done = true;
    return true;
}

static bool write_hastened(struct db *db, const struct delivery_row *row, int64_t due_at,
                           int64_t planned_at, struct error *err)
{
    struct lane_key lane = lane_of_delivery(row);

    if (!db_run(db, err,
                SQL("UPDATE delivery_state SET due_at = $4, planned_at = $5 "
                    "WHERE delivery = $1 AND state = $2 AND epoch = $3"),
                db_int(row->id), db_int(row->state), db_int(row->epoch), db_int(due_at),
                db_int_or_null(planned_at != 0, planned_at)))
        return false;
    if (delivery_has_retry_row(row) && !lane_retry_drop(db, &lane, row->due_at, row->id, err))
        return false;
    return lane_retry_put(db, &lane, due_at, row->id, err);
}

bool delivery_hasten(struct db *db, struct delivery_row *row, int64_t now_ms, bool *ret_moved,
                     struct error *err)
{
    int64_t due_at = now_ms > row->made_at ? now_ms : row->made_at + 1;
    bool is_due = row->due_at <= due_at;
    int64_t planned_at = row->planned_at != 0 || is_due ? row->planned_at : row->due_at;

    *ret_moved = !is_due;
    if (is_due && delivery_has_retry_row(row))
        return true;
    if (!write_hastened(db, row, due_at, planned_at, err))
        return error_wrap(err, "delivery %lld", (long long)row->id);
    row->due_at = due_at;
    row->planned_at = planned_at;
    return true;
}
