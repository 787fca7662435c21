/*
 * Looking at alarms, and ending them.
 */
#include "services/inquiry/alarms.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "store/alarm.h"

static json_t *row_json(const struct alarm_row *row)
{
    json_t *object = json_object();

    answer_number(object, "alarm", row->id);
    answer_text(object, "severity", row->severity);
    answer_text(object, "cause", row->cause);
    answer_text(object, "text", row->text);
    answer_moment(object, "since", row->since);
    answer_moment(object, "last", row->last_at);
    answer_number(object, "times", row->times);
    answer_moment(object, "until", row->until);
    return object;
}

bool alarms_list(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct alarm_page page;
    struct alarm_list list;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "all before limit", err) ||
        !request_flag(request, "all", false, &page.with_ended, err) ||
        !request_integer(request, "before", 1, INT64_MAX, INT64_MAX, &page.before, err) ||
        !request_page(request, &page.room, err) || !alarm_list_read(db, &arena, &page, &list, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < list.n; i++)
        (void)json_array_append_new(array, row_json(&list.at[i]));
    *ret_answer = json_object();
    answer_take(*ret_answer, "alarms", array);
    if (list.n == page.room)
        answer_number(*ret_answer, "next", list.at[list.n - 1].id);
    return true;
}

bool alarms_clear(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    int64_t id;
    bool ended;

    if (!request_allow(request, "alarm", err) ||
        !request_integer(request, "alarm", 1, INT64_MAX, 0, &id, err) ||
        !alarm_end_by_id(db, id, request->now_ms, &ended, err))
        return false;
    if (!ended)
        return error_set(err, ERROR_NOT_FOUND,
                         "alarm: no alarm %lld is open; `postroom alarms` lists those that are",
                         (long long)id);
    *ret_answer = json_object();
    answer_number(*ret_answer, "alarm", id);
    answer_moment(*ret_answer, "until", request->now_ms);
    return true;
}
