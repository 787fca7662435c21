/*
 * Lists and their members. What a list watches its members hear of, so who joins or leaves changes
 * what is told to them.
 */
#include "services/directory/lists.h"

#include "base/cleanup.h"
#include "domain/topic_key.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/plain_text.h"
#include "store/list_member.h"
#include "store/named_list.h"
#include "store/review.h"
#include "store/watch.h"

enum { LIST_TITLE_LIMIT = 200, LIST_BASIS_LIMIT = 500, LIST_ORIGIN_LIMIT = 60, PEOPLE_NAMED = 100 };

static bool find_list(struct db *db, const struct request *request, struct arena *arena,
                      struct named_list *ret_list, struct error *err)
{
    struct span name;

    return request_need_text(request, "list", &name, err) &&
           (named_list_need(db, arena, name, ret_list, err) || error_wrap(err, "list"));
}

static json_t *list_json(const struct named_list *list)
{
    json_t *object = json_object();

    answer_text(object, "list", list->name);
    answer_text(object, "title", list->title);
    answer_moment(object, "made", list->made_at);
    return object;
}

bool lists_new(struct db *db, const struct request *request, json_t **ret_answer, struct error *err)
{
    struct named_list list = { .id = 0 };

    if (!request_allow(request, "list title", err) ||
        !request_need_text(request, "list", &list.name, err) ||
        !request_text(request, "title", &list.title, err) ||
        !(list_name_check(list.name, err) || error_wrap(err, "list")) ||
        !plain_line_check(list.title, "title", LIST_TITLE_LIMIT, err) ||
        !named_list_make(db, &list, request->now_ms, err))
        return false;
    *ret_answer = list_json(&list);
    return true;
}

bool lists_list(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct named_list_page lists;
    struct page page;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) ||
        !named_list_page_read(db, &arena, page, &lists, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < lists.n; i++)
        (void)json_array_append_new(array, list_json(&lists.at[i]));
    *ret_answer = json_pack("{s:o}", "lists", array);
    if (lists.n == page.limit)
        answer_number(*ret_answer, "next", lists.at[lists.n - 1].id);
    return true;
}

static bool put_members(json_t *answer, struct db *db, const struct list_member_page *members,
                        struct error *err)
{
    json_t *array = json_array();

    answer_take(answer, "members", array);
    for (size_t i = 0; i < members->n; i++) {
        const struct list_member *member = &members->at[i];
        json_t *row = json_object();

        (void)json_array_append_new(array, row);
        if (!answer_person(row, "person", db, member->person, err))
            return false;
        answer_text(row, "basis", member->basis);
        answer_text(row, "origin", member->origin);
        answer_moment(row, "since", member->since);
        answer_moment(row, "left", member->left_at);
    }
    return true;
}

static bool put_page(json_t *answer, struct db *db, const struct request *request, int64_t list,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct list_member_page members;
    struct page page;
    bool past;

    arena_init(&arena);
    if (!request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) ||
        !request_flag(request, "past", false, &past, err) ||
        !(past ? list_member_page_past(db, &arena, list, page, &members, err)
               : list_member_page_read(db, &arena, list, page, &members, err)) ||
        !put_members(answer, db, &members, err))
        return false;
    if (members.n == page.limit)
        answer_number(answer, "next",
                      past ? members.at[members.n - 1].id : members.at[members.n - 1].person);
    return true;
}

static bool put_watches(json_t *answer, struct db *db, int64_t list, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches;
    json_t *array = json_array();

    arena_init(&arena);
    answer_take(answer, "watches", array);
    if (!watch_page_of_person(db, &arena, who_of_list(list), (struct page){ 0, REQUEST_PAGE },
                              &watches, err))
        return false;
    for (size_t i = 0; i < watches.n; i++) {
        json_t *row = json_object();

        (void)json_array_append_new(array, row);
        if (!answer_topic(row, "topic", db, watches.at[i].topic, err))
            return false;
        answer_string(row, "mode", watch_mode_name(watches.at[i].mode));
    }
    return true;
}

