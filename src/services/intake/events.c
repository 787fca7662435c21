/*
 * Events, as commands and the API ask for them.
 */
#include "services/intake/events.h"

#include "base/cleanup.h"
#include "services/intake/event_take.h"
#include "services/intake/event_wanted.h"
#include "services/request/answer.h"
#include "services/request/event_json.h"
#include "store/approval.h"
#include "store/event.h"

bool events_add(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event event;
    json_t *answer;
    int64_t id;

    arena_init(&arena);
    if (!event_take(db, request, NULL, &id, err) || !event_load(db, &arena, id, &event, err))
        return false;
    answer = json_object();
    if (!event_json_put_names(answer, db, &event, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

bool events_show(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event event;
    json_t *answer;

    arena_init(&arena);
    if (!request_allow(request, "id key", err) || !event_wanted(db, request, &arena, &event, err))
        return false;
    answer = json_object();
    if (!event_json_put(answer, db, &arena, &event, err)) {
        json_decref(answer);
        return false;
    }
    answer_string(answer, "fan_out", event_fan_name(&event));
    answer_number(answer, "told", event.told);
    *ret_answer = answer;
    return true;
}

bool events_redact(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event event;
    bool changed;

    arena_init(&arena);
    if (!request_allow(request, "id key", err) || !event_wanted(db, request, &arena, &event, err) ||
        !event_redact(db, &event, request->now_ms, &changed, err) ||
        !question_close(db, &(struct question){ .event = event.id }, request->now_ms, err))
        return false;
    *ret_answer = json_object();
    answer_number(*ret_answer, "event", event.id);
    answer_flag(*ret_answer, "redacted", true);
    answer_flag(*ret_answer, "changed", changed);
    return true;
}

bool events_release(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event event;
    bool to_digest;

    arena_init(&arena);
    if (!request_allow(request, "id key digest", err) ||
        !request_flag(request, "digest", false, &to_digest, err) ||
        !event_wanted(db, request, &arena, &event, err))
        return false;
    if (event.fan_state != FAN_HELD)
        return error_set(err, ERROR_CONFLICT, "event %lld is not held: its fan-out is %s",
                         (long long)event.id, event_fan_name(&event));
    if (!event_release(db, &event, to_digest ? EVENT_RELEASED_LATER : EVENT_RELEASED,
                       request->now_ms, err))
        return false;
    *ret_answer = json_object();
    answer_number(*ret_answer, "event", event.id);
    answer_string(*ret_answer, "fan_out", event_fan_name(&event));
    return true;
}
