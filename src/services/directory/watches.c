/*
 * Who hears of what.
 */
#include "services/directory/watches.h"

#include <string.h>

#include "base/cleanup.h"
#include "services/directory/watch_json.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/topic_wish.h"
#include "services/request/watch_wish.h"
#include "store/watch.h"

static bool answer_with(struct db *db, const struct watch *watch, const char *change,
                        json_t **ret_answer, struct error *err)
{
    json_t *answer = json_object();

    if (!answer_person(answer, "person", db, watch->who, err) ||
        !answer_topic(answer, "topic", db, watch->topic, err) ||
        !watch_json_put(answer, db, watch, err)) {
        json_decref(answer);
        return false;
    }
    answer_string(answer, "change", change);
    *ret_answer = answer;
    return true;
}

static bool need_topic(const struct watch_wish *wish, struct error *err)
{
    return wish->has_topic || error_set(err, ERROR_INVALID, "topic: is missing");
}

static const char *change_name(enum watch_change change)
{
    switch (change) {
    case WATCH_CHANGED:
        return "changed";
    case WATCH_UNCHANGED:
        return "unchanged";
    case WATCH_KEPT:
        return "kept";
    }
    return "unchanged";
}

static bool find_watcher(struct db *db, struct watch_wish *wish, struct error *err)
{
    if (!watch_wish_names_person(wish))
        return watch_wish_find_other(db, wish, err);
    return person_need(db, &wish->person, &wish->watch.who, err) || error_wrap(err, "person");
}

/* A command is a wish by hand, unless it says otherwise. */
static bool read_wish(struct db *db, const struct request *request, struct arena *arena,
                      struct watch_wish *wish, struct error *err)
{
    if (!request_allow(request, WATCH_WISH_FIELDS, err) ||
        !watch_wish_read(request, arena, wish, err) || !need_topic(wish, err) ||
        !watch_wish_mask(db, wish, true, &wish->watch.kinds, err))
        return false;
    return find_watcher(db, wish, err);
}

bool watches_set(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_wish wish;
    struct topic_done topic;
    enum watch_change change;

    arena_init(&arena);
    if (!read_wish(db, request, &arena, &wish, err) ||
        !topic_ensure(db, wish.topic, false, request->now_ms, &topic, err))
        return false;
    wish.watch.topic = topic.id;
    if (wish.watch.origin[0] == '\0')
        memcpy(wish.watch.origin, WATCH_ORIGIN_MANUAL, sizeof WATCH_ORIGIN_MANUAL);
    if (!watch_wish_complete(db, &wish, request->now_ms, err) ||
        !watch_set(db, &wish.watch, request_way(request), request->now_ms, &change, err) ||
        !answer_with(db, &wish.watch, change_name(change), ret_answer, err))
        return false;
    answer_flag(*ret_answer, "topic_made", topic.made);
    return true;
}

bool watches_remove(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_wish wish;
    struct watch old;
    enum watch_change change;
    bool found;

    arena_init(&arena);
    if (!request_allow(request, "person topic origin", err) ||
        !watch_wish_read(request, &arena, &wish, err) || !need_topic(&wish, err) ||
        !find_watcher(db, &wish, err) || !topic_need(db, wish.topic, &wish.watch.topic, err) ||
        !watch_find(db, wish.watch.topic, wish.watch.who, &old, &found, err) ||
        !watch_remove(db, &wish.watch, request_way(request), request->now_ms, &change, err))
        return false;
    if (change == WATCH_UNCHANGED)
        return error_set(err, ERROR_NOT_FOUND, "%s does not watch %.*s",
                         json_string_value(json_object_get(request->args, "person")),
                         SPAN_ARGS(wish.topic));
    return answer_with(db, &old, change == WATCH_CHANGED ? "removed" : "kept", ret_answer, err);
}

static bool append_watch(json_t *array, struct db *db, const struct watch *watch, struct error *err)
{
    json_t *row = json_object();

    (void)json_array_append_new(array, row);
    return answer_topic(row, "topic", db, watch->topic, err) && watch_json_put(row, db, watch, err);
}

bool watches_list(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct page page;
    struct watch_list watches;
    int64_t person;
    json_t *answer;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "person after limit", err) ||
        !request_watcher(db, request, "person", &person, err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) ||
        !watch_page_of_person(db, &arena, person, page, &watches, err))
        return false;
    answer = json_object();
    array = json_array();
    answer_take(answer, "watches", array);
    for (size_t i = 0; i < watches.n; i++)
        if (!append_watch(array, db, &watches.at[i], err)) {
            json_decref(answer);
            return false;
        }
    if (watches.n == page.limit)
        answer_number(answer, "next", watches.at[watches.n - 1].topic);
    *ret_answer = answer;
    return true;
}
