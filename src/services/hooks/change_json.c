/*
 * One function a kind.
 */
#include "services/hooks/change_json.h"

#include <stdio.h>

#include "services/request/answer.h"
#include "services/request/event_json.h"
#include "store/delivery.h"
#include "store/event.h"
#include "store/outbox.h"
#include "store/suppression.h"
#include "store/watch_history.h"

static bool put_event(json_t *object, struct db *db, struct arena *arena,
                      const struct outbox_row *row, struct error *err)
{
    struct event event;

    return event_load(db, arena, row->subject, &event, err) &&
           event_json_put(object, db, arena, &event, err);
}

static bool put_delivery(json_t *object, struct db *db, struct arena *arena,
                         const struct outbox_row *row, struct error *err)
{
    struct delivery_row delivery;
    bool found;

    (void)arena;
    answer_number(object, "delivery", row->subject);
    answer_text(object, "state", row->what);
    if (!delivery_load(db, row->subject, &delivery, &found, err) || !found)
        return found;
    answer_string(object, "stream", stream_name(delivery.stream));
    answer_string(object, "to", delivery.address);
    answer_string(object, "message_id", delivery.message_id);
    if (delivery.reason[0] != '\0')
        answer_string(object, "reason", delivery.reason);
    if (delivery.text[0] != '\0')
        answer_string(object, "text", delivery.text);
    answer_number(object, "attempts", delivery.attempts);
    return (delivery.person == 0 || answer_person(object, "person", db, delivery.person, err)) &&
           (delivery.cause != CAUSE_THREAD ||
            answer_topic(object, "topic", db, delivery.cause_id, err));
}

static bool put_suppression(json_t *object, struct db *db, struct arena *arena,
                            const struct outbox_row *row, struct error *err)
{
    const struct suppression_key key = { row->about, row->detail };
    struct suppression suppression;
    bool found;

    answer_text(object, "target", row->about);
    answer_text(object, "scope", row->detail);
    if (row->about.at == NULL)
        return true;
    if (!suppression_find(db, arena, &key, &suppression, &found, err))
        return false;
    if (!found)
        return true;
    answer_text(object, "reason", suppression.reason);
    answer_text(object, "origin", suppression.origin);
    answer_moment(object, "until", suppression.until);
    return true;
}

static bool put_watch(json_t *object, struct db *db, struct arena *arena,
                      const struct outbox_row *row, struct error *err)
{
    struct watch_entry entry;
    bool found;

    if (!watch_history_find(db, arena, row->subject, &entry, &found, err))
        return false;
    if (!found)
        return true;
    if (!entry.ended) {
        answer_string(object, "mode", watch_mode_name(entry.watch.mode));
        answer_moment(object, "until", entry.watch.until);
    }
    answer_string(object, "origin", entry.watch.origin);
    return answer_person(object, "person", db, entry.watch.who, err) &&
           answer_topic(object, "topic", db, entry.watch.topic, err) &&
           (entry.ended || answer_kinds(object, "kinds", db, entry.watch.kinds, err));
}

static bool put_subject(json_t *object, struct db *db, struct arena *arena,
                        const struct outbox_row *row, struct error *err)
{
    switch (row->kind) {
    case CHANGE_EVENT:
        return put_event(object, db, arena, row, err);
    case CHANGE_DELIVERY:
        return put_delivery(object, db, arena, row, err);
    case CHANGE_SUPPRESSION:
        return put_suppression(object, db, arena, row, err);
    case CHANGE_WATCH:
        return put_watch(object, db, arena, row, err);
    }
    return true;
}

bool change_json(struct db *db, struct arena *arena, const struct outbox_row *row,
                 json_t **ret_json, struct error *err)
{
    json_t *object = json_object();
    json_t *subject = json_object();
    char text[80];

    answer_number(object, "seq", row->seq);
    (void)snprintf(text, sizeof(text), "chg_%lld", (long long)row->seq);
    answer_string(object, "id", text);
    (void)snprintf(text, sizeof(text), "%s.%.*s", change_kind_name(row->kind),
                   SPAN_ARGS(row->what));
    answer_string(object, "type", text);
    answer_moment(object, "at", row->at);
    answer_take(object, change_kind_name(row->kind), subject);
    if (!put_subject(subject, db, arena, row, err)) {
        json_decref(object);
        return false;
    }
    *ret_json = object;
    return true;
}
