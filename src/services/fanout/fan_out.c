/*
 * From an event to notices. Whoever replays a step, after a crash or a rollback, writes nothing
 * twice: a notice is one row by person and thread, and what has become a mail is known by
 * heard.made_seq.
 */
#include "services/fanout/fan_out.h"

#include "base/cleanup.h"
#include "base/span.h"
#include "services/fanout/storm_guard.h"
#include "store/db.h"
#include "store/fan.h"
#include "store/thread_window.h"

/* So many are told one by one at once; more are walked in slices with all the others. */
enum { FEW = 200 };

struct work {
    struct db *db;
    const struct fan_out_terms *terms;
    struct arena *arena;
    struct event event;
    struct audience_event audience;
    struct watching_lists lists;
    struct fan fan;
};

/* Everybody else has a notice already: the window's actor was left out of it, and being addressed
 * is not in its shape. */
static bool tell_the_few(struct work *w, const struct event_direct_list *directs, int64_t left_out,
                         struct error *err)
{
    int64_t sum = 0;
    int64_t told = 0;

    if (left_out != 0 && !fan_slice(w->db, &w->fan, left_out - 1, left_out, &sum, err))
        return false;
    for (size_t i = 0; i < directs->n; i++) {
        int64_t person = directs->at[i].person;

        if (!fan_slice(w->db, &w->fan, person - 1, person, &told, err))
            return false;
        sum += told;
    }
    return fan_advance(w->db, &w->event, FAN_DONE, INT64_MAX, sum, err);
}

static bool tell_slice(struct work *w, struct error *err)
{
    int64_t after = w->event.fan_cursor;
    int64_t end;
    int64_t told;

    if (!fan_slice_end(w->db, &w->fan, after, w->terms->people, &end, err) ||
        !fan_slice(w->db, &w->fan, after, end, &told, err))
        return false;
    if (end < INT64_MAX)
        return fan_advance(w->db, &w->event, FAN_UNDER_WAY, end, told, err);
    return fan_advance(w->db, &w->event, FAN_DONE, end, told, err) &&
           thread_window_complete(w->db, &w->event, err);
}

static bool begin(struct work *w, struct error *err)
{
    struct event_direct_list directs;
    struct thread_shape shape;
    bool covers;
    bool held;
    int64_t left_out;

    if (w->event.redacted)
        return fan_advance(w->db, &w->event, FAN_NOBODY, 0, 0, err);
    if (!storm_guard_ask(w->db, &w->terms->storm, &w->event, &w->audience.scopes, &held, err))
        return false;
    if (held)
        return storm_guard_hold(w->db, &w->terms->storm, &w->event, w->terms->now_ms, err);
    if (w->event.deadline != 0 && w->event.deadline <= w->terms->now_ms)
        return fan_advance(w->db, &w->event, FAN_NOBODY, 0, 0, err);
    if (!thread_window_shape(w->db, &w->event, &w->audience, &shape, err) ||
        !thread_window_covers(w->db, &w->event, &shape, &covers, &left_out, err))
        return false;
    if (covers && !event_directs(w->db, w->arena, w->event.seq, &directs, err))
        return false;
    if (covers && directs.n <= FEW)
        return tell_the_few(w, &directs, left_out, err);
    return thread_window_begin(w->db, &w->event, &w->audience, &shape, err) && tell_slice(w, err);
}

static bool work_on(struct work *w, int64_t seq, struct error *err)
{
    if (!event_load_seq(w->db, w->arena, seq, &w->event, err) ||
        !audience_of_event(w->db, w->arena, &w->event, &w->audience, err) ||
        !watching_lists_read(w->db, &w->audience.scopes, &w->lists, err))
        return false;
    w->fan = (struct fan){ .event = &w->event,
                           .audience = &w->audience,
                           .lists = &w->lists,
                           .now_ms = w->terms->now_ms,
                           .window = w->terms->window,
                           .urgent_window = w->terms->urgent_window,
                           .busy_window = w->terms->busy_window,
                           .busy_time = w->terms->busy_time };
    if (w->event.released == EVENT_RELEASED_LATER)
        w->fan.wait = NOTICE_WAIT_DIGEST; /* until when, each notice's turn finds out */
    if (!(w->event.fan_state == FAN_WAITING ? begin(w, err) : tell_slice(w, err)))
        return false;
    db_tell(w->db, "notice", SPAN(""));
    return true;
}

bool fan_out_later(struct db *db, int64_t now_ms, int64_t *ret_next, struct error *err)
{
    struct event event = { .id = 0 };
    int64_t at;

    if (!event_later_find(db, &event.id, &at, err))
        return false;
    *ret_next = event.id != 0 ? at : 0;
    event.seq = -event.id;
    return event.id == 0 || at > now_ms || event_enter(db, &event, now_ms, err);
}

bool fan_out_step(struct db *db, const struct fan_out_terms *terms, int64_t *io_last,
                  bool *ret_idle, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct work work = { .db = db, .terms = terms, .arena = &arena };
    int64_t seq;

    arena_init(&arena);
    if (!fan_next(db, *io_last, &seq, err))
        return error_wrap(err, "fan-out");
    *ret_idle = seq == 0;
    if (seq == 0)
        return true;
    *io_last = seq;
    return work_on(&work, seq, err) || error_wrap(err, "fan-out of seq %lld", (long long)seq);
}
