/*
 * Watches and suppressions behind the buttons. Undoing reads the log of watches: what stood before
 * the last change is put back, if that change was made by a page.
 */
#include "web/public/button_act.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "store/suppression.h"
#include "store/watch_facts.h"
#include "store/watch_history.h"

#define AS_UNSUBSCRIBED "unsubscribed"

static struct db *db_of(const struct button_act_terms *t)
{
    return web_reader(t->call->web);
}

static struct arena *arena_of(const struct button_act_terms *t)
{
    return http_exchange_arena(t->call->exchange);
}

static struct watch named(const struct button_act_terms *t)
{
    return (struct watch){ .topic = t->button.topic,
                           .who = t->person->row.id,
                           .mode = WATCH_NOW,
                           .kinds = WATCH_ALL_KINDS,
                           .delay = -1 };
}

/* ---- watches ---- */

/* What the person and their lists watch of the topic now. */
struct standing {
    bool own;
    bool by_list;
    struct watch watch; /* their own, else one of a list, else one of everything */
};

static bool read_standing(const struct button_act_terms *t, struct standing *ret_standing,
                          struct error *err)
{
    struct standing s = { .watch = named(t) };
    struct watch_facts *facts = ARENA_NEW(arena_of(t), struct watch_facts);
    struct scope_list scopes = { .n = 0 };
    int64_t now_ms = web_now_ms(t->call->web);

    if (!scope_list_add(&scopes, t->button.topic, 0, err) ||
        !watch_facts_now(db_of(t), t->person->row.id, &scopes, facts, err))
        return false;
    for (size_t i = 0; i < facts->n && !s.own; i++) {
        const struct watch_fact *fact = &facts->at[i];

        if (fact->until != 0 && fact->until <= now_ms)
            continue;
        s.own = fact->list == 0;
        s.by_list = s.by_list || !s.own;
        s.watch.mode = fact->mode;
        s.watch.kinds = fact->kinds;
        s.watch.delay = s.own ? fact->delay : -1;
        s.watch.until = s.own ? fact->until : 0;
    }
    for (size_t i = 0; i < facts->n; i++)
        s.by_list = s.by_list || facts->at[i].list != 0;
    *ret_standing = s;
    return true;
}

static bool is_as_wanted(enum button_act act, const struct standing *s)
{
    switch (act) {
    case BUTTON_MUTE:
        return s->own && s->watch.mode == WATCH_MUTE;
    case BUTTON_STOP:
        return s->own ? s->watch.mode == WATCH_MUTE : !s->by_list;
    case BUTTON_DAILY:
        return s->own && s->watch.mode == WATCH_DAILY;
    case BUTTON_UNSUBSCRIBE:
        break;
    }
    return false;
}

/* The person by number, the topic by key, as commands name them. */
static json_t *names_of(const struct button_act_terms *t)
{
    return json_pack("{s:o, s:s%}", "person", json_sprintf("#%lld", (long long)t->person->row.id),
                     "topic", t->key.at, t->key.n);
}

static bool plan_watch(const struct button_act_terms *t, const struct watch *watch,
                       struct page_plan *plan, struct error *err)
{
    json_t *args = names_of(t);

    answer_string(args, "mode", watch_mode_name(watch->mode));
    answer_moment(args, "until", watch->until);
    if (watch->mode != WATCH_MUTE)
        answer_duration(args, "delay", watch->delay);
    if (watch->mode != WATCH_MUTE && !answer_kinds(args, "kinds", db_of(t), watch->kinds, err)) {
        json_decref(args);
        return false;
    }
    page_plan_add(plan, "watch", args);
    return true;
}

static bool plan_mode(const struct button_act_terms *t, const struct standing *s,
                      enum watch_mode mode, struct page_plan *plan, struct error *err)
{
    struct watch wish = s->watch;

    wish.mode = mode;
    if (mode == WATCH_MUTE || s->watch.mode == WATCH_MUTE)
        wish.until = 0;
    if (s->watch.mode == WATCH_MUTE)
        wish.kinds = WATCH_ALL_KINDS;
    return plan_watch(t, &wish, plan, err);
}

/* Whom a list makes watch it has a mute of their own stand before that. */
static bool plan_watching(const struct button_act_terms *t, const struct standing *s,
                          struct page_plan *plan, struct error *err)
{
    if (t->button.act != BUTTON_STOP || s->by_list)
        return plan_mode(t, s, t->button.act == BUTTON_DAILY ? WATCH_DAILY : WATCH_MUTE, plan, err);
    page_plan_add(plan, "unwatch", names_of(t));
    return true;
}

