/*
 * A role acts at once, on all tokens of its operator.
 */
#include "services/directory/operators.h"

#include "base/cleanup.h"
#include "domain/access.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "store/operator.h"

enum { NAME_LIMIT = 60 };

static bool read_wish(const struct request *request, struct span *ret_name,
                      enum access_role *ret_role, struct error *err)
{
    struct span role;

    if (!request_allow(request, "name role", err) ||
        !request_need_text(request, "name", ret_name, err) ||
        !plain_line_check(*ret_name, "name", NAME_LIMIT, err) ||
        !request_need_text(request, "role", &role, err))
        return false;
    if (!access_role_find(role, ret_role))
        return error_set(err, ERROR_INVALID,
                         "role: must be reader, author, approver, operator or administrator, got "
                         "\"%.*s\"",
                         SPAN_ARGS(span_first(role, 40)));
    return request_may_grant(request, access_role_scopes(*ret_role), "role", err);
}

static json_t *describe(const struct operator_row *row)
{
    json_t *object = json_object();

    answer_text(object, "name", row->name);
    answer_string(object, "role", access_role_name((enum access_role)row->role));
    answer_moment(object, "made", row->made_at);
    return object;
}

bool operators_add(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct operator_row row = { .made_at = request->now_ms };
    struct operator_row known;
    enum access_role role;
    bool found;

    arena_init(&arena);
    if (!read_wish(request, &row.name, &role, err) ||
        !operator_find(db, &arena, row.name, &known, &found, err))
        return false;
    if (found)
        return error_set(err, ERROR_CONFLICT,
                         "name: %.*s is an operator already, in the role of %s; `operator role` "
                         "changes it",
                         SPAN_ARGS(row.name), access_role_name((enum access_role)known.role));
    row.role = (int)role;
    if (!operator_insert(db, &row, err))
        return false;
    *ret_answer = describe(&row);
    return true;
}

bool operators_set_role(struct db *db, const struct request *request, json_t **ret_answer,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct operator_row row;
    enum access_role role;
    struct span name;
    bool found;

    arena_init(&arena);
    if (!read_wish(request, &name, &role, err) ||
        !operator_find(db, &arena, name, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND,
                         "name: nobody is called %.*s; `operator add` makes an operator",
                         SPAN_ARGS(name));
    request_note_before(request, describe(&row));
    if (!operator_set_role(db, row.id, (int)role, err))
        return false;
    row.role = (int)role;
    *ret_answer = describe(&row);
    return true;
}

bool operators_list(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct operator_list list;
    json_t *array;
    int64_t after;
    size_t room;

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &after, err) ||
        !request_page(request, &room, err) ||
        !operator_list_read(db, &arena, after, room, &list, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < list.n; i++)
        (void)json_array_append_new(array, describe(&list.at[i]));
    *ret_answer = json_object();
    answer_take(*ret_answer, "operators", array);
    if (list.n == room)
        answer_number(*ret_answer, "next", list.at[list.n - 1].id);
    return true;
}
