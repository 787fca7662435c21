/*
 * Parts that end before what is put off.
 */
#include "store/put_off.h"

#include "domain/watching.h"
#include "store/db.h"
#include "store/notice.h"

static bool is_digest(const struct delivery_row *row)
{
    return row->cause == CAUSE_DIGEST && row->cause_id != WATCH_NOW;
}

/* The thread gets a part of its own in a digest, if it has none yet. */
static bool add_part(struct db *db, const struct delivery_row *row, int64_t thread,
                     struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO delivery_part (delivery, thread, from_seq, to_seq, why) "
                      "SELECT delivery, CAST($2 AS BIGINT), from_seq, to_seq, why "
                      "FROM delivery_part WHERE delivery = $1 AND thread = $3 "
                      "ON CONFLICT (delivery, thread) DO NOTHING"),
                  db_int(row->id), db_int(thread), db_int(DELIVERY_PART_DIGEST));
}

static bool cut_part(struct db *db, const struct delivery_row *row, const struct letter_cut *cut,
                     struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE delivery_part SET to_seq = $3 "
                      "WHERE delivery = $1 AND thread = $2 AND to_seq > $3"),
                  db_int(row->id), db_int(cut->thread), db_int(cut->seq - 1));
}

static bool tell_later(struct db *db, const struct delivery_row *row, const struct letter_cut *cut,
                       struct error *err)
{
    const struct notice notice = { .person = row->person,
                                   .thread = cut->thread,
                                   .first_seq = cut->seq,
                                   .due_at = cut->until,
                                   .urgent = row->stream == STREAM_URGENT,
                                   .why = cut->why };

    return notice_widen(db, &notice, err);
}

bool put_off(struct db *db, const struct delivery_row *row, const struct letter *letter,
             struct error *err)
{
    for (size_t i = 0; i < letter->cut_count; i++) {
        const struct letter_cut *cut = &letter->cuts[i];

        if (is_digest(row) ? !add_part(db, row, cut->thread, err) : !tell_later(db, row, cut, err))
            return false;
        if (!cut_part(db, row, cut, err))
            return false;
    }
    return true;
}
