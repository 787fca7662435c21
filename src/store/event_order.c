/*
 * An event's seq is in four tables; they change together.
 */
#include "store/event_order.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "store/alarm.h"
#include "store/db.h"
#include "store/event.h"

static bool move(struct db *db, struct event *event, int64_t seq, struct error *err)
{
    if (!db_run(db, err, SQL("UPDATE event SET seq = $2 WHERE id = $1"), db_int(event->id),
                db_int(seq)) ||
        !db_run(db, err, SQL("UPDATE event_scope SET seq = $2 WHERE seq = $1"), db_int(event->seq),
                db_int(seq)) ||
        !db_run(db, err, SQL("UPDATE event_change SET seq = $2 WHERE seq = $1"), db_int(event->seq),
                db_int(seq)) ||
        !db_run(db, err, SQL("UPDATE event_direct SET seq = $2 WHERE seq = $1"), db_int(event->seq),
                db_int(seq)))
        return error_wrap(err, "event %lld", (long long)event->id);
    event->seq = seq;
    return true;
}

bool event_enter(struct db *db, struct event *event, int64_t now_ms, struct error *err)
{
    int64_t seq;

    if (!db_next_id(db, "event_seq", &seq, err) || !move(db, event, seq, err) ||
        !db_run(db, err,
                SQL("UPDATE event SET fan_state = $2, fan_cursor = 0, taken_at = $3 "
                    "WHERE id = $1"),
                db_int(event->id), db_int(FAN_WAITING), db_int(now_ms)))
        return error_wrap(err, "event %lld", (long long)event->id);
    event->fan_state = FAN_WAITING;
    event->fan_cursor = 0;
    event->taken_at = now_ms;
    db_tell(db, "event", SPAN(""));
    return event_tell(db, event, "taken", now_ms, err);
}

bool event_hold(struct db *db, struct event *event, struct error *err)
{
    if (!move(db, event, -event->id, err) ||
        !db_run(db, err, SQL("UPDATE event SET fan_state = $2 WHERE id = $1"), db_int(event->id),
                db_int(FAN_HELD)))
        return error_wrap(err, "event %lld", (long long)event->id);
    event->fan_state = FAN_HELD;
    return true;
}

void event_held_cause(int64_t event, struct buf *to)
{
    buf_printf(to, "event-held %lld", (long long)event);
}

bool event_unheld(struct db *db, int64_t event, int64_t now_ms, struct error *err)
{
    CLEANUP(buf_fini) struct buf cause;

    buf_init(&cause, EVENT_HELD_CAUSE_ROOM);
    event_held_cause(event, &cause);
    return alarm_end(db, buf_view(&cause), now_ms, err);
}

bool event_release(struct db *db, struct event *event, enum event_release how, int64_t now_ms,
                   struct error *err)
{
    event->released = how;
    if (how == EVENT_RELEASED_LATER)
        event->urgent = false;
    return db_run(db, err, SQL("UPDATE event SET released = $2, urgent = $3 WHERE id = $1"),
                  db_int(event->id), db_int(how), db_int(event->urgent)) &&
           event_unheld(db, event->id, now_ms, err) && event_enter(db, event, now_ms, err);
}

bool event_entered_at(struct db *db, int64_t seq, int64_t *ret_at, struct error *err)
{
    int64_t at = 0;
    bool found;

    if (!db_find_int(db, err, &found, &at, SQL("SELECT taken_at FROM event WHERE seq = $1"),
                     db_int(seq)))
        return false;
    *ret_at = found ? at : 0;
    return true;
}

bool event_later_find(struct db *db, int64_t *ret_id, int64_t *ret_at, struct error *err)
{
    int64_t id = 0;
    int64_t at = 0;
    bool found;

    if (!db_find_int(db, err, &found, &id,
                     SQL("SELECT id FROM event WHERE fan_state = 4 AND not_before > $1 "
                         "ORDER BY not_before LIMIT 1"),
                     db_int(0)) ||
        (found && !db_find_int(db, err, &found, &at,
                               SQL("SELECT not_before FROM event WHERE id = $1"), db_int(id))))
        return error_wrap(err, "events to come");
    *ret_id = found ? id : 0;
    *ret_at = at;
    return true;
}
