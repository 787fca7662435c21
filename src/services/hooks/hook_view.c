/*
 * Labels are asked for by topic; in what is already text, by its key.
 */
#include "services/hooks/hook_view.h"

#include "store/event.h"
#include "store/outbox.h"
#include "store/suppression.h"
#include "store/topic.h"
#include "store/watch_history.h"
#include "store/webhook.h"

/* A topic that is gone was perhaps one that not everybody may see. */
static bool may_see_topic(struct db *db, struct arena *arena, int64_t hook, int64_t id,
                          bool *ret_may, struct error *err)
{
    struct topic topic;

    if (topic_load(db, arena, id, &topic, err))
        return webhook_may_see(db, hook, topic.label, ret_may, err);
    *ret_may = false;
    return err->kind == ERROR_NOT_FOUND;
}

static bool may_see_key(struct db *db, struct arena *arena, int64_t hook, struct span key,
                        bool *ret_may, struct error *err)
{
    int64_t id;

    return topic_find(db, key, &id, err) && may_see_topic(db, arena, hook, id, ret_may, err);
}

bool hook_view_event(struct db *db, struct arena *arena, int64_t hook, const struct event *event,
                     bool *ret_may, struct error *err)
{
    return webhook_may_see(db, hook, event->label, ret_may, err) &&
           (!*ret_may || may_see_topic(db, arena, hook, event->topic, ret_may, err)) &&
           (!*ret_may || event->thread == event->topic ||
            may_see_topic(db, arena, hook, event->thread, ret_may, err));
}

/* One that is not on record any more is told without its topic. */
static bool may_see_watch(struct db *db, struct arena *arena, int64_t hook, int64_t id,
                          bool *ret_may, struct error *err)
{
    struct watch_entry entry;

    *ret_may = true;
    if (!watch_history_find(db, arena, id, &entry, ret_may, err))
        return false;
    if (*ret_may)
        return may_see_topic(db, arena, hook, entry.watch.topic, ret_may, err);
    *ret_may = true;
    return true;
}

/* A topic's key is a word, a slash and more; a list's name is told to everybody. */
static bool may_see_scope(struct db *db, struct arena *arena, int64_t hook, struct span scope,
                          bool *ret_may, struct error *err)
{
    *ret_may =
        scope.at == NULL || suppression_is_of_topics(scope) || span_index(scope, '/') == scope.n;
    return *ret_may || may_see_key(db, arena, hook, scope, ret_may, err);
}

bool hook_view_row(struct db *db, struct arena *arena, int64_t hook, const struct outbox_row *row,
                   bool *ret_may, struct error *err)
{
    *ret_may = true;
    if (row->kind == CHANGE_WATCH)
        return may_see_watch(db, arena, hook, row->subject, ret_may, err);
    return row->kind != CHANGE_SUPPRESSION ||
           may_see_scope(db, arena, hook, row->detail, ret_may, err);
}

static bool may_see_topic_of(struct db *db, struct arena *arena, int64_t hook, const json_t *object,
                             bool *ret_may, struct error *err)
{
    const char *key = json_string_value(json_object_get(object, "topic"));

    *ret_may = true;
    return key == NULL || may_see_key(db, arena, hook, span_of(key), ret_may, err);
}

static bool cut_scopes(struct db *db, struct arena *arena, int64_t hook, json_t *scopes,
                       struct error *err)
{
    bool may;

    for (size_t i = json_array_size(scopes); i > 0; i--) {
        if (!may_see_topic_of(db, arena, hook, json_array_get(scopes, i - 1), &may, err))
            return false;
        if (!may)
            (void)json_array_remove(scopes, i - 1);
    }
    return true;
}

bool hook_view_cut(struct db *db, struct arena *arena, int64_t hook, json_t *change,
                   struct error *err)
{
    json_t *event = json_object_get(change, change_kind_name(CHANGE_EVENT));
    json_t *delivery = json_object_get(change, change_kind_name(CHANGE_DELIVERY));
    bool may;

    if (!cut_scopes(db, arena, hook, json_object_get(event, "scopes"), err) ||
        !may_see_topic_of(db, arena, hook, delivery, &may, err))
        return false;
    if (!may)
        (void)json_object_del(delivery, "topic");
    return true;
}
