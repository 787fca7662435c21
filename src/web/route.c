/*
 * Paths and patterns, walked side by side.
 */
#include "web/route.h"

#include <string.h>

#include "base/text.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = span_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of `text` at `*i`, which goes past it; -1: broken. */
static int decode_one(struct span text, size_t *i, bool is_form)
{
    char c = text.at[(*i)++];
    int high;
    int low;

    if (c == '+' && is_form)
        return ' ';
    if (c != '%')
        return (unsigned char)c;
    if (text.n - *i < 2)
        return -1;
    high = hex_digit(text.at[(*i)++]);
    low = hex_digit(text.at[(*i)++]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool percent_decode(struct span text, bool is_form, struct arena *arena, struct span *ret_text)
{
    char *to = arena_take(arena, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n;) {
        int byte = decode_one(text, &i, is_form);

        if (byte <= 0)
            return false;
        to[n++] = (char)byte;
    }
    *ret_text = (struct span){ to, n };
    return text_is_utf8(*ret_text);
}

bool query_next(struct span *query, struct arena *arena, struct span *ret_name,
                struct span *ret_value)
{
    struct span pair;
    struct span name;

    do {
        if (query->n == 0)
            return false;
        pair = span_take_until(query, '&');
    } while (pair.n == 0);
    name = span_take_until(&pair, '=');
    if (!percent_decode(name, true, arena, ret_name) ||
        !percent_decode(pair, true, arena, ret_value))
        *ret_name = (struct span){ NULL, 0 };
    return true;
}

/* Whether the path is of the pattern; its parts, still encoded. */
static bool is_match(struct span pattern, struct span path, struct span *parts, size_t *ret_count)
{
    size_t count = 0;

    for (;;) {
        struct span wanted = span_first(pattern, span_index(pattern, '/'));
        struct span given = span_first(path, span_index(path, '/'));

        if (span_starts(wanted, SPAN("{")) && given.n > 0 && count < ROUTE_PARTS)
            parts[count++] = given;
        else if (!span_equal(wanted, given))
            return false;
        *ret_count = count;
        if (wanted.n == pattern.n || given.n == path.n)
            return wanted.n == pattern.n && given.n == path.n;
        pattern = span_rest(pattern, wanted.n + 1);
        path = span_rest(path, given.n + 1);
    }
}

static void take(struct route_match *match, const struct http_route *route,
                 const struct span *parts, size_t count, struct arena *arena)
{
    match->route = route;
    match->part_count = count;
    for (size_t i = 0; i < count; i++)
        match->is_broken |= !percent_decode(parts[i], false, arena, &match->parts[i]);
}

struct route_match route_find(const struct http_route *const *tables, enum http_method method,
                              struct span path, struct arena *arena)
{
    struct route_match match = { .route = NULL };
    enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;

    for (; *tables != NULL; tables++)
        for (const struct http_route *route = *tables; route->path != NULL; route++) {
            struct span parts[ROUTE_PARTS] = { { NULL, 0 } };
            size_t count;

            if (!is_match(span_of(route->path), path, parts, &count))
                continue;
            match.allowed |= 1U << route->method;
            if (route->method == wanted && match.route == NULL)
                take(&match, route, parts, count, arena);
        }
    return match;
}

void route_put_allowed(struct buf *to, unsigned allowed)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET, HEAD", [HTTP_HEAD] = NULL,     [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",       [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE"
    };

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if ((allowed & 1U << i) != 0 && names[i] != NULL)
            buf_printf(to, "%s, ", names[i]);
    buf_put_text(to, "OPTIONS");
}
