/*
 * Paths find their routes, and broken ones find nothing.
 */
#include "web/route.h"

#include <string.h>

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

static void answer_nothing(struct web_call *call)
{
    (void)call;
}

static const struct http_route people[] = {
    { HTTP_GET, "/people", answer_nothing, NULL, "list" },
    { HTTP_POST, "/people", answer_nothing, NULL, "add" },
    { HTTP_GET, "/people/{person}", answer_nothing, NULL, "show" },
    { HTTP_DELETE, "/people/{person}/watches/{topic}", answer_nothing, NULL, "unwatch" },
    { .path = NULL },
};
static const struct http_route *const tables[] = { people, NULL };

struct finding {
    enum http_method method;
    const char *path;
    const char *detail;  /* NULL: no route */
    const char *part;    /* the last one; NULL: none */
    const char *allowed; /* NULL: not asked */
};

static const struct finding findings[] = {
    { HTTP_GET, "/people", "list", NULL, "GET, HEAD, POST, OPTIONS" },
    { HTTP_HEAD, "/people", "list", NULL, NULL },
    { HTTP_POST, "/people", "add", NULL, NULL },
    { HTTP_PUT, "/people", NULL, NULL, "GET, HEAD, POST, OPTIONS" },
    { HTTP_GET, "/people/brian", "show", "brian", NULL },
    { HTTP_GET, "/people/brian%40example.org", "show", "brian@example.org", NULL },
    { HTTP_GET, "/people/a+b", "show", "a+b", NULL },
    { HTTP_DELETE, "/people/brian/watches/issue%2F12", "unwatch", "issue/12", NULL },
    { HTTP_DELETE, "/people/brian/watches/issue/12", NULL, NULL, "OPTIONS" },
    { HTTP_GET, "/people/", NULL, NULL, "OPTIONS" },
    { HTTP_GET, "/people//", NULL, NULL, "OPTIONS" },
    { HTTP_GET, "/", NULL, NULL, "OPTIONS" },
    { HTTP_GET, "/peoples", NULL, NULL, "OPTIONS" },
    { HTTP_OPTIONS, "/people/brian", NULL, NULL, "GET, HEAD, OPTIONS" },
};

static void check_finding(const struct finding *f, struct arena *arena)
{
    CLEANUP(buf_fini) struct buf allowed;
    struct route_match match = route_find(tables, f->method, span_of(f->path), arena);

    buf_init(&allowed, 100);
    route_put_allowed(&allowed, match.allowed);
    assert_int_equal(match.route != NULL, f->detail != NULL);
    if (f->detail != NULL && match.route != NULL)
        assert_string_equal((const char *)match.route->detail, f->detail);
    if (f->part != NULL)
        assert_true(span_equal(match.parts[match.part_count - 1], span_of(f->part)));
    if (f->allowed != NULL)
        assert_string_equal(buf_text(&allowed), f->allowed);
}

static void paths_find_their_routes(void **state)
{
    CLEANUP(arena_fini) struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_LENGTH(findings); i++)
        check_finding(&findings[i], &arena);
}

static void broken_parts_are_said_to_be_broken(void **state)
{
    static const char *const paths[] = { "/people/%", "/people/%4", "/people/%zz", "/people/%00",
                                         "/people/%ff" };
    CLEANUP(arena_fini) struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++)
        assert_true(route_find(tables, HTTP_GET, span_of(paths[i]), &arena).is_broken);
}

static void a_query_is_read_pair_by_pair(void **state)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span query = SPAN("a=1&&b=x+y%26z&c&d=%ff");
    struct span name;
    struct span value;

    (void)state;
    arena_init(&arena);
    assert_true(query_next(&query, &arena, &name, &value));
    assert_true(span_equal(name, SPAN("a")) && span_equal(value, SPAN("1")));
    assert_true(query_next(&query, &arena, &name, &value));
    assert_true(span_equal(name, SPAN("b")) && span_equal(value, SPAN("x y&z")));
    assert_true(query_next(&query, &arena, &name, &value));
    assert_true(span_equal(name, SPAN("c")) && value.n == 0);
    assert_true(query_next(&query, &arena, &name, &value));
    assert_null(name.at);
    assert_false(query_next(&query, &arena, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_routes),
        cmocka_unit_test(broken_parts_are_said_to_be_broken),
        cmocka_unit_test(a_query_is_read_pair_by_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
