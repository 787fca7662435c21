/*
 * The audit as JSON.
 */
#include "services/inquiry/audit.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "store/audit.h"

static json_t *row_json(const struct audit_row *row)
{
    json_t *object = json_object();

    answer_number(object, "audit", row->id);
    answer_moment(object, "at", row->at);
    answer_text(object, "by", row->by);
    answer_text(object, "request", row->request);
    answer_text(object, "subject", row->subject);
    if (row->args.at != NULL)
        answer_json(object, "args", row->args);
    if (row->before.at != NULL)
        answer_json(object, "before", row->before);
    if (row->after.at != NULL)
        answer_json(object, "after", row->after);
    return object;
}

bool audit_show(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct audit_page page;
    struct audit_list list;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "by subject since before limit", err) ||
        !request_text(request, "by", &page.by, err) ||
        !request_text(request, "subject", &page.subject, err) ||
        !request_past(request, "since", &page.since, err) ||
        !request_integer(request, "before", 1, INT64_MAX, INT64_MAX, &page.before, err) ||
        !request_page(request, &page.room, err) || !audit_list_read(db, &arena, &page, &list, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < list.n; i++)
        (void)json_array_append_new(array, row_json(&list.at[i]));
    *ret_answer = json_object();
    answer_take(*ret_answer, "audit", array);
    if (list.n == page.room)
        answer_number(*ret_answer, "next", list.at[list.n - 1].id);
    return true;
}
