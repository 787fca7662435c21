/*
 * A field comes from the path, the query or the body, and from one of them alone.
 */
#include "web/api/arguments.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "web/api/operation.h"

enum { TARGET_ROOM = 16 * 1024 };

static const struct api_operation *operation_of(const struct web_call *call)
{
    return call->match.route->detail;
}

static bool put_number(json_t *args, const char *name, const struct api_field *field,
                       struct span text, struct error *err)
{
    int64_t number;

    if (!text_to_integer(text, INT64_MIN, INT64_MAX, &number))
        return error_set(err, ERROR_INVALID, "%.*s: must be a whole number, got \"%.*s\"",
                         SPAN_ARGS(field->name), SPAN_ARGS(span_first(text, 40)));
    (void)json_object_set_new(args, name, json_integer(number));
    return true;
}

static bool put_flag(json_t *args, const char *name, const struct api_field *field,
                     struct span text, struct error *err)
{
    bool yes = span_equal(text, SPAN("true")) || span_equal(text, SPAN("1")) || text.n == 0;

    if (!yes && !span_equal(text, SPAN("false")) && !span_equal(text, SPAN("0")))
        return error_set(err, ERROR_INVALID, "%.*s: must be true or false, got \"%.*s\"",
                         SPAN_ARGS(field->name), SPAN_ARGS(span_first(text, 40)));
    (void)json_object_set_new(args, name, json_boolean(yes));
    return true;
}

/* A value as text, as the argument its field is. */
static bool put(struct web_call *call, json_t *args, const struct api_field *field,
                struct span text, struct error *err)
{
    const char *name = arena_text(http_exchange_arena(call->exchange), field->argument);
    json_t *known = json_object_get(args, name);
    int64_t number;

    if (field->type == API_LIST && known != NULL) {
        (void)json_array_append_new(known, json_stringn(text.at, text.n));
        return true;
    }
    if (known != NULL)
        return error_set(err, ERROR_INVALID, "%.*s: is given twice", SPAN_ARGS(field->name));
    if (field->type == API_NUMBER ||
        (field->type == API_NUMBER_OR_KEY && text_to_integer(text, 1, INT64_MAX, &number)))
        return put_number(args, name, field, text, err);
    if (field->type == API_FLAG)
        return put_flag(args, name, field, text, err);
    (void)json_object_set_new(args, name,
                              field->type == API_LIST ? json_pack("[s%]", text.at, text.n)
                                                      : json_stringn(text.at, text.n));
    return true;
}

static bool read_parts(struct web_call *call, json_t *args, struct error *err)
{
    struct span parts = span_of(operation_of(call)->parts);
    struct api_field field;

    for (size_t i = 0; i < call->match.part_count && api_field_next(&parts, &field); i++)
        if (!put(call, args, &field, call->match.parts[i], err))
            return false;
    return true;
}

static bool read_query(struct web_call *call, json_t *args, struct error *err)
{
    const char *known = operation_of(call)->query != NULL ? operation_of(call)->query : "";
    struct arena *arena = http_exchange_arena(call->exchange);
    struct span query = call->request->query;
    struct span name;
    struct span value;

    while (query_next(&query, arena, &name, &value)) {
        struct api_field field;

        if (name.at == NULL)
            return error_set(err, ERROR_INVALID, "the query is no percent-encoded UTF-8");
        if (!api_field_find(known, name, &field))
            return error_set(err, ERROR_INVALID, "%.*s: the query knows %s%s",
                             SPAN_ARGS(span_first(name, 40)), known[0] != '\0' ? "" : "nothing",
                             known);
        if (!put(call, args, &field, value, err))
            return false;
    }
    return true;
}

static bool need_fields(const char *list, const json_t *args, struct arena *arena,
                        struct error *err)
{
    struct span rest = span_of(list);
    struct api_field field;

    while (api_field_next(&rest, &field))
        if (field.must && json_object_get(args, arena_text(arena, field.argument)) == NULL)
            return error_set(err, ERROR_INVALID, "%.*s: is missing", SPAN_ARGS(field.name));
    return true;
}

static bool parse_body(struct span body, json_t **ret_body, struct error *err)
{
    json_error_t where;

    *ret_body = json_loadb(body.at, body.n, JSON_REJECT_DUPLICATES, &where);
    if (*ret_body == NULL)
        return error_set(err, ERROR_INVALID, "the body is no JSON: line %d, column %d: %s",
                         where.line, where.column, where.text);
    if (json_is_object(*ret_body))
        return true;
    json_decref(*ret_body);
    return error_set(err, ERROR_INVALID, "the body must be a JSON object");
}

static bool merge(json_t *args, json_t *body, struct error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach (body, name, value) {
        if (json_object_get(args, name) != NULL)
            return error_set(err, ERROR_INVALID, "%s: the address of the request says it already",
                             name);
        (void)json_object_set(args, name, value);
    }
    return true;
}

static bool read_body(struct web_call *call, json_t *args, struct error *err)
{
    struct span body = span_trim(call->request->body);
    json_t *object;
    bool ok;

    if (operation_of(call)->body == NULL)
        return body.n == 0 || error_set(err, ERROR_INVALID, "this request takes no body");
    if (body.n == 0)
        return true;
    if (!parse_body(body, &object, err))
        return false;
    ok = merge(args, object, err);
    json_decref(object);
    return ok;
}

bool api_arguments(struct web_call *call, json_t **ret_args, struct error *err)
{
    const struct api_operation *operation = operation_of(call);
    struct arena *arena = http_exchange_arena(call->exchange);
    json_t *args = json_object();

    if (read_parts(call, args, err) && read_query(call, args, err) && read_body(call, args, err) &&
        need_fields(operation->query != NULL ? operation->query : "", args, arena, err) &&
        need_fields(operation->body != NULL ? operation->body : "", args, arena, err)) {
        *ret_args = args;
        return true;
    }
    json_decref(args);
    return false;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_encoded(struct buf *to, struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (is_unreserved(text.at[i]))
            buf_put_byte(to, text.at[i]);
        else
            buf_printf(to, "%%%02X", (unsigned char)text.at[i]);
}

static void put_cursor(struct buf *to, char before, const char *name, const json_t *value)
{
    if (value == NULL)
        return;
    buf_printf(to, "%c%s=", before, name);
    if (json_is_integer(value))
        buf_printf(to, "%lld", (long long)json_integer_value(value));
    else
        put_encoded(to, span_of(json_string_value(value)));
}

/* All of the query but where the page began. */
static void put_rest(struct web_call *call, struct buf *to)
{
    struct span query = call->request->query;

    while (query.n > 0) {
        struct span pair = span_take_until(&query, '&');

        if (pair.n > 0 && !span_starts(pair, SPAN("after=")) &&
            !span_starts(pair, SPAN("after_scope=")))
            buf_printf(to, "&%.*s", SPAN_ARGS(pair));
    }
}

const char *api_next_link(struct web_call *call, const json_t *answer)
{
    CLEANUP(buf_fini) struct buf link;

    buf_init(&link, TARGET_ROOM);
    if (json_object_get(answer, "next") == NULL)
        return NULL;
    buf_printf(&link, "<%.*s", SPAN_ARGS(call->request->path));
    put_cursor(&link, '?', "after", json_object_get(answer, "next"));
    put_cursor(&link, '&', "after_scope", json_object_get(answer, "next_scope"));
    put_rest(call, &link);
    buf_put_text(&link, ">; rel=\"next\"");
    return arena_text(http_exchange_arena(call->exchange), buf_view(&link));
}
