/*
 * Rows of heard. made_seq only grows: it keeps a replayed fan-out from mailing twice.
 */
#include "store/heard.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/notice.h"

bool heard_find(struct db *db, int64_t person, int64_t thread, struct heard *ret_heard,
                bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT made_seq, through_seq, missed_from, delivery FROM heard "
                     "WHERE person = $1 AND thread = $2"),
                 db_int(person), db_int(thread));

    *ret_heard = (struct heard){ 0 };
    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_heard = (struct heard){ db_column_int(rows, 0), db_column_int(rows, 1),
                                     db_column_int(rows, 2), db_column_int(rows, 3) };
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

struct part {
    int64_t person;
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;
    int64_t why;
    int64_t deadline; /* of the delivery; 0: none */
    bool urgent;
};

static bool note_delivered(struct db *db, int64_t delivery, const struct part *part,
                           const struct heard_end *end, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE heard SET through_seq = CASE WHEN through_seq > $4 "
                      "THEN through_seq ELSE $4 END, missed_from = NULL, delivery = NULL, "
                      "subject = coalesce(subject, $5), last_message_id = $6 "
                      "WHERE person = $1 AND thread = $2 AND delivery = $3"),
                  db_int(part->person), db_int(part->thread), db_int(delivery),
                  db_int(part->to_seq), db_text(end->subject), db_text(end->message_id));
}

static bool note_missed(struct db *db, int64_t delivery, const struct part *part, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE heard SET missed_from = CASE WHEN missed_from < $4 "
                      "THEN missed_from ELSE $4 END, delivery = NULL "
                      "WHERE person = $1 AND thread = $2 AND delivery = $3"),
                  db_int(part->person), db_int(part->thread), db_int(delivery),
                  db_int(part->from_seq));
}

/* The strictest deadline of several events ended the mail: the others are not stale yet. */
static bool tell_the_rest(struct db *db, const struct part *part, int64_t now_ms, struct error *err)
{
    struct notice rest = { part->person, part->thread, 0, now_ms, part->urgent, part->why };
    bool found;

    if (part->deadline == 0 || part->deadline > now_ms)
        return true;
    if (!db_find_int(db, err, &found, &rest.first_seq,
                     SQL("SELECT seq FROM event WHERE thread = $1 AND seq >= $2 AND seq <= $3 "
                         "AND silent = 0 AND redacted = 0 "
                         "AND (deadline IS NULL OR deadline > $4) ORDER BY seq LIMIT 1"),
                     db_int(part->thread), db_int(part->from_seq), db_int(part->to_seq),
                     db_int(now_ms)))
        return false;
    return !found || notice_put(db, &rest, err);
}

static bool settle_part(struct db *db, int64_t delivery, const struct part *part,
                        const struct heard_end *end, struct error *err)
{
    if (end->delivered ? !note_delivered(db, delivery, part, end, err)
                       : !note_missed(db, delivery, part, err))
        return false;
    if (!end->delivered && db_changes(db) > 0 && !tell_the_rest(db, part, end->now_ms, err))
        return false;
    return notice_wake(db, part->person, part->thread, end->now_ms, err);
}

enum { PARTS_AT_ONCE = 64 };

static bool read_parts(struct db *db, int64_t delivery, int64_t after, struct part *parts,
                       size_t *ret_count, struct error *err)
{
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.person, p.thread, p.from_seq, p.to_seq, p.why, d.deadline, "
                     "d.stream FROM delivery d JOIN delivery_part p ON p.delivery = d.id "
                     "WHERE d.id = $1 AND p.thread > $2 AND d.person IS NOT NULL "
                     "ORDER BY p.thread LIMIT $3"),
                 db_int(delivery), db_int(after), db_int(PARTS_AT_ONCE));

    if (rows == NULL)
        return false;
    while (count < PARTS_AT_ONCE && db_next(rows))
        parts[count++] = (struct part){ db_column_int(rows, 0),     db_column_int(rows, 1),
                                        db_column_int(rows, 2),     db_column_int(rows, 3),
                                        db_column_int(rows, 4),     db_column_int(rows, 5),
                                        db_column_int(rows, 6) == 0 };
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

bool heard_settle(struct db *db, int64_t delivery, const struct heard_end *end, struct error *err)
{
    struct part parts[PARTS_AT_ONCE];
    size_t count;
    int64_t after = 0;

    do {
        if (!read_parts(db, delivery, after, parts, &count, err))
            return error_wrap(err, "settling delivery %lld", (long long)delivery);
        for (size_t i = 0; i < count; i++) {
            if (!settle_part(db, delivery, &parts[i], end, err))
                return error_wrap(err, "settling delivery %lld", (long long)delivery);
            after = parts[i].thread;
        }
    } while (count == PARTS_AT_ONCE);
    return true;
}
