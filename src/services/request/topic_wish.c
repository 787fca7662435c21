/*
 * Topics described in JSON.
 */
#include "services/request/topic_wish.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/topic_key.h"
#include "services/request/plain_text.h"
#include "store/db.h"
#include "store/kind.h"

static bool read_parents(const struct request *request, struct arena *arena,
                         struct topic_wish *wish, struct error *err)
{
    struct span *parents;

    if (!request_texts(request, "parents", arena, &parents, &wish->parent_count, err))
        return false;
    wish->parents = parents;
    if (wish->parent_count > TOPIC_PARENTS_LIMIT)
        return error_set(err, ERROR_LIMIT, "parents: at most %d", TOPIC_PARENTS_LIMIT);
    for (size_t i = 0; i < wish->parent_count; i++)
        if (!topic_key_check(parents[i], err))
            return error_wrap(err, "parents");
    return true;
}

static bool read_new_mode(const struct request *request, struct topic_wish *wish, struct error *err)
{
    struct span mode;

    if (!request_text(request, "default_watch", &mode, err))
        return false;
    wish->has_new_mode = mode.at != NULL;
    wish->is_for_new = wish->has_new_mode && !span_equal(mode, SPAN("no"));
    return !wish->is_for_new ||
           (watch_mode_find(mode, &wish->new_mode) && wish->new_mode != WATCH_MUTE) ||
           error_set(err, ERROR_INVALID,
                     "default_watch: must be now, hourly, daily, weekly or no, got \"%.*s\"",
                     SPAN_ARGS(span_first(mode, 40)));
}

bool request_body(const struct request *request, bool *io_secret, bool *ret_given,
                  struct error *err)
{
    struct span body;

    if (!request_text(request, "body", &body, err))
        return false;
    *ret_given = body.at != NULL;
    if (body.at == NULL)
        return true;
    *io_secret = span_equal(body, SPAN("none"));
    return *io_secret || span_equal(body, SPAN("full")) ||
           error_set(err, ERROR_INVALID, "body: must be full or none, got \"%.*s\"",
                     SPAN_ARGS(span_first(body, 40)));
}

bool topic_wish_read(const struct request *request, struct arena *arena,
                     struct topic_wish *ret_wish, struct error *err)
{
    struct topic_wish wish = { .parents = NULL };

    if (!request_need_text(request, "key", &wish.key, err) ||
        !request_text(request, "kind", &wish.kind, err) ||
        !request_text(request, "title", &wish.title, err) ||
        !request_text(request, "url", &wish.url, err) ||
        !request_text(request, "label", &wish.label, err) || !read_new_mode(request, &wish, err) ||
        !request_body(request, &wish.secret, &wish.has_body, err) ||
        !read_parents(request, arena, &wish, err))
        return false;
    if (!topic_watched_check(wish.key, err))
        return error_wrap(err, "key");
    if (wish.kind.n > 0 && !kind_name_check(wish.kind, err))
        return error_wrap(err, "kind");
    if (wish.label.n > 0 && !label_check(wish.label, err))
        return error_wrap(err, "label");
    if (!plain_line_check(wish.title, "title", TOPIC_TITLE_LIMIT, err) ||
        (wish.url.n > 0 && !plain_url_check(wish.url, "url", err)))
        return false;
    *ret_wish = wish;
    return true;
}

static bool declare_kind(struct db *db, struct arena *arena, const struct topic *topic,
                         struct error *err)
{
    struct kind kind = { .of = KIND_OF_TOPIC, .name = topic->kind };
    bool made;

    return kind_declare(db, arena, &kind, &made, err);
}

static bool set_parents(struct db *db, const struct topic_wish *wish, int64_t id, bool strict,
                        int64_t now_ms, struct error *err)
{
    int64_t parents[TOPIC_PARENTS_LIMIT];

    for (size_t i = 0; i < wish->parent_count; i++) {
        struct topic_done done;

        if (!topic_ensure(db, wish->parents[i], strict, now_ms, &done, err))
            return error_wrap(err, "parents");
        parents[i] = done.id;
    }
    return topic_set_parents(db, id, parents, wish->parent_count, err);
}

/* The kind of a new topic is what stands before the first '/' of its key, unless it is told. */
static bool apply_in(struct db *db, struct arena *arena, const struct topic_wish *wish,
                     struct topic *topic, int64_t now_ms, struct error *err)
{
    request_text_change(&topic->kind, wish->kind);
    request_text_change(&topic->title, wish->title);
    request_text_change(&topic->url, wish->url);
    request_text_change(&topic->label, wish->label);
    if (wish->has_new_mode) {
        topic->has_new_mode = wish->is_for_new;
        topic->new_mode = wish->new_mode;
    }
    if (wish->has_body)
        topic->secret = wish->secret;
    if (topic->kind.at == NULL || topic->kind.n == 0)
        topic->kind = topic_key_kind(topic->key);
    if (topic->kind.n == 0 || topic->kind.n > KIND_NAME_LIMIT)
        topic->kind = SPAN("topic");
    return declare_kind(db, arena, topic, err) && topic_save(db, topic, now_ms, err);
}

bool topic_wish_apply(struct db *db, const struct topic_wish *wish, bool strict, int64_t now_ms,
                      struct topic_done *ret_done, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct topic topic = { .id = 0, .key = wish->key };
    int64_t id;

    arena_init(&arena);
    if (!(strict ? topic_need(db, wish->key, &id, err) : topic_find(db, wish->key, &id, err)))
        return false;
    ret_done->made = id == 0;
    if (id != 0 && !topic_load(db, &arena, id, &topic, err))
        return false;
    if (!apply_in(db, &arena, wish, &topic, now_ms, err))
        return false;
    ret_done->id = topic.id;
    return wish->parents == NULL || set_parents(db, wish, topic.id, strict, now_ms, err);
}

bool topic_ensure(struct db *db, struct span key, bool strict, int64_t now_ms,
                  struct topic_done *ret_done, struct error *err)
{
    struct topic_wish wish = { .key = key };
    int64_t id;

    if (!topic_watched_check(key, err) || !topic_find(db, key, &id, err))
        return false;
    if (id == 0)
        return topic_wish_apply(db, &wish, strict, now_ms, ret_done, err);
    *ret_done = (struct topic_done){ .id = id };
    return true;
}

bool request_topic(struct db *db, const struct request *request, const char *field, int64_t *ret_id,
                   struct error *err)
{
    struct span key;

    return request_need_text(request, field, &key, err) &&
           ((topic_watched_check(key, err) && topic_need(db, key, ret_id, err)) ||
            error_wrap(err, "%s", field));
}
