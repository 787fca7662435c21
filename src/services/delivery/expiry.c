/*
 * A mail is late once the clock has passed its deadline: a leave granted at the deadline itself
 * still holds.
 */
#include "services/delivery/expiry.h"

#include "services/delivery/retry_schedule.h"
#include "store/deadline.h"

enum { SWEEP_MOST = 200 };

bool expiry_is_due(const struct settings *settings, const struct delivery_row *row, int64_t now_ms)
{
    return now_ms > retry_end(settings, row->stream, row->first_due, row->deadline);
}

bool expiry_end(struct db *db, struct delivery_row *row, int64_t now_ms, struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_EXPIRED,
                                            .reason = row->deadline != 0 && now_ms > row->deadline
                                                          ? "deadline"
                                                          : "too_old",
                                            .text = span_of(row->text),
                                            .now_ms = now_ms };
    bool done;

    return delivery_transition(db, row, &change, &done, err);
}

bool expiry_end_due(struct db *db, const struct settings *settings, int64_t delivery,
                    int64_t now_ms, bool *ret_waits, struct error *err)
{
    struct delivery_row row;
    bool found;

    if (!delivery_load(db, delivery, &row, &found, err))
        return error_wrap(err, "expiring");
    *ret_waits = false;
    if (!found || row.state == DELIVERY_SENDING || delivery_state_final(row.state))
        return true;
    *ret_waits = !expiry_is_due(settings, &row, now_ms);
    if (*ret_waits)
        return true;
    return expiry_end(db, &row, now_ms, err) ||
           error_wrap(err, "expiring delivery %lld", (long long)delivery);
}

bool expiry_sweep(struct db *db, const struct settings *settings, int64_t now_ms, bool *ret_more,
                  struct error *err)
{
    int64_t ids[SWEEP_MOST];
    struct deadline_page page = { .ids = ids, .room = SWEEP_MOST };
    struct deadline_walk walk;
    bool is_ahead;
    bool waits;

    if (!deadline_mark_read(db, &walk, err))
        return error_wrap(err, "sweeping deadlines");
    is_ahead = walk.deadline >= now_ms; /* the clock was set back: what lies between comes again */
    if (is_ahead)
        walk = (struct deadline_walk){ now_ms - 1, INT64_MAX };
    if (!deadline_each_past(db, now_ms, &walk, &page, err))
        return error_wrap(err, "sweeping deadlines");
    for (size_t i = 0; i < page.n; i++)
        if (!expiry_end_due(db, settings, ids[i], now_ms, &waits, err))
            return false;
    *ret_more = page.n == SWEEP_MOST;
    return (page.n == 0 && !is_ahead) || deadline_mark_put(db, &walk, err);
}
