#include "base/encodings.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void check_both_ways(void (*put)(struct buf *, struct span),
                            bool (*read)(struct buf *, struct span), const char *plain,
                            const char *encoded)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf back;

    buf_init(&text, 1000);
    buf_init(&back, 1000);
    put(&text, span_of(plain));
    assert_string_equal(buf_text(&text), encoded);
    assert_true(read(&back, span_of(encoded)));
    assert_string_equal(buf_text(&back), plain);
}

static void rfc_4648_vectors_hold(void **state)
{
    (void)state;
    check_both_ways(base64_put, base64_read, "", "");
    check_both_ways(base64_put, base64_read, "f", "Zg==");
    check_both_ways(base64_put, base64_read, "fo", "Zm8=");
    check_both_ways(base64_put, base64_read, "foo", "Zm9v");
    check_both_ways(base64_put, base64_read, "foobar", "Zm9vYmFy");
    check_both_ways(base64url_put, base64url_read, "?\x3f>~", "Pz8-fg");
    check_both_ways(base32_put, base32_read, "foobar", "mzxw6ytboi");
    check_both_ways(hex_put, hex_read, "foobar", "666f6f626172");
}

static void wrong_text_is_refused(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    assert_false(base64_read(&to, SPAN("Zg=")));
    assert_false(base64_read(&to, SPAN("Zh=="))); /* bits left over */
    assert_false(base64_read(&to, SPAN("Z===")));
    assert_false(base64_read(&to, SPAN("Zm 9")));
    assert_false(base64url_read(&to, SPAN("Pz8+fg")));
    assert_false(base32_read(&to, SPAN("mzxw6ytbo1")));
    assert_false(hex_read(&to, SPAN("666")));
    assert_false(hex_read(&to, ((struct span){ "6\0", 2 })));
}

static void base32_ignores_case(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    assert_true(base32_read(&to, SPAN("MZXW6ytboi")));
    assert_string_equal(buf_text(&to), "foobar");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4648_vectors_hold),
        cmocka_unit_test(wrong_text_is_refused),
        cmocka_unit_test(base32_ignores_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
