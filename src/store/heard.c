/*
 * Rows of heard. made_seq only grows: it keeps a replayed fan-out from mailing twice.
 */
#include "store/heard.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/delivery.h"
#include "store/digest.h"
#include "store/notice.h"

bool heard_find(struct db *db, int64_t person, int64_t thread, struct heard *ret_heard,
                bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT made_seq, through_seq, missed_from, delivery, left_at FROM heard "
                     "WHERE person = $1 AND thread = $2"),
                 db_int(person), db_int(thread));

    *ret_heard = (struct heard){ 0 };
    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_heard =
            (struct heard){ db_column_int(rows, 0), db_column_int(rows, 1), db_column_int(rows, 2),
                            db_column_int(rows, 3), db_column_int(rows, 4) };
    return db_rows_finish(&rows, err);
}

bool heard_made(struct db *db, int64_t person, int64_t thread, int64_t delivery, int64_t to_seq,
                struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO heard (person, thread, made_seq, delivery) "
                      "VALUES ($1, $2, $3, $4) ON CONFLICT (person, thread) DO UPDATE SET "
                      "made_seq = CASE WHEN heard.made_seq > excluded.made_seq "
                      "THEN heard.made_seq ELSE excluded.made_seq END, "
                      "delivery = excluded.delivery"),
                  db_int(person), db_int(thread), db_int(to_seq), db_int(delivery));
}

bool heard_passed(struct db *db, int64_t person, int64_t thread, int64_t to_seq, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO heard (person, thread, made_seq) VALUES ($1, $2, $3) "
                      "ON CONFLICT (person, thread) DO UPDATE SET made_seq = excluded.made_seq "
                      "WHERE excluded.made_seq > heard.made_seq"),
                  db_int(person), db_int(thread), db_int(to_seq));
}

bool heard_owe(struct db *db, int64_t person, int64_t thread, int64_t from_seq, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO heard (person, thread, made_seq, missed_from) "
                      "VALUES ($1, $2, CAST($3 AS BIGINT) - 1, $3) "
                      "ON CONFLICT (person, thread) DO UPDATE SET "
                      "missed_from = CASE WHEN heard.missed_from < excluded.missed_from "
                      "THEN heard.missed_from ELSE excluded.missed_from END"),
                  db_int(person), db_int(thread), db_int(from_seq));
}

bool heard_let_go(struct db *db, int64_t person, int64_t thread, int64_t delivery, bool *ret_gone,
                  struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE heard SET through_seq = coalesce((SELECT p.to_seq FROM delivery_part p "
                    "WHERE p.delivery = $3 AND p.thread = $2), through_seq), "
                    "missed_from = NULL, delivery = NULL "
                    "WHERE person = $1 AND thread = $2 AND delivery = $3 "
                    "AND EXISTS (SELECT 1 FROM delivery_state s "
                    "WHERE s.delivery = $3 AND s.state = $4 AND s.doubts > 0)"),
                db_int(person), db_int(thread), db_int(delivery), db_int(DELIVERY_HELD)))
        return false;
    *ret_gone = db_changes(db) > 0;
    return true;
}

struct part {
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;
    int64_t why;
};

static bool note_delivered(struct db *db, const struct heard_end *end, const struct part *part,
                           struct error *err)
{
    return db_run(
        db, err,
        SQL("UPDATE heard SET through_seq = CASE WHEN through_seq > $4 "
            "THEN through_seq ELSE $4 END, missed_from = NULL, put_off = NULL, delivery = NULL, "
            "left_at = coalesce($7, left_at), "
            "subject = coalesce(subject, $5), "
            "last_message_id = coalesce($6, last_message_id) "
            "WHERE person = $1 AND thread = $2 AND delivery = $3"),
        db_int(end->person), db_int(part->thread), db_int(end->delivery), db_int(part->to_seq),
        db_text(end->subject), db_text(end->message_id),
        db_int_or_null(end->delivered, end->now_ms));
}

/* What a digest owed had come to nothing: redacted, undone, not to be seen any more. */
static bool note_settled(struct db *db, const struct heard_end *end, const struct part *part,
                         struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE heard SET missed_from = NULL, put_off = NULL, delivery = NULL "
                      "WHERE person = $1 AND thread = $2 AND delivery = $3"),
                  db_int(end->person), db_int(part->thread), db_int(end->delivery));
}

static bool note_missed(struct db *db, const struct heard_end *end, const struct part *part,
                        struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE heard SET missed_from = CASE WHEN missed_from < $4 "
                      "THEN missed_from ELSE $4 END, delivery = NULL "
                      "WHERE person = $1 AND thread = $2 AND delivery = $3"),
                  db_int(end->person), db_int(part->thread), db_int(end->delivery),
                  db_int(part->from_seq));
}

/* The strictest deadline of several events ended the mail, or one of them was redacted: the others
 * are to be told still. */
static bool tell_the_rest(struct db *db, const struct heard_end *end, const struct part *part,
                          struct error *err)
{
    struct notice rest = { end->person, part->thread, 0, end->now_ms, end->urgent, part->why };
    bool is_late = end->deadline != 0 && end->deadline <= end->now_ms;
    bool found;

