#include "protocol/mail/list_headers.h"

#include <string.h>

#include "tests/support/cmocka.h"

/* People's filters hold these: the mapping may never change. */
static void keys_map_to_the_identities_of_old(void **state)
{
    static const struct {
        const char *key;
        const char *id;
    } cases[] = {
        { "issue/12", "12.issue.example.org" },
        { "project/postroom", "postroom.project.example.org" },
        { "a/b/c", "c.b.a.example.org" },
        { "one", "one.example.org" },
        { "", "_.example.org" },
        { "a//b", "b._.a.example.org" },
        { "a/", "_.a.example.org" },
        { "Issue/A", "_41._49ssue.example.org" },
        { "a.b/c_d-e", "c_5fd-e.a_2eb.example.org" },
        { "\u00fc/>", "_3e._c3_bc.example.org" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 255);
        list_id_put(&to, span_of(cases[i].key), SPAN("example.org"));
        assert_string_equal(buf_text(&to), cases[i].id);
    }
}

static void a_key_too_long_has_an_identity_of_its_own(void **state)
{
    char key[300];
    CLEANUP(buf_fini) struct buf one;
    CLEANUP(buf_fini) struct buf other;

    (void)state;
    memset(key, 'a', sizeof key);
    buf_init(&one, 255);
    buf_init(&other, 255);
    list_id_put(&one, (struct span){ key, 242 }, SPAN("example.org"));
    assert_false(one.overflown);
    assert_memory_equal(one.at, "aaa", 3);
    buf_clear(&one);
    list_id_put(&one, (struct span){ key, sizeof key }, SPAN("example.org"));
    list_id_put(&other, (struct span){ key, sizeof key - 1 }, SPAN("example.org"));
    assert_string_equal(buf_text(&one), "__ta27u27u4ifjxhvicjia.example.org");
    assert_string_not_equal(buf_text(&one), buf_text(&other));
}

static void the_field_has_a_name_that_filters_can_read(void **state)
{
    static const struct {
        const char *label;
        const char *field;
    } cases[] = {
        { "", "List-Id: <12.issue.example.org>\r\n" },
        { "Project X", "List-Id: Project X <12.issue.example.org>\r\n" },
        { "Issue 12, \"new\"", "List-Id: \"Issue 12, \\\"new\\\"\" <12.issue.example.org>\r\n" },
        { "a name that is too long is cut as readers show less of it in any case",
          "List-Id: a name that is too long is cut as readers show less of it in\r\n"
          " <12.issue.example.org>\r\n" },
        { "\u00dcbersicht", "List-Id: <12.issue.example.org>\r\n" },
        { "=?utf-8?Q?x?=", "List-Id: <12.issue.example.org>\r\n" },
        { "a <b>\r\nBcc: c", "List-Id: \"a <b> Bcc: c\" <12.issue.example.org>\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 1000);
        list_headers_put_id(&to, span_of(cases[i].label), SPAN("issue/12"), SPAN("example.org"));
        assert_string_equal(buf_text(&to), cases[i].field);
    }
}

/* RFC 8058: both fields, or one click does nothing. */
static void unsubscribing_works_with_one_click(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    list_headers_put_unsubscribe(&to, SPAN("https://example.org/u/t"),
                                 SPAN("mailto:u.t@reply.example.org"));
    assert_string_equal(
        buf_text(&to),
        "List-Unsubscribe: <https://example.org/u/t>, <mailto:u.t@reply.example.org>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    buf_clear(&to);
    list_headers_put_unsubscribe(&to, SPAN("https://example.org/u/t"), SPAN(""));
    assert_string_equal(buf_text(&to), "List-Unsubscribe: <https://example.org/u/t>\r\n"
                                       "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    buf_clear(&to);
    list_headers_put_unsubscribe(&to, SPAN("http://example.org/u/t"), SPAN(""));
    assert_string_equal(buf_text(&to), "List-Unsubscribe: <http://example.org/u/t>\r\n");
    buf_clear(&to);
    list_headers_put_automatic(&to);
    assert_string_equal(buf_text(&to), "Auto-Submitted: auto-generated\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_map_to_the_identities_of_old),
        cmocka_unit_test(a_key_too_long_has_an_identity_of_its_own),
        cmocka_unit_test(the_field_has_a_name_that_filters_can_read),
        cmocka_unit_test(unsubscribing_works_with_one_click),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
