#include "domain/topic_key.h"

#include <string.h>

#include "tests/support/cmocka.h"

/* What a name may be. */
typedef bool check(struct span name, struct error *err);

static void each_name_has_its_letters_and_its_length(void **state)
{
    static const struct {
        check *check;
        const char *name;
        const char *reason; /* NULL: good */
    } cases[] = {
        { topic_key_check, "issue/12", NULL },
        { topic_key_check, "caf\u00e9/\u6f22,x", NULL },
        { topic_key_check, "/", NULL },
        { topic_key_check, "", "a topic's key cannot be empty" },
        { topic_key_check, "a b", "a topic's key holds no \" \": \"a b\"" },
        { topic_key_check, "issue/*", "a topic's key holds no \"*\": \"issue/*\"" },
        { topic_key_check, "a\tb", "a topic's key is UTF-8 text without control characters" },
        { topic_key_check, "a\x7f", "a topic's key is UTF-8 text without control characters" },
        { topic_key_check, "\xff", "a topic's key is UTF-8 text without control characters" },
        { kind_name_check, "state-changed", NULL },
        { kind_name_check, "*", NULL },
        { kind_name_check, "a,b", "a kind's name holds no \",\": \"a,b\"" },
        { kind_name_check, "a b", "a kind's name holds no \" \": \"a b\"" },
        { label_check, "team a, b *", NULL },
        { label_check, "", "a label cannot be empty" },
        { label_check, "a\nb", "a label is UTF-8 text without control characters" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = { .text = "" };

        assert_int_equal(cases[i].check(span_of(cases[i].name), &err), cases[i].reason == NULL);
        if (cases[i].reason != NULL)
            assert_string_equal(err.text, cases[i].reason);
    }
}

static void lengths_are_bytes(void **state)
{
    static const struct {
        check *check;
        size_t most;
    } cases[] = { { topic_key_check, TOPIC_KEY_LIMIT },
                  { kind_name_check, KIND_NAME_LIMIT },
                  { label_check, LABEL_LIMIT } };
    char name[300];
    struct error err;

    (void)state;
    memset(name, 'n', sizeof name);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_true(cases[i].check((struct span){ name, cases[i].most }, &err));
        assert_false(cases[i].check((struct span){ name, cases[i].most + 1 }, &err));
        assert_int_equal(err.kind, ERROR_LIMIT);
    }
}

static void a_kind_stands_before_the_first_slash(void **state)
{
    (void)state;
    assert_true(span_equal(topic_key_kind(SPAN("issue/12")), SPAN("issue")));
    assert_true(span_equal(topic_key_kind(SPAN("a/b/c")), SPAN("a")));
    assert_true(span_equal(topic_key_kind(SPAN("one")), SPAN("one")));
    assert_true(span_equal(topic_key_kind(SPAN("/x")), SPAN("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_has_its_letters_and_its_length),
        cmocka_unit_test(lengths_are_bytes),
        cmocka_unit_test(a_kind_stands_before_the_first_slash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
