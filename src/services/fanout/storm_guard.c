/*
 * Counting stops just beyond the limit, and nothing is counted for which there is none. Watches are
 * counted, not people: who watches an issue and its project is two, so the guard errs to the safe
 * side.
 */
#include "services/fanout/storm_guard.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "store/alarm.h"
#include "store/storm.h"

static bool count(struct db *db, const struct storm_limits *limits, const struct event *event,
                  const struct scope_list *scopes, struct storm_limits *counts, struct error *err)
{
    *counts = (struct storm_limits){ 0, 0 };
    return (limits->watches == 0 ||
            storm_count_watches(db, scopes, limits->watches + 1, &counts->watches, err)) &&
           (limits->directs == 0 ||
            storm_count_directs(db, event->seq, limits->directs + 1, &counts->directs, err));
}

bool storm_guard_ask(struct db *db, const struct storm_limits *limits, const struct event *event,
                     const struct scope_list *scopes, bool *ret_hold, struct error *err)
{
    struct storm_limits counts;

    *ret_hold = false;
    if (event->released != EVENT_NOT_RELEASED)
        return true;
    if (!count(db, limits, event, scopes, &counts, err))
        return false;
    *ret_hold = counts.watches > limits->watches || counts.directs > limits->directs;
    return true;
}

bool storm_guard_hold(struct db *db, const struct storm_limits *limits, struct event *event,
                      int64_t now_ms, struct error *err)
{
    CLEANUP(buf_fini) struct buf cause;
    CLEANUP(buf_fini) struct buf text;

    buf_init(&cause, EVENT_HELD_CAUSE_ROOM);
    buf_init(&text, 1000);
    event_held_cause(event->id, &cause);
    buf_printf(&text,
               "Event %lld would reach more people at once than watching.storm_watchers (%lld) or "
               "watching.storm_addressed (%lld) allow; nobody is told of it yet. See "
               "postroom event show %lld; then postroom event release %lld, or event redact.",
               (long long)event->id, (long long)limits->watches, (long long)limits->directs,
               (long long)event->id, (long long)event->id);
    log_warning("event-held", log_number("event", event->id));
    return event_hold(db, event, err) &&
           alarm_raise(db, ALARM_WARNING, buf_view(&cause), buf_view(&text), now_ms, err);
}