bool lists_show(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct named_list list;
    json_t *answer;

    arena_init(&arena);
    if (!request_allow(request, "list past after limit", err) ||
        !find_list(db, request, &arena, &list, err))
        return false;
    answer = list_json(&list);
    if (!put_watches(answer, db, list.id, err) || !put_page(answer, db, request, list.id, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

static bool end_watches(struct db *db, int64_t list, int64_t now_ms, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches = { .n = REQUEST_PAGE };
    enum watch_change change;

    arena_init(&arena);
    while (watches.n == REQUEST_PAGE) {
        if (!watch_page_of_person(db, &arena, who_of_list(list), (struct page){ 0, REQUEST_PAGE },
                                  &watches, err))
            return false;
        for (size_t i = 0; i < watches.n; i++) {
            watches.at[i].origin[0] = '\0';
            if (!watch_remove(db, &watches.at[i], "list removed", now_ms, &change, err))
                return false;
        }
    }
    return true;
}

/* Those on it hear nothing by it at once; they are taken off by and by. */
bool lists_remove(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct named_list list;
    int64_t members;

    arena_init(&arena);
    if (!request_allow(request, "list", err) || !find_list(db, request, &arena, &list, err) ||
        !end_watches(db, list.id, request->now_ms, err) ||
        !list_member_count(db, list.id, &members, err) ||
        !review_ask(db, REVIEW_ENDED, list.id, err) ||
        !named_list_retire(db, list.id, request->now_ms, err))
        return false;
    *ret_answer = list_json(&list);
    answer_flag(*ret_answer, "removed", true);
    answer_number(*ret_answer, "members", members);
    return true;
}

struct move {
    struct list_member member; /* but for the person */
    bool (*act)(struct db *db, const struct list_member *member, int64_t now_ms, bool *ret_changed,
                struct error *err);
};

static bool take(struct db *db, const struct list_member *member, int64_t now_ms, bool *ret_changed,
                 struct error *err)
{
    return list_member_remove(db, member->list, member->person, now_ms, ret_changed, err);
}

/* All or none: one nobody knows refuses the whole. */
static bool move_people(struct db *db, const struct request *request, struct arena *arena,
                        struct move *move, json_t *answer, struct error *err)
{
    struct span *people;
    size_t count;
    int64_t changed = 0;

    if (!request_texts(request, "people", arena, &people, &count, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_INVALID, "people: names nobody");
    for (size_t i = 0; i < count; i++) {
        struct person_reference reference;
        bool is_changed;

        if (!person_reference_read(people[i], &reference, err) ||
            !person_need(db, &reference, &move->member.person, err) ||
            !move->act(db, &move->member, request->now_ms, &is_changed, err))
            return error_wrap(err, "people: %.*s", SPAN_ARGS(span_first(people[i], PEOPLE_NAMED)));
        changed += is_changed;
    }
    answer_number(answer, "changed", changed);
    answer_number(answer, "unchanged", (int64_t)count - changed);
    return true;
}

static bool move_in(struct db *db, const struct request *request, struct arena *arena,
                    struct move *move, json_t **ret_answer, struct error *err)
{
    struct named_list list;
    json_t *answer;

    if (!find_list(db, request, arena, &list, err))
        return false;
    move->member.list = list.id;
    answer = list_json(&list);
    if (!move_people(db, request, arena, move, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

bool lists_add(struct db *db, const struct request *request, json_t **ret_answer, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct move move = { .act = list_member_add };

    arena_init(&arena);
    if (!request_allow(request, "list people basis origin", err) ||
        !request_text(request, "basis", &move.member.basis, err) ||
        !request_text(request, "origin", &move.member.origin, err) ||
        !plain_line_check(move.member.basis, "basis", LIST_BASIS_LIMIT, err) ||
        !plain_line_check(move.member.origin, "origin", LIST_ORIGIN_LIMIT, err))
        return false;
    if (move.member.origin.n == 0)
        move.member.origin = SPAN(WATCH_ORIGIN_MANUAL);
    return move_in(db, request, &arena, &move, ret_answer, err);
}

bool lists_take(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct move move = { .act = take };

    arena_init(&arena);
    return request_allow(request, "list people", err) &&
           move_in(db, request, &arena, &move, ret_answer, err);
}
