/*
 * A page of the outbox.
 */
#include "services/hooks/changes.h"

#include "base/cleanup.h"
#include "services/hooks/change_json.h"
#include "services/hooks/hook_wants.h"
#include "services/request/answer.h"
#include "store/outbox.h"

static bool put_changes(json_t *answer, struct db *db, struct arena *arena, struct page page,
                        struct error *err)
{
    struct outbox_list list;
    json_t *array = json_array();

    answer_take(answer, "changes", array);
    if (!outbox_read(db, arena, page, &list, err))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        json_t *change;

        if (!change_json(db, arena, &list.at[i], &change, err))
            return false;
        (void)json_array_append_new(array, change);
    }
    answer_number(answer, "after", list.n > 0 ? list.at[list.n - 1].seq : page.after);
    return true;
}

bool changes_list(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct page page;
    int64_t dropped;
    int64_t last;
    int64_t kinds;
    json_t *answer;

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) || !outbox_dropped(db, &dropped, err) ||
        !outbox_last(db, &last, err) || !outbox_wanted(db, &kinds, err))
        return false;
    answer = json_object();
    if (!put_changes(answer, db, &arena, page, err)) {
        json_decref(answer);
        return false;
    }
    if (dropped > page.after)
        answer_number(answer, "dropped", dropped);
    answer_number(answer, "last", last);
    answer_take(answer, "kept", hook_kinds_json(kinds));
    *ret_answer = answer;
    return true;
}