    if (!is_late && !end->tells_rest)
        return true;
    if (!db_find_int(db, err, &found, &rest.first_seq,
                     SQL("SELECT seq FROM event WHERE thread = $1 AND seq >= $2 AND seq <= $3 "
                         "AND silent = 0 AND redacted = 0 "
                         "AND (deadline IS NULL OR deadline > $4) ORDER BY seq LIMIT 1"),
                     db_int(part->thread), db_int(part->from_seq), db_int(part->to_seq),
                     db_int(end->now_ms)))
        return false;
    return !found || notice_put(db, &rest, err);
}

/* Of somebody who was suspended meanwhile the part waits for their summary. */
static bool suspend(struct db *db, const struct heard_end *end, const struct part *part,
                    struct error *err)
{
    const struct notice notice = {
        .person = end->person,
        .thread = part->thread,
        .first_seq = part->from_seq,
        .why = part->why,
    };

    return notice_suspend(db, &notice, err);
}

/* A mail that was let go has ended without being delivered. Its part can come before what follows
 * it, not behind what was told. */
static bool owe_let_go(struct db *db, const struct heard_end *end, const struct part *part,
                       struct error *err)
{
    const struct delivery_part owed = { part->thread, part->from_seq, part->to_seq, part->why };
    struct heard heard;
    bool found;

    if (!heard_find(db, end->person, part->thread, &heard, &found, err))
        return false;
    if (!found || heard.through_seq != part->to_seq)
        return true;
    if (heard.delivery != 0)
        return delivery_fold(db, heard.delivery, &owed, &found, err);
    return heard_owe(db, end->person, part->thread, part->from_seq, err) &&
           tell_the_rest(db, end, part, err) && suspend(db, end, part, err);
}

static bool miss(struct db *db, const struct heard_end *end, const struct part *part,
                 struct error *err)
{
    if (!note_missed(db, end, part, err))
        return false;
    if (db_changes(db) == 0)
        return !end->in_doubt || owe_let_go(db, end, part, err);
    return tell_the_rest(db, end, part, err) && suspend(db, end, part, err);
}

/* Of a digest that is delivered, what its thread's part does not reach. */
static bool owe_put_off(struct db *db, const struct heard_end *end, const struct part *part,
                        struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO heard (person, thread, made_seq, missed_from, put_off) "
                      "VALUES ($1, $2, CAST($3 AS BIGINT) - 1, $3, $4) "
                      "ON CONFLICT (person, thread) DO UPDATE SET put_off = excluded.put_off, "
                      "missed_from = CASE WHEN heard.missed_from < excluded.missed_from "
                      "THEN heard.missed_from ELSE excluded.missed_from END"),
                  db_int(end->person), db_int(part->thread), db_int(part->to_seq + 1),
                  db_int(end->digest));
}

/* `digest_to` is where the digest ends that has the part; 0: it is in none. */
static bool settle_part(struct db *db, const struct heard_end *end, const struct part *part,
                        int64_t digest_to, struct error *err)
{
    bool fine;

    if (part->thread == DELIVERY_PART_DIGEST)
        return digest_settle(db, end, part->to_seq, err);
    if (end->delivered || end->not_needed)
        fine = note_delivered(db, end, part, err);
    else if (end->is_digest && end->is_done)
        fine = note_settled(db, end, part, err);
    else
        fine = miss(db, end, part, err);
    if (fine && end->delivered && part->to_seq < digest_to)
        fine = owe_put_off(db, end, part, err);
    return fine && notice_wake(db, end->person, part->thread, end->now_ms, err);
}

enum { PARTS_AT_ONCE = 64 };

static bool read_parts(struct db *db, int64_t delivery, int64_t after, struct part *parts,
                       size_t *ret_count, struct error *err)
{
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT thread, from_seq, to_seq, why FROM delivery_part "
                     "WHERE delivery = $1 AND thread > $2 ORDER BY thread LIMIT $3"),
                 db_int(delivery), db_int(after), db_int(PARTS_AT_ONCE));

    if (rows == NULL)
        return false;
    while (count < PARTS_AT_ONCE && db_next(rows))
        parts[count++] = (struct part){ db_column_int(rows, 0), db_column_int(rows, 1),
                                        db_column_int(rows, 2), db_column_int(rows, 3) };
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

bool heard_settle(struct db *db, const struct heard_end *end, struct error *err)
{
    struct part parts[PARTS_AT_ONCE];
    size_t count = PARTS_AT_ONCE;
    int64_t after = -1;
    int64_t digest_to = 0;

    while (end->person != 0 && count == PARTS_AT_ONCE) {
        if (!read_parts(db, end->delivery, after, parts, &count, err))
            return error_wrap(err, "settling delivery %lld", (long long)end->delivery);
        for (size_t i = 0; i < count; i++) {
            if (parts[i].thread == DELIVERY_PART_DIGEST)
                digest_to = parts[i].to_seq;
            if (!settle_part(db, end, &parts[i], digest_to, err))
                return error_wrap(err, "settling delivery %lld", (long long)end->delivery);
            after = parts[i].thread;
        }
    }
    return true;
}
