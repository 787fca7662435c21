/*
 * Watches described in JSON.
 */
#include "services/request/watch_wish.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/topic_key.h"
#include "services/request/person_wish.h"
#include "services/request/plain_text.h"
#include "store/kind.h"
#include "store/named_list.h"
#include "store/webhook.h"

static bool read_mode(const struct request *request, struct watch_wish *wish, struct error *err)
{
    struct span mode;

    if (!request_text(request, "mode", &mode, err))
        return false;
    wish->watch.mode = WATCH_NOW;
    wish->has_mode = mode.at != NULL;
    if (!wish->has_mode)
        return true;
    if (!watch_mode_find(mode, &wish->watch.mode))
        return error_set(err, ERROR_INVALID,
                         "mode: must be now, hourly, daily, weekly or mute, got \"%.*s\"",
                         SPAN_ARGS(span_first(mode, 40)));
    return true;
}

static bool read_kinds(const struct request *request, struct arena *arena, struct watch_wish *wish,
                       struct error *err)
{
    struct span *kinds;

    if (!request_texts(request, "kinds", arena, &kinds, &wish->kind_count, err))
        return false;
    wish->kinds = kinds;
    if (kinds == NULL)
        return true;
    if (wish->kind_count == 0)
        return true; /* all, again */
    if (wish->watch.mode == WATCH_MUTE)
        return error_set(err, ERROR_INVALID, "kinds: a mute is for all kinds of events");
    if (wish->kind_count > KIND_EVENT_MOST)
        return error_set(err, ERROR_INVALID, "kinds: names more than %d kinds of events",
                         KIND_EVENT_MOST);
    for (size_t i = 0; i < wish->kind_count; i++)
        if (!kind_name_check(kinds[i], err))
            return error_wrap(err, "kinds");
    return true;
}

static bool read_delay(const struct request *request, struct watch_wish *wish, struct error *err)
{
    static const int64_t most = INT64_C(7) * 86400000;
    struct span text;

    if (!request_text(request, "delay", &text, err))
        return false;
    wish->watch.delay = -1;
    wish->has_delay = text.at != NULL;
    if (text.n == 0)
        return true;
    if (!text_to_duration(text, &wish->watch.delay) || wish->watch.delay > most)
        return error_set(err, ERROR_INVALID, "delay: must be a duration up to 7d, got \"%.*s\"",
                         SPAN_ARGS(span_first(text, 40)));
    return true;
}

/* An empty text takes the end away. */
static bool read_until(const struct request *request, struct watch_wish *wish, struct error *err)
{
    json_t *value = json_object_get(request->args, "until");

    wish->has_until = value != NULL && !json_is_null(value);
    if (json_is_string(value) && json_string_length(value) == 0)
        return true;
    if (!request_moment(request, "until", &wish->watch.until, err))
        return false;
    return wish->watch.until == 0 || wish->watch.until > request->now_ms ||
           error_set(err, ERROR_INVALID, "until: that moment is past");
}

static bool read_origin(const struct request *request, struct watch_wish *wish, struct error *err)
{
    struct span origin;

    if (!request_text(request, "origin", &origin, err) ||
        !plain_line_check(origin, "origin", WATCH_ORIGIN_ROOM - 1, err))
        return false;
    if (origin.n > 0)
        memcpy(wish->watch.origin, origin.at, origin.n);
    wish->watch.origin[origin.n] = '\0';
    return true;
}

bool watch_wish_names_person(const struct watch_wish *wish)
{
    return wish->list.at == NULL && wish->hook.at == NULL;
}

/* A webhook is told of each event at once. */
static bool check_hook(const struct watch_wish *wish, struct error *err)
{
    if (wish->hook.at == NULL)
        return true;
    if (wish->watch.mode != WATCH_NOW && wish->watch.mode != WATCH_MUTE)
        return error_set(err, ERROR_INVALID, "mode: a webhook has no digests: now or mute");
    return wish->watch.delay < 0 ||
           error_set(err, ERROR_INVALID, "delay: a webhook is told of each event at once");
}

bool watch_wish_read(const struct request *request, struct arena *arena,
                     struct watch_wish *ret_wish, struct error *err)
{
    struct span person;

