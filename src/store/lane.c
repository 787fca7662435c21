/*
 * The writing half of lanes. `waiting` counts what has not ended; `next_due` is never later than
 * the earliest retry row, and may be earlier until the dispatcher sets it right.
 */
#include "store/lane.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/db.h"

bool lane_enter(struct db *db, enum stream_id stream, struct span domain, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO lane (stream, domain, waiting, next_due) VALUES ($1, $2, 1, $3) "
                      "ON CONFLICT (stream, domain) DO UPDATE SET waiting = lane.waiting + 1"),
                  db_int(stream), db_text(domain), db_int(LANE_NEVER));
}

bool lane_leave(struct db *db, enum stream_id stream, struct span domain, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE lane SET waiting = waiting - 1 WHERE stream = $1 AND domain = $2"),
                  db_int(stream), db_text(domain));
}

enum { KEY_LIMIT = 300 };

void lane_tell(struct db *db, enum stream_id stream, struct span domain)
{
    CLEANUP(buf_fini) struct buf key;

    buf_init(&key, KEY_LIMIT);
    buf_printf(&key, "%d ", (int)stream);
    buf_put(&key, domain);
    db_tell(db, "lane", buf_view(&key));
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
                  SQL("UPDATE lane SET next_due = $3 "
                      "WHERE stream = $1 AND domain = $2 AND next_due > $3"),
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
