/*
 * The module, by the example that is built beside it.
 */
#include "services/sight/sight_module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cmocka.h"

/* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
#define EXAMPLE getenv("POSTROOM_SEE_EXAMPLE")

static struct sight_module *open_example(void)
{
    struct error err;
    struct sight_module *module = sight_module_open(EXAMPLE, &err);

    if (module == NULL)
        fail_msg("%s", err.text);
    return module;
}

static void each_event_gets_its_answer(void **state)
{
    static const struct {
        const char *person;
        const char *label;
        const char *kind;
        enum sight_word word;
    } cases[] = {
        { "ann", "", "commented", SIGHT_YES },
        { "ann", "staff", "commented", SIGHT_NO },
        { "staff-bob", "staff", "commented", SIGHT_YES },
        { "ann", "", "typo-fixed", SIGHT_NOT_NEEDED },
        { "ann", "", "rebuilt", SIGHT_LATER },
    };
    struct sight_module *module = open_example();

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sight_sheet *sheet = sight_sheet_new(1);
        struct error err;

        sheet->person = span_of(cases[i].person);
        sheet->count = 1;
        sheet->items[0] = (struct sight_item){ .event = 7,
                                               .kind = span_of(cases[i].kind),
                                               .label = span_of(cases[i].label) };
        assert_true(sight_module_see(module, sheet, 1000, &err));
        assert_int_equal(sheet->answered_at, 1000);
        assert_int_equal(sheet->items[0].answer.word, cases[i].word);
        if (cases[i].word == SIGHT_LATER)
            assert_int_equal(sheet->items[0].answer.until, 61000);
        if (cases[i].word == SIGHT_YES) {
            assert_int_equal(sheet->items[0].answer.field_count, 1);
            assert_true(span_equal(sheet->items[0].answer.fields[0].name, SPAN("role")));
        }
        sight_sheet_free(sheet);
    }
    sight_module_close(module);
}

static void a_module_that_cannot_answer_says_why(void **state)
{
    struct sight_module *module = open_example();
    struct sight_sheet *sheet = sight_sheet_new(1);
    struct error err;

    (void)state;
    sheet->count = 1;
    sheet->items[0] = (struct sight_item){ .event = 7, .topic = SPAN("no/database") };
    assert_false(sight_module_see(module, sheet, 1000, &err));
    assert_string_equal(err.text, "the database is away");
    assert_int_equal(sheet->answered_at, 0);
    sight_sheet_free(sheet);
    sight_module_close(module);
}

static void what_is_no_module_is_refused(void **state)
{
    struct error err;

    (void)state;
    assert_null(sight_module_open("/nowhere/see.so", &err));
    assert_non_null(strstr(err.text, "/nowhere/see.so"));
    assert_null(sight_module_open("libm.so.6", &err));
    assert_non_null(strstr(err.text, "postroom_see"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_gets_its_answer),
        cmocka_unit_test(a_module_that_cannot_answer_says_why),
        cmocka_unit_test(what_is_no_module_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
