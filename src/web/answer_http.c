/*
 * Answers and problem details. No answer is kept by anybody on the way, none is guessed at.
 */
#include "web/answer_http.h"

#include "base/alloc.h"
#include "base/cleanup.h"

enum { FIELDS_MOST = 12 };

static const char problem_type[] = "application/problem+json";

static void answer(struct http_exchange *exchange, int status, const char *type, struct span body,
                   const struct http_field *fields)
{
    struct http_field all[FIELDS_MOST + 1] = {
        { "Cache-Control", "no-store" },
        { "X-Content-Type-Options", "nosniff" },
    };
    size_t n = 2;
    struct http_response response = { .status = status, .type = type, .body = body, .fields = all };

    for (; fields != NULL && fields->name != NULL && n < FIELDS_MOST; fields++)
        all[n++] = *fields;
    http_exchange_answer(exchange, &response);
}

void web_answer(struct web_call *call, int status, const char *type, struct span body,
                const struct http_field *fields)
{
    answer(call->exchange, status, type, body, fields);
}

static void answer_json(struct http_exchange *exchange, int status, const char *type,
                        const json_t *value, const struct http_field *fields)
{
    char *text = json_dumps(value, JSON_COMPACT);

    answer(exchange, status, type, span_of(text), fields);
    alloc_free(text);
}

void web_answer_json(struct web_call *call, int status, const json_t *value,
                     const struct http_field *fields)
{
    answer_json(call->exchange, status, "application/json", value, fields);
}

int http_status_of(enum error_kind kind)
{
    switch (kind) {
    case ERROR_INVALID:
        return 400;
    case ERROR_NOT_FOUND:
        return 404;
    case ERROR_CONFLICT:
        return 409;
    case ERROR_LIMIT:
        return 413;
    case ERROR_TEMPORARY:
        return 503;
    case ERROR_IO:
    case ERROR_INTERNAL:
        return 500;
    }
    return 500;
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 409, "Conflict" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" },
        { 422, "Unprocessable Content" },
        { 429, "Too Many Requests" },
        { 503, "Service Unavailable" },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(titles); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Internal Server Error";
}

/* Our sentences about input begin with the field: "mode: must be ...". */
static struct span field_of(struct span text)
{
    size_t n = 0;

    while (n < text.n && ((text.at[n] >= 'a' && text.at[n] <= 'z') || text.at[n] == '_' ||
                          (n > 0 && text.at[n] >= '0' && text.at[n] <= '9')))
        n++;
    return n > 0 && span_starts(span_rest(text, n), SPAN(": ")) ? span_first(text, n)
                                                                : (struct span){ NULL, 0 };
}

json_t *problem_json(int status, const char *detail, const struct error *err)
{
    json_t *problem = json_pack("{s:s, s:s, s:i}", "type", "about:blank", "title", title_of(status),
                                "status", status);
    struct span field = { NULL, 0 };
    json_t *words = json_string(detail);

    (void)json_object_set_new(problem, "detail", words != NULL ? words : json_string("?"));
    if (err == NULL)
        return problem;
    (void)json_object_set_new(problem, "kind", json_string(error_kind_name(err->kind)));
    if (err->kind == ERROR_INVALID)
        field = field_of(span_of(err->text));
    if (field.n > 0)
        (void)json_object_set_new(problem, "field", json_stringn(field.at, field.n));
    return problem;
}

void http_exchange_refuse(struct http_exchange *exchange, int status, const char *detail,
                          const struct http_field *fields)
{
    json_t *problem = problem_json(status, detail, NULL);

    answer_json(exchange, status, problem_type, problem, fields);
    json_decref(problem);
}

void web_refuse(struct web_call *call, int status, const char *detail,
                const struct http_field *fields)
{
    http_exchange_refuse(call->exchange, status, detail, fields);
}

void web_fail(struct web_call *call, const struct error *err)
{
    static const struct http_field soon[] = { { "Retry-After", "5" }, { NULL } };
    int status = http_status_of(err->kind);
    json_t *problem = problem_json(status, err->text, err);

    answer_json(call->exchange, status, problem_type, problem, status == 503 ? soon : NULL);
    json_decref(problem);
}
