#include "io/endpoint.h"

#include "tests/support/cmocka.h"

static void endpoints_are_read_and_written(void **state)
{
    static const char *const texts[] = { "127.0.0.1:25", "[::1]:2525", "unix:/run/postroom.sock" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        CLEANUP(buf_fini) struct buf written;
        struct endpoint e;
        struct error err;

        buf_init(&written, 200);
        assert_true(endpoint_parse(span_of(texts[i]), &e, &err));
        endpoint_put(&written, &e);
        assert_string_equal(buf_text(&written), texts[i]);
    }
}

static void wrong_endpoints_are_refused(void **state)
{
    static const char *const texts[] = {
        "",      "127.0.0.1",     "127.0.0.1:", "127.0.0.1:65536", "::1:25",
        "[::1]", "[127.0.0.1]:1", "host:25",    "unix:",           "127.0.0.1:-1",
    };
    struct endpoint e;
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_false(endpoint_parse(span_of(texts[i]), &e, &err));
}

static void a_long_unix_path_is_refused(void **state)
{
    char path[200];
    struct endpoint e;
    struct error err;

    (void)state;
    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_false(endpoint_unix(path, &e, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    path[107] = '\0';
    assert_true(endpoint_unix(path, &e, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_read_and_written),
        cmocka_unit_test(wrong_endpoints_are_refused),
        cmocka_unit_test(a_long_unix_path_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
