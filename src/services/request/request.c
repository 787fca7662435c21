/*
 * Reading the arguments of a request.
 */
#include "services/request/request.h"

#include "base/text.h"

static bool is_listed(const char *name, const char *fields)
{
    struct span rest = span_of(fields);

    while (rest.n > 0)
        if (span_equal(span_take_until(&rest, ' '), span_of(name)))
            return true;
    return false;
}

bool request_allow(const struct request *request, const char *fields, struct error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach (request->args, name, value) {
        if (!is_listed(name, fields))
            return error_set(err, ERROR_INVALID, "unknown field \"%s\" (known: %s)", name, fields);
    }
    return true;
}

const char *request_way(const struct request *request)
{
    return request->way != NULL ? request->way : "command";
}

struct request request_part(const struct request *request, json_t *args)
{
    struct request part = *request;

    part.args = args;
    return part;
}

bool request_may_grant(const struct request *request, uint64_t scopes, const char *field,
                       struct error *err)
{
    return request->scopes == NULL || (scopes & ~*request->scopes) == 0 ||
           error_set(err, ERROR_INVALID, "%s: more than the token that asks may itself", field);
}

void request_note_before(const struct request *request, json_t *before)
{
    if (request->note == NULL) {
        json_decref(before);
        return;
    }
    json_decref(request->note->before);
    request->note->before = before;
}

void request_text_change(struct span *text, struct span wish)
{
    if (wish.at != NULL)
        *text = wish.n > 0 ? wish : (struct span){ NULL, 0 };
}

static const json_t *field_of(const struct request *request, const char *field)
{
    const json_t *value = json_object_get(request->args, field);

    return json_is_null(value) ? NULL : value;
}

bool request_text(const struct request *request, const char *field, struct span *ret_text,
                  struct error *err)
{
    const json_t *value = field_of(request, field);

    if (value == NULL) {
        *ret_text = (struct span){ NULL, 0 };
        return true;
    }
    if (!json_is_string(value))
        return error_set(err, ERROR_INVALID, "%s: must be a text", field);
    *ret_text = (struct span){ json_string_value(value), json_string_length(value) };
    return true;
}

bool request_need_text(const struct request *request, const char *field, struct span *ret_text,
                       struct error *err)
{
    struct span text;

    if (!request_text(request, field, &text, err))
        return false;
    if (text.n == 0)
        return error_set(err, ERROR_INVALID, "%s: %s", field,
                         text.at == NULL ? "is missing" : "must not be empty");
    *ret_text = text;
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): a field, its range and its default belong together */
bool request_integer(const struct request *request, const char *field, int64_t least, int64_t most,
                     int64_t fallback, int64_t *ret_value, struct error *err)
{
    const json_t *value = field_of(request, field);
    int64_t number;

    if (value == NULL) {
        *ret_value = fallback;
        return true;
    }
    if (!json_is_integer(value))
        return error_set(err, ERROR_INVALID, "%s: must be a whole number", field);
    number = json_integer_value(value);
    if (number < least || number > most)
        return error_set(err, ERROR_INVALID, "%s: must be %lld to %lld, got %lld", field,
                         (long long)least, (long long)most, (long long)number);
    *ret_value = number;
    return true;
}

bool request_flag(const struct request *request, const char *field, bool fallback, bool *ret_flag,
                  struct error *err)
{
    const json_t *value = field_of(request, field);

    if (value == NULL) {
        *ret_flag = fallback;
        return true;
    }
    if (!json_is_boolean(value))
        return error_set(err, ERROR_INVALID, "%s: must be true or false", field);
    *ret_flag = json_is_true(value);
    return true;
}

/* A time, or a duration from now: forwards with a sign of 1, back with -1. */
static bool read_moment(const struct request *request, const char *field, int sign,
                        int64_t *ret_utc_ms, struct error *err)
{
    struct span text;
    int64_t ms;

    if (!request_text(request, field, &text, err))
        return false;
    if (text.at == NULL) {
        *ret_utc_ms = 0;
        return true;
    }
    if (text_to_time(text, ret_utc_ms))
        return true;
    if (sign < 0 && span_ends(text, SPAN(" ago")))
        text = span_first(text, text.n - 4);
    if (!text_to_duration(text, &ms))
        return error_set(
            err, ERROR_INVALID,
            "%s: must be a time (2026-11-24T18:00:00Z) or a duration (2h), got \"%.*s\"", field,
            SPAN_ARGS(span_first(text, 60)));
    *ret_utc_ms = request->now_ms + sign * ms;
    return true;
}

bool request_moment(const struct request *request, const char *field, int64_t *ret_utc_ms,
                    struct error *err)
{
    return read_moment(request, field, 1, ret_utc_ms, err);
}

bool request_past(const struct request *request, const char *field, int64_t *ret_utc_ms,
                  struct error *err)
{
    return read_moment(request, field, -1, ret_utc_ms, err);
}

static bool text_of(const json_t *value, const char *field, struct span *ret_text,
                    struct error *err)
{
    if (!json_is_string(value))
        return error_set(err, ERROR_INVALID, "%s: must be a list of texts", field);
    *ret_text = (struct span){ json_string_value(value), json_string_length(value) };
    return true;
}

bool request_texts(const struct request *request, const char *field, struct arena *arena,
                   struct span **ret_texts, size_t *ret_count, struct error *err)
{
    const json_t *value = field_of(request, field);
    size_t count = json_is_array(value) ? json_array_size(value) : value != NULL;
    struct span *texts;

    *ret_texts = NULL;
    *ret_count = 0;
    if (value == NULL)
        return true;
    if (count > REQUEST_TEXTS_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s: at most %d", field, REQUEST_TEXTS_LIMIT);
    texts = ARENA_ARRAY(arena, struct span, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!text_of(json_is_array(value) ? json_array_get(value, i) : value, field, &texts[i],
                     err))
            return false;
    *ret_texts = texts;
    *ret_count = count;
    return true;
}

bool request_page(const struct request *request, size_t *ret_limit, struct error *err)
{
    int64_t limit;

    if (!request_integer(request, "limit", 1, REQUEST_PAGE_MOST, REQUEST_PAGE, &limit, err))
        return false;
    *ret_limit = (size_t)limit;
    return true;
}
