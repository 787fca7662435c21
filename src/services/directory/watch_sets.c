/*
 * Many watches in one request, in one transaction, with counts.
 */
#include "services/directory/watch_sets.h"

#include <string.h>

#include "base/cleanup.h"
#include "services/directory/watch_json.h"
#include "services/directory/watches.h"
#include "services/request/answer.h"
#include "services/request/topic_wish.h"
#include "services/request/watch_wish.h"
#include "store/topic.h"
#include "store/watch.h"
#include "store/watch_history.h"

enum { BATCH = 500 };

static bool put_entry(json_t *array, struct db *db, const struct watch_entry *entry,
                      struct error *err)
{
    json_t *row = json_object();

    (void)json_array_append_new(array, row);
    if (!answer_topic(row, "topic", db, entry->watch.topic, err))
        return false;
    answer_moment(row, "at", entry->at);
    answer_text(row, "cause", entry->cause);
    if (!entry->ended)
        return watch_json_put(row, db, &entry->watch, err);
    answer_string(row, "mode", entry->refuses ? "ended for good" : "ended");
    return true;
}

bool watch_sets_history(struct db *db, const struct request *request, json_t **ret_answer,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_history history;
    struct page page;
    int64_t who;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "person after limit", err) ||
        !request_watcher(db, request, "person", &who, err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) ||
        !watch_history_read(db, &arena, who, page, &history, err))
        return false;
    array = json_array();
    *ret_answer = json_pack("{s:o}", "history", array);
    if (history.n == page.limit)
        answer_number(*ret_answer, "next", history.at[history.n - 1].id);
    for (size_t i = 0; i < history.n; i++)
        if (!put_entry(array, db, &history.at[i], err)) {
            json_decref(*ret_answer);
            return false;
        }
    return true;
}

/* One request about many watches. */
struct set {
    struct db *db;
    const struct request *request;
    bool is_dry;
    int64_t from;  /* whose watches are walked */
    int64_t to;    /* who is to have them too */
    int64_t under; /* a topic; 0: all */
    int64_t changed;
    int64_t kept;
};

typedef bool set_act(struct set *set, struct watch *watch, struct error *err);

static bool walk(struct set *set, set_act *act, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches = { .n = BATCH };
    struct page page = { 0, BATCH };

    arena_init(&arena);
    while (watches.n == BATCH) {
        arena_reset(&arena);
        if (!watch_page_of_person(set->db, &arena, set->from, page, &watches, err))
            return false;
        for (size_t i = 0; i < watches.n; i++) {
            page.after = watches.at[i].topic;
            if (!act(set, &watches.at[i], err))
                return false;
        }
    }
    return true;
}

static bool copy_one(struct set *set, struct watch *watch, struct error *err)
{
    int64_t now_ms = set->request->now_ms;
    enum watch_change change;
    struct watch old;
    bool found;

    if (watch->until != 0 && watch->until <= now_ms)
        return true;
    if (!watch_find(set->db, watch->topic, set->to, &old, &found, err))
        return false;
    if (found && (old.until == 0 || old.until > now_ms)) {
        set->kept++;
        return true;
    }
    set->changed++;
    watch->who = set->to;
    memcpy(watch->origin, WATCH_ORIGIN_MANUAL, sizeof WATCH_ORIGIN_MANUAL);
    return set->is_dry || watch_set(set->db, watch, "copied", now_ms, &change, err);
}

static json_t *counts_of(const struct set *set)
{
    json_t *answer = json_object();

    answer_number(answer, "changed", set->changed);
    answer_number(answer, "kept", set->kept);
    answer_flag(answer, "dry_run", set->is_dry);
    return answer;
}

static bool copy_to(struct set *set, struct span name, struct error *err)
{
    json_t *one = json_pack("{s:s%}", "person", name.at, name.n);
    struct request part = request_part(set->request, one);
    bool fine = request_watcher(set->db, &part, "person", &set->to, err) &&
                (set->to != set->from ||
                 error_set(err, ERROR_INVALID, "%.*s: copies from themselves", SPAN_ARGS(name))) &&
                walk(set, copy_one, err);

    json_decref(one);
    return fine || error_wrap(err, "people");
}

