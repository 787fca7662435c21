/*
 * Topics, as commands and the API ask for them.
 */
#include "services/directory/topics.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "services/request/topic_wish.h"
#include "store/topic.h"
#include "store/watch.h"

enum { FORCED_WATCHES_MOST = 1000 };

static json_t *topic_json(const struct topic *topic)
{
    json_t *object = json_object();

    answer_text(object, "topic", topic->key);
    answer_number(object, "id", topic->id);
    answer_text(object, "kind", topic->kind);
    answer_text(object, "title", topic->title);
    answer_text(object, "url", topic->url);
    answer_text(object, "label", topic->label);
    if (topic->has_new_mode)
        answer_string(object, "default_watch", watch_mode_name(topic->new_mode));
    if (topic->secret)
        answer_string(object, "body", "none");
    answer_moment(object, "made", topic->made_at);
    return object;
}

/* The topic itself stands first in its scopes and is left out. */
static bool put_ancestors(json_t *object, struct db *db, int64_t id, struct error *err)
{
    struct scope_list scopes = { .n = 0 };
    json_t *array = json_array();

    answer_take(object, "in", array);
    if (!scope_list_add(&scopes, id, 0, err) || !topic_expand(db, &scopes, err))
        return false;
    for (size_t i = 1; i < scopes.n; i++) {
        json_t *one = json_object();

        (void)json_array_append_new(array, one);
        if (!answer_topic(one, "topic", db, scopes.at[i].topic, err))
            return false;
        answer_number(one, "distance", scopes.at[i].distance);
    }
    return true;
}

static bool answer_with(struct db *db, struct arena *arena, int64_t id, json_t **ret_answer,
                        struct error *err)
{
    struct topic topic;
    json_t *answer;

    if (!topic_load(db, arena, id, &topic, err))
        return false;
    answer = topic_json(&topic);
    if (!put_ancestors(answer, db, id, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

static bool note_before(const struct request *request, struct db *db, struct arena *arena,
                        int64_t id, struct error *err)
{
    json_t *before;

    if (id == 0)
        return true;
    if (!answer_with(db, arena, id, &before, err))
        return false;
    request_note_before(request, before);
    return true;
}

static bool save(struct db *db, const struct request *request, bool must_be_new,
                 json_t **ret_answer, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct topic_wish wish;
    struct topic_done done;
    int64_t known;

    arena_init(&arena);
    if (!request_allow(request, TOPIC_WISH_FIELDS, err) ||
        !topic_wish_read(request, &arena, &wish, err) ||
        !(must_be_new ? topic_find(db, wish.key, &known, err)
                      : topic_need(db, wish.key, &known, err)))
        return false;
    if (must_be_new && known != 0)
        return error_set(err, ERROR_CONFLICT,
                         "there is a topic \"%.*s\" already: `topic set` changes it",
                         SPAN_ARGS(wish.key));
    return note_before(request, db, &arena, known, err) &&
           topic_wish_apply(db, &wish, false, request->now_ms, &done, err) &&
           answer_with(db, &arena, done.id, ret_answer, err);
}

bool topics_add(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    return save(db, request, true, ret_answer, err);
}

bool topics_set(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    return save(db, request, false, ret_answer, err);
}

bool topics_show(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    int64_t id;

    arena_init(&arena);
    return request_allow(request, "key", err) && request_topic(db, request, "key", &id, err) &&
           answer_with(db, &arena, id, ret_answer, err);
}

static bool read_list(struct db *db, const struct request *request, int64_t *ret_parent,
                      struct page *page, struct error *err)
{
    struct span in;

    *ret_parent = 0;
    return request_allow(request, "in after limit", err) && request_text(request, "in", &in, err) &&
           (in.at == NULL || request_topic(db, request, "in", ret_parent, err)) &&
           request_integer(request, "after", 0, INT64_MAX, 0, &page->after, err) &&
           request_page(request, &page->limit, err);
}

bool topics_list(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct page page;
    struct topic_list topics;
    int64_t parent;
    json_t *answer;
    json_t *array;

    arena_init(&arena);
    if (!read_list(db, request, &parent, &page, err) ||
        !topic_page(db, &arena, parent, page, &topics, err))
        return false;
    answer = json_object();
    array = json_array();
    answer_take(answer, "topics", array);
    for (size_t i = 0; i < topics.n; i++)
        (void)json_array_append_new(array, topic_json(&topics.at[i]));
    if (topics.n == page.limit)
        answer_number(answer, "next", topics.at[topics.n - 1].id);
    *ret_answer = answer;
    return true;
}

/* Each end is in the log of watches. More of them would hold up the ledger. */
static bool end_watches(struct db *db, const struct request *request, int64_t topic,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    const struct page page = { .after = INT64_MIN, .limit = FORCED_WATCHES_MOST + 1 };
    struct watch_list watches;
    enum watch_change change;

    arena_init(&arena);
    if (!watch_page_of_topic(db, &arena, topic, page, &watches, err))
        return false;
    if (watches.n > FORCED_WATCHES_MOST)
        return error_set(err, ERROR_LIMIT,
                         "it has more than %d watchers: end some of the watches first",
                         FORCED_WATCHES_MOST);
    for (size_t i = 0; i < watches.n; i++) {
        watches.at[i].origin[0] = '\0';
        if (!watch_remove(db, &watches.at[i], request_way(request), request->now_ms, &change, err))
            return false;
    }
    return true;
}

static bool remove_topic(struct db *db, const struct request *request, int64_t id, bool force,
                         struct error *err)
{
    return (!force || (end_watches(db, request, id, err) && topic_let_go(db, id, err))) &&
           topic_remove(db, id, err);
}

bool topics_remove(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    struct span key;
    int64_t id;
    bool force;
    json_t *answer;

    if (!request_allow(request, "key force", err) ||
        !request_need_text(request, "key", &key, err) ||
        !request_flag(request, "force", false, &force, err) ||
        !request_topic(db, request, "key", &id, err))
        return false;
    if (!remove_topic(db, request, id, force, err))
        return error_wrap(err, "topic \"%.*s\" stays", SPAN_ARGS(key));
    answer = json_object();
    answer_text(answer, "topic", key);
    answer_flag(answer, "removed", true);
    *ret_answer = answer;
    return true;
}
