/*
 * A walk over the people of an event, in steps of a few looks each, so that a page costs the same
 * whatever the number of watchers.
 */
#include "services/inquiry/event_people.h"

#include "base/cleanup.h"
#include "services/inquiry/why_internal.h"
#include "services/request/answer.h"
#include "store/watch_facts.h"

enum { PEOPLE_A_PAGE = 100, PEOPLE_MOST = 1000 };

struct walk {
    struct db *db;
    int64_t now_ms;
    struct arena *arena;
    struct event event;
    struct audience_event audience;
    struct watching_lists lists;
    struct event_direct_list directs; /* by person */
    int64_t person;                   /* the last one */
    size_t limit;
};

static bool read_walk(struct walk *w, const struct request *request, struct error *err)
{
    int64_t id;
    int64_t limit;

    if (!request_allow(request, "id after limit", err) ||
        !request_integer(request, "id", 1, INT64_MAX, 0, &id, err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &w->person, err) ||
        !request_integer(request, "limit", 1, PEOPLE_MOST, PEOPLE_A_PAGE, &limit, err))
        return false;
    if (id == 0)
        return error_set(err, ERROR_INVALID, "id: is missing");
    w->limit = (size_t)limit;
    return event_load(w->db, w->arena, id, &w->event, err) &&
           audience_of_event(w->db, w->arena, &w->event, &w->audience, err) &&
           watching_lists_read(w->db, &w->audience.scopes, &w->lists, err) &&
           event_directs(w->db, w->arena, w->event.seq, &w->directs, err);
}

/* Moves to the next who watches or is addressed; 0 behind the last. */
static bool step(struct walk *w, struct error *err)
{
    int64_t after = w->person;

    if (!watch_next_person(w->db, &w->audience.scopes, &w->lists, after, &w->person, err))
        return false;
    for (size_t i = 0; i < w->directs.n; i++) {
        int64_t person = w->directs.at[i].person;

        if (person > after && (w->person == 0 || person < w->person))
            w->person = person;
    }
    return true;
}

static bool put_one(struct walk *w, struct arena *arena, json_t *people, json_t *counts,
                    struct error *err)
{
    json_t *row = json_object();
    const char *outcome;

    (void)json_array_append_new(people, row);
    if (!why_outcome(w->db, arena, &w->event, w->person, w->now_ms, &outcome, err) ||
        !answer_person(row, "person", w->db, w->person, err))
        return false;
    answer_string(row, "outcome", outcome);
    answer_number(counts, outcome, json_integer_value(json_object_get(counts, outcome)) + 1);
    return true;
}

static bool put_page(struct walk *w, json_t *answer, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    json_t *counts = json_object();
    json_t *people = json_array();
    int64_t last = w->person;

    arena_init(&arena);
    answer_number(answer, "event", w->event.id);
    answer_take(answer, "counts", counts);
    answer_take(answer, "people", people);
    for (;;) {
        if (!step(w, err))
            return false;
        if (w->person == 0)
            return true;
        if (json_array_size(people) == w->limit) {
            answer_number(answer, "next", last);
            return true;
        }
        arena_reset(&arena);
        if (!put_one(w, &arena, people, counts, err))
            return false;
        last = w->person;
    }
}

bool event_people(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct walk *walk;
    json_t *answer;

    arena_init(&arena);
    walk = ARENA_NEW(&arena, struct walk);
    walk->db = db;
    walk->arena = &arena;
    walk->now_ms = request->now_ms;
    if (!read_walk(walk, request, err))
        return false;
    answer = json_object();
    if (!put_page(walk, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
