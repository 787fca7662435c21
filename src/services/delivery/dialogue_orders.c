/*
 * Orders are rows; the senders hear of them by the news.
 */
#include "services/delivery/dialogue_orders.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/delivery/keeping.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "store/dialogue.h"
#include "store/domain.h"
#include "store/site_search.h"

enum { FOR_MOST_DAYS = 31 };

#define FOR_DEFAULT SPAN("1h")

/* Whether mail was ever to go to something of that name. */
static bool is_known(struct db *db, struct span name, bool *ret_known, struct error *err)
{
    struct site_keys *keys = NEW(struct site_keys);
    struct domain_row row;
    bool ok = domain_find(db, name, &row, ret_known, err) && site_search_name(db, name, keys, err);

    *ret_known = *ret_known || keys->n > 0;
    alloc_free(keys);
    return ok;
}

static bool read_time(const struct request *request, int64_t *ret_ms, struct error *err)
{
    struct span text;

    if (!request_text(request, "for", &text, err))
        return false;
    if (!text_to_duration(text.n > 0 ? text : FOR_DEFAULT, ret_ms) ||
        *ret_ms > FOR_MOST_DAYS * INT64_C(86400000))
        return error_set(err, ERROR_INVALID,
                         "for: must be a duration such as 1h, of at most %d days, or 0 to end it",
                         FOR_MOST_DAYS);
    return true;
}

/* Names are compared as the engine has them: in lower case. */
static bool read_name(const struct request *request, struct buf *ret_name, struct error *err)
{
    struct span name;

    if (!request_need_text(request, "name", &name, err) ||
        !plain_line_check(name, "name", KEEPING_NAME_ROOM - 1, err))
        return false;
    for (size_t i = 0; i < name.n; i++)
        buf_put_byte(ret_name, span_lower(name.at[i]));
    return true;
}

bool dialogue_orders_keep(struct db *db, const struct request *request, json_t **ret_answer,
                          struct error *err)
{
    CLEANUP(buf_fini) struct buf name;
    struct dialogue_keep keep = { .words = span_of(request->by) };
    bool known = false;
    int64_t ms;
    json_t *answer;

    buf_init(&name, KEEPING_NAME_ROOM);
    if (!request_allow(request, "name for", err) || !read_name(request, &name, err) ||
        !read_time(request, &ms, err))
        return false;
    keep.name = buf_view(&name);
    keep.until = request->now_ms + ms;
    if (!is_known(db, keep.name, &known, err) ||
        !dialogue_keep_put(db, &keep, request->now_ms, err))
        return false;
    answer = json_object();
    answer_text(answer, "name", keep.name);
    answer_flag(answer, "kept", ms > 0);
    if (ms > 0)
        answer_moment(answer, "until", keep.until);
    answer_flag(answer, "known", known);
    *ret_answer = answer;
    return true;
}

bool dialogue_orders_list(struct db *db, const struct request *request, json_t **ret_answer,
                          struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct dialogue_keep_list list;
    json_t *answer;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "", err) ||
        !dialogue_keep_list_read(db, &arena, request->now_ms, &list, err))
        return false;
    answer = json_object();
    array = json_array();
    answer_take(answer, "kept", array);
    for (size_t i = 0; i < list.n; i++) {
        json_t *object = json_object();

        (void)json_array_append_new(array, object);
        answer_text(object, "name", list.at[i].name);
        answer_moment(object, "until", list.at[i].until);
        answer_text(object, "by", list.at[i].words);
    }
    *ret_answer = answer;
    return true;
}
