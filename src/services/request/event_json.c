/*
 * Field by field.
 */
#include "services/request/event_json.h"

#include "services/request/answer.h"
#include "store/approval.h"
#include "store/event.h"
#include "store/event_attachment.h"

bool event_json_put_names(json_t *object, struct db *db, const struct event *event,
                          struct error *err)
{
    answer_number(object, "event", event->id);
    answer_text(object, "kind", event->kind);
    answer_moment(object, "at", event->at);
    answer_number(object, "revision", event->revision);
    return answer_topic(object, "topic", db, event->topic, err) &&
           answer_topic(object, "thread", db, event->thread, err);
}

const char *event_fan_name(const struct event *event)
{
    switch (event->fan_state) {
    case FAN_WAITING:
        return "waiting";
    case FAN_UNDER_WAY:
        return "under_way";
    case FAN_DONE:
        return "done";
    case FAN_NOBODY:
        if (event->redacted)
            return "redacted";
        return event->silent ? "silent" : "expired";
    case FAN_LATER:
        return "later";
    case FAN_HELD:
        return "held";
    }
    return "unknown";
}

static void put_content(json_t *object, const struct event *event)
{
    answer_text(object, "key", event->key);
    answer_moment(object, "taken_at", event->taken_at);
    answer_moment(object, "not_before", event->not_before);
    answer_moment(object, "deadline", event->deadline);
    answer_flag(object, "urgent", event->urgent);
    answer_flag(object, "silent", event->silent);
    answer_flag(object, "redacted", event->redacted);
    answer_text(object, "title", event->title);
    answer_text(object, "text", event->text);
    answer_text(object, "url", event->url);
    answer_text(object, "label", event->label);
    answer_json(object, "data", event->data);
}

static bool put_changes(json_t *object, struct db *db, struct arena *arena, int64_t seq,
                        struct error *err)
{
    struct event_change_list changes;
    json_t *array = json_array();

    answer_take(object, "changes", array);
    if (!event_changes(db, arena, seq, &changes, err))
        return false;
    for (size_t i = 0; i < changes.n; i++) {
        json_t *one = json_object();

        answer_text(one, "field", changes.at[i].field);
        answer_text(one, "old", changes.at[i].old);
        answer_text(one, "new", changes.at[i].new);
        (void)json_array_append_new(array, one);
    }
    return true;
}

static bool put_attachments(json_t *object, struct db *db, struct arena *arena, int64_t event,
                            struct error *err)
{
    struct attachment_list list;
    json_t *array;

    if (!event_attachments_read(db, arena, event, &list, err))
        return false;
    if (list.n == 0)
        return true;
    array = json_array();
    answer_take(object, "attachments", array);
    for (size_t i = 0; i < list.n; i++) {
        json_t *one = json_object();

        answer_text(one, "name", list.at[i].name);
        answer_text(one, "type", list.at[i].type);
        answer_number(one, "size", list.at[i].size);
        answer_flag(one, "inline", list.at[i].is_inline);
        (void)json_array_append_new(array, one);
    }
    return true;
}

static bool put_directs(json_t *object, struct db *db, struct arena *arena, int64_t seq,
                        struct error *err)
{
    struct event_direct_list directs;
    json_t *array = json_array();

    answer_take(object, "to", array);
    if (!event_directs(db, arena, seq, &directs, err))
        return false;
    for (size_t i = 0; i < directs.n; i++) {
        json_t *one = json_object();

        (void)json_array_append_new(array, one);
        answer_text(one, "reason", directs.at[i].reason);
        if (!answer_person(one, "person", db, directs.at[i].person, err))
            return false;
    }
    return true;
}

static bool put_scopes(json_t *object, struct db *db, int64_t seq, struct error *err)
{
    struct scope_list scopes;
    json_t *array = json_array();

    answer_take(object, "scopes", array);
    if (!event_scopes(db, seq, &scopes, err))
        return false;
    for (size_t i = 0; i < scopes.n; i++) {
        json_t *one = json_object();

        (void)json_array_append_new(array, one);
        answer_number(one, "distance", scopes.at[i].distance);
        if (!answer_topic(one, "topic", db, scopes.at[i].topic, err))
            return false;
    }
    return true;
}

/* What it asks, and what came of it. */
static bool put_question(json_t *object, struct db *db, struct arena *arena, int64_t event,
                         struct error *err)
{
    struct question question;
    json_t *asks;
    bool found;

    if (!question_find(db, arena, event, &question, &found, err))
        return false;
    if (!found)
        return true;
    asks = json_object();
    answer_take(object, "asks", asks);
    answer_take(asks, "answers", answer_names_json(question.answers));
    answer_moment(asks, "until", question.until_ms);
    answer_moment(asks, "closed", question.closed_at);
    answer_text(asks, "answer", question.answer);
    return question.person == 0 || answer_person(asks, "person", db, question.person, err);
}

bool event_json_put(json_t *object, struct db *db, struct arena *arena, const struct event *event,
                    struct error *err)
{
    put_content(object, event);
    return event_json_put_names(object, db, event, err) &&
           (event->actor == 0 || answer_person(object, "actor", db, event->actor, err)) &&
           put_changes(object, db, arena, event->seq, err) &&
           put_attachments(object, db, arena, event->id, err) &&
           put_directs(object, db, arena, event->seq, err) &&
           put_question(object, db, arena, event->id, err) &&
           put_scopes(object, db, event->seq, err);
}
