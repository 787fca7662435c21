/*
 * One step is whole in the ledger's transaction: the event and the next time. The event's key
 * holds the time in UTC, so that no replay and no clock makes it twice.
 */
#include "services/intake/recurrence_turn.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "services/intake/event_draft.h"
#include "services/intake/event_take.h"
#include "services/intake/recurrence_plan.h"
#include "store/alarm.h"
#include "store/db.h"

/* Later than that a time is missed. */
#define LATE_MS INT64_C(900000)

enum { NAMES_LIMIT = 300 };

struct turn {
    struct db *db;
    const struct settings *settings;
    int64_t now_ms;
    struct arena *arena;
    struct recurrence_row row;
    struct recurrence_plan plan;
};

static bool take_event(const struct turn *t, int64_t at, struct error *err)
{
    CLEANUP(buf_fini) struct buf names; /* the key, a NUL, who asks */
    struct event_defaults defaults = { .at = at };
    struct request request = { .now_ms = t->now_ms, .settings = t->settings };
    int64_t event;
    bool ok;

    buf_init(&names, NAMES_LIMIT);
    buf_printf(&names, "recur/%.*s/", SPAN_ARGS(t->row.name));
    text_put_time(&names, at);
    defaults.key = arena_copy(t->arena, buf_view(&names));
    buf_clear(&names);
    buf_printf(&names, "recur %.*s", SPAN_ARGS(t->row.name));
    request.by = buf_text(&names);
    if (!event_json_load(t->row.event, event_json_limit(t->settings), &request.args, err))
        return false;
    ok = event_take(t->db, &request, &defaults, &event, err);
    json_decref(request.args);
    return ok;
}

static struct span alarm_cause(const struct turn *t)
{
    CLEANUP(buf_fini) struct buf cause;

    buf_init(&cause, NAMES_LIMIT);
    buf_printf(&cause, "recurrence-refused %.*s", SPAN_ARGS(t->row.name));
    return arena_copy(t->arena, buf_view(&cause));
}

/* The same time of a recurrence of the same name, which is gone, was told already. */
static bool note_refusal(struct turn *t, int64_t at, const struct error *refusal, struct error *err)
{
    t->row.problem = arena_copy(t->arena, span_of(refusal->text));
    log_warning("recurrence-refused", log_span("recurrence", t->row.name), log_number("at", at),
                log_text("reason", refusal->text));
    return alarm_raise(t->db, ALARM_WARNING, alarm_cause(t), t->row.problem, t->now_ms, err);
}

static bool note_success(struct turn *t, struct error *err)
{
    bool was_wrong = t->row.problem.at != NULL;

    t->row.problem = (struct span){ NULL, 0 };
    return !was_wrong || alarm_end(t->db, alarm_cause(t), t->now_ms, err);
}

static bool tell(struct turn *t, int64_t at, struct error *err)
{
    struct error refusal;

    if (!db_savepoint(t->db, err))
        return false;
    if (take_event(t, at, &refusal))
        return db_release(t->db, err) && note_success(t, err);
    if (!event_take_is_refusal(refusal.kind)) {
        *err = refusal;
        return false;
    }
    return db_rollback_to_savepoint(t->db, err) &&
           (refusal.kind == ERROR_CONFLICT || note_refusal(t, at, &refusal, err));
}

static size_t times_told(const struct turn *t)
{
    return t->row.catch_up == CATCH_UP_ALL ? RECURRENCE_DUE_MOST : 1;
}

static bool step(struct turn *t, struct error *err)
{
    int64_t times[RECURRENCE_DUE_MOST];
    size_t n = recurrence_plan_due(&t->plan, t->row.next_at, t->now_ms, times_told(t), times);
    bool missed = n > 0 && times[0] < t->now_ms - LATE_MS;

    if (n > 0 && !(missed && t->row.catch_up == CATCH_UP_SKIP) && !tell(t, times[0], err))
        return false;
    t->row.last_at = n > 0 ? times[0] : t->row.next_at;
    t->row.next_at = recurrence_plan_next(&t->plan, n > 0 ? times[0] : t->now_ms);
    return recurrence_row_move(t->db, &t->row, err);
}

/* Its rule was read when it was added; its zone may be gone since. */
static bool stop_broken(struct turn *t, const struct error *why, struct error *err)
{
    struct error refusal = *why;

    if (!note_refusal(t, t->row.next_at, &refusal, err))
        return false;
    t->row.last_at = t->row.next_at;
    t->row.next_at = 0;
    return recurrence_row_move(t->db, &t->row, err);
}

bool recurrence_turn(struct db *db, const struct settings *settings, int64_t now_ms, bool *ret_any,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct turn t = { .db = db, .settings = settings, .now_ms = now_ms, .arena = &arena };
    struct error broken;
    bool ok;

    arena_init(&arena);
    if (!recurrence_row_due(db, &arena, now_ms, &t.row, ret_any, err))
        return false;
    if (!*ret_any)
        return true;
    ok = recurrence_plan_open(&t.row, &t.plan, &broken) ? step(&t, err)
                                                        : stop_broken(&t, &broken, err);
    recurrence_plan_close(&t.plan);
    return ok || error_wrap(err, "recurrence %.*s", SPAN_ARGS(t.row.name));
}

static bool go_back(struct turn *t, struct error *err)
{
    struct error broken;
    bool is_open = recurrence_plan_open(&t->row, &t->plan, &broken);

    t->row.last_at = t->now_ms;
    if (is_open)
        t->row.next_at = recurrence_plan_next(&t->plan, t->now_ms);
    recurrence_plan_close(&t->plan);
    return recurrence_row_move(t->db, &t->row, err);
}

bool recurrence_turn_back(struct db *db, int64_t now_ms, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct turn t = { .db = db, .now_ms = now_ms, .arena = &arena };
    bool any = true;

    arena_init(&arena);
    while (any) {
        if (!recurrence_row_ahead(db, &arena, now_ms, &t.row, &any, err) ||
            (any && !go_back(&t, err)))
            return error_wrap(err, "recurrences");
    }
    return true;
}