    *ret_wish = (struct watch_wish){ .kinds = NULL };
    if (!request_need_text(request, "person", &person, err) ||
        !request_text(request, "topic", &ret_wish->topic, err))
        return false;
    ret_wish->has_topic = ret_wish->topic.at != NULL;
    ret_wish->list = list_name_of_watcher(person);
    ret_wish->hook = hook_name_of_watcher(person);
    if (watch_wish_names_person(ret_wish) && !person_reference_read(person, &ret_wish->person, err))
        return error_wrap(err, "person");
    if (ret_wish->has_topic && !topic_watched_check(ret_wish->topic, err))
        return error_wrap(err, "topic");
    return read_mode(request, ret_wish, err) && read_kinds(request, arena, ret_wish, err) &&
           read_delay(request, ret_wish, err) && read_until(request, ret_wish, err) &&
           read_origin(request, ret_wish, err) && check_hook(ret_wish, err);
}

static bool refuse_unknown(struct span name, struct error *err)
{
    return error_set(err, ERROR_NOT_FOUND,
                     "kinds: no kind of event \"%.*s\" is declared: `kind add %.*s` does it",
                     SPAN_ARGS(name), SPAN_ARGS(name));
}

bool watch_wish_mask(struct db *db, const struct watch_wish *wish, bool strict, int64_t *ret_mask,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    uint64_t mask = 0;

    arena_init(&arena);
    for (size_t i = 0; i < wish->kind_count; i++) {
        struct kind kind = { .of = KIND_OF_EVENT, .name = wish->kinds[i] };
        bool known;

        if (!kind_find(db, &arena, &kind, &known, err))
            return false;
        if (!known && strict)
            return refuse_unknown(kind.name, err);
        if (!known && !kind_declare(db, &arena, &kind, &known, err))
            return false;
        mask |= UINT64_C(1) << kind.bit;
    }
    *ret_mask = wish->kind_count == 0 ? WATCH_ALL_KINDS : (int64_t)mask;
    return true;
}

bool watch_wish_complete(struct db *db, struct watch_wish *wish, int64_t now_ms, struct error *err)
{
    struct watch *watch = &wish->watch;
    struct watch old;
    bool found;

    if (!watch_find(db, watch->topic, watch->who, &old, &found, err))
        return false;
    if (!found || (old.until != 0 && old.until <= now_ms) || old.mode == WATCH_MUTE)
        return wish->has_mode || kind_default_mode(db, watch->topic, &watch->mode, err);
    if (!wish->has_mode)
        watch->mode = old.mode;
    if (wish->kinds == NULL && watch->mode != WATCH_MUTE)
        watch->kinds = old.kinds;
    if (!wish->has_delay)
        watch->delay = old.delay;
    if (!wish->has_until &&
        watch->mode != WATCH_MUTE) /* who wants to hear no more means for good */
        watch->until = old.until;
    return true;
}

static bool find_list(struct db *db, struct span name, int64_t *ret_who, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct named_list list;

    arena_init(&arena);
    if (!named_list_need(db, &arena, name, &list, err))
        return false;
    *ret_who = who_of_list(list.id);
    return true;
}

static bool find_hook(struct db *db, struct span name, int64_t *ret_who, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row hook;

    arena_init(&arena);
    if (!webhook_need(db, &arena, name, &hook, err))
        return false;
    *ret_who = who_of_hook(hook.id);
    return true;
}

static bool find_other(struct db *db, struct span list, struct span hook, int64_t *ret_who,
                       struct error *err)
{
    return list.at != NULL ? find_list(db, list, ret_who, err) : find_hook(db, hook, ret_who, err);
}

bool watch_wish_find_other(struct db *db, struct watch_wish *wish, struct error *err)
{
    return find_other(db, wish->list, wish->hook, &wish->watch.who, err) ||
           error_wrap(err, "person");
}

bool request_watcher(struct db *db, const struct request *request, const char *field,
                     int64_t *ret_who, struct error *err)
{
    struct span text;
    struct span list;
    struct span hook;

    if (!request_need_text(request, field, &text, err))
        return false;
    list = list_name_of_watcher(text);
    hook = hook_name_of_watcher(text);
    if (list.at == NULL && hook.at == NULL)
        return request_person(db, request, field, ret_who, err);
    return find_other(db, list, hook, ret_who, err) || error_wrap(err, "%s", field);
}