bool button_plan_mode(const struct button_act_terms *t, enum watch_mode mode,
                      struct page_plan *plan, struct error *err)
{
    struct standing standing;

    return read_standing(t, &standing, err) &&
           ((!standing.own && !standing.by_list) || plan_mode(t, &standing, mode, plan, err));
}

static bool read_last(const struct button_act_terms *t, struct watch_history *ret_last,
                      struct error *err)
{
    const struct watch watch = named(t);

    return watch_history_last(db_of(t), arena_of(t), &watch, 2, ret_last, err);
}

static bool is_ours(const struct watch_history *last)
{
    return last->n > 0 && span_equal(last->at[0].cause, SPAN("page"));
}

/* What stood before is put back. Where nothing did, the watch ends as one of a rule ends: a rule
 * may begin it again. */
static bool plan_back(const struct button_act_terms *t, const struct watch_history *last,
                      struct page_plan *plan, struct error *err)
{
    json_t *args;

    if (last->n > 1 && !last->at[1].ended)
        return plan_watch(t, &last->at[1].watch, plan, err);
    if (last->at[0].ended)
        return true;
    args = names_of(t);
    if (last->n < 2 || !last->at[1].refuses)
        answer_string(args, "origin", last->at[0].watch.origin);
    page_plan_add(plan, "unwatch", args);
    return true;
}

/* ---- suppressions ---- */

static struct span scope_of(const struct button_act_terms *t)
{
    return t->button.topic == 0 ? SPAN(SUPPRESSION_OF_TOPICS) : t->key;
}

static bool find_bar(const struct button_act_terms *t, size_t address, bool *ret_found,
                     struct error *err)
{
    const struct suppression_key key = { span_of(t->person->addresses[address].normal),
                                         scope_of(t) };
    int64_t now_ms = web_now_ms(t->call->web);
    struct suppression bar;

    if (!suppression_find(db_of(t), arena_of(t), &key, &bar, ret_found, err))
        return false;
    *ret_found = *ret_found && span_equal(bar.reason, SPAN(AS_UNSUBSCRIBED)) &&
                 (bar.until == 0 || bar.until > now_ms);
    return true;
}

/* Adds the request for each address that has such a suppression, or has none. */
static bool plan_bars(const struct button_act_terms *t, bool wanted, struct page_plan *plan,
                      struct error *err)
{
    for (size_t i = 0; i < t->person->address_count; i++) {
        bool found;
        json_t *args;

        if (!find_bar(t, i, &found, err))
            return false;
        if (found == wanted)
            continue;
        args = json_pack("{s:s, s:s%}", "target", t->person->addresses[i].normal, "scope",
                         scope_of(t).at, scope_of(t).n);
        if (wanted)
            answer_string(args, "reason", AS_UNSUBSCRIBED);
        page_plan_add(plan, wanted ? "suppress.add" : "suppress.rm", args);
    }
    return true;
}

static bool read_bars(const struct button_act_terms *t, struct button_state *state,
                      struct error *err)
{
    for (size_t i = 0; i < t->person->address_count && !state->done; i++)
        if (!find_bar(t, i, &state->done, err))
            return false;
    state->undo = state->done;
    return true;
}

/* ---- both ---- */

bool button_state_read(const struct button_act_terms *t, struct button_state *ret_state,
                       struct error *err)
{
    struct button_state state = { .done = false };
    struct standing standing;
    struct watch_history last;

    if (t->button.act == BUTTON_UNSUBSCRIBE) {
        if (!read_bars(t, &state, err))
            return false;
    } else {
        if (!read_standing(t, &standing, err) || !read_last(t, &last, err))
            return false;
        state.done = is_as_wanted(t->button.act, &standing);
        if (state.done && is_ours(&last))
            state.undo = last.at[0].id;
    }
    *ret_state = state;
    return true;
}

bool button_plan_press(const struct button_act_terms *t, struct page_plan *plan, struct error *err)
{
    struct standing standing;

    if (t->button.act == BUTTON_UNSUBSCRIBE)
        return plan_bars(t, true, plan, err);
    return read_standing(t, &standing, err) &&
           (is_as_wanted(t->button.act, &standing) || plan_watching(t, &standing, plan, err));
}

bool button_plan_undo(const struct button_act_terms *t, int64_t undo, struct page_plan *plan,
                      struct error *err)
{
    struct watch_history last;

    if (t->button.act == BUTTON_UNSUBSCRIBE)
        return plan_bars(t, false, plan, err);
    if (!read_last(t, &last, err))
        return false;
    return !is_ours(&last) || last.at[0].id != undo || plan_back(t, &last, plan, err);
}