bool watch_sets_copy(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct set set = { .db = db, .request = request };
    struct span *people;
    size_t count;

    arena_init(&arena);
    if (!request_allow(request, "from people dry_run", err) ||
        !request_watcher(db, request, "from", &set.from, err) ||
        !request_texts(request, "people", &arena, &people, &count, err) ||
        !request_flag(request, "dry_run", false, &set.is_dry, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_INVALID, "people: names nobody");
    for (size_t i = 0; i < count; i++)
        if (!copy_to(&set, people[i], err))
            return false;
    *ret_answer = counts_of(&set);
    return true;
}

static bool is_under(struct set *set, int64_t topic, bool *ret_is, struct error *err)
{
    struct scope_list above = { .n = 0 };

    *ret_is = set->under == 0 || topic == set->under;
    if (*ret_is)
        return true;
    if (!scope_list_add(&above, topic, 0, err) || !topic_expand(set->db, &above, err))
        return false;
    *ret_is = scope_list_find(&above, set->under) != NULL;
    return true;
}

static bool end_one(struct set *set, struct watch *watch, struct error *err)
{
    enum watch_change change;
    bool is_meant;

    if (!is_under(set, watch->topic, &is_meant, err))
        return false;
    if (!is_meant) {
        set->kept++;
        return true;
    }
    set->changed++;
    watch->origin[0] = '\0';
    return set->is_dry || watch_remove(set->db, watch, request_way(set->request),
                                       set->request->now_ms, &change, err);
}

bool watch_sets_end(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    struct set set = { .db = db, .request = request };
    struct span under;

    if (!request_allow(request, "person under dry_run", err) ||
        !request_watcher(db, request, "person", &set.from, err) ||
        !request_text(request, "under", &under, err) ||
        (under.at != NULL && !request_topic(db, request, "under", &set.under, err)) ||
        !request_flag(request, "dry_run", false, &set.is_dry, err) || !walk(&set, end_one, err))
        return false;
    *ret_answer = counts_of(&set);
    return true;
}

enum { SET_MOST = 20000 }; /* watches in a request */

/* One of them: what the request says for all, of one person and topic. */
static bool set_one(struct set *set, struct span person, struct span topic, struct error *err)
{
    json_t *args = json_copy(set->request->args);
    struct request part = request_part(set->request, args);
    json_t *answer = NULL;
    bool fine;

    (void)json_object_del(args, "people");
    (void)json_object_del(args, "topics");
    (void)json_object_set_new(args, "person", json_stringn(person.at, person.n));
    (void)json_object_set_new(args, "topic", json_stringn(topic.at, topic.n));
    fine = watches_set(set->db, &part, &answer, err);
    if (fine && strcmp(json_string_value(json_object_get(answer, "change")), "changed") == 0)
        set->changed++;
    else
        set->kept++;
    json_decref(answer);
    json_decref(args);
    return fine || error_wrap(err, "%.*s, %.*s", SPAN_ARGS(span_first(person, 60)),
                              SPAN_ARGS(span_first(topic, 60)));
}

bool watch_sets_set(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct set set = { .db = db, .request = request };
    struct span *people;
    struct span *topics;
    size_t person_count;
    size_t topic_count;

    arena_init(&arena);
    if (!request_allow(request, "people topics mode kinds delay until origin", err) ||
        !request_texts(request, "people", &arena, &people, &person_count, err) ||
        !request_texts(request, "topics", &arena, &topics, &topic_count, err))
        return false;
    if (person_count == 0 || topic_count == 0)
        return error_set(err, ERROR_INVALID, "%s: names nothing",
                         person_count == 0 ? "people" : "topics");
    if (person_count > SET_MOST / topic_count)
        return error_set(err, ERROR_LIMIT, "people, topics: make more than %d watches", SET_MOST);
    for (size_t i = 0; i < person_count; i++)
        for (size_t k = 0; k < topic_count; k++)
            if (!set_one(&set, people[i], topics[k], err))
                return false;
    *ret_answer = counts_of(&set);
    (void)json_object_del(*ret_answer, "dry_run");
    return true;
}
