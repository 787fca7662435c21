/*
 * Questions, answers and records.
 */
#include "services/request/sight_json.h"

#include "tests/support/cmocka.h"

/* Two sheets: Ann's of two events, Bob's of one. */
struct desk {
    struct sight_sheet *sheets[2];
    struct sight_batch batch;
    struct error err;
};

static void desk_fini(struct desk *d)
{
    sight_sheet_free(d->sheets[0]);
    sight_sheet_free(d->sheets[1]);
}

static void desk_init(struct desk *d)
{
    *d = (struct desk){ .batch = { d->sheets, 2 } };
    d->sheets[0] = sight_sheet_new(2);
    d->sheets[0]->person = SPAN("ann");
    d->sheets[0]->count = 2;
    d->sheets[0]->items[0] = (struct sight_item){ .event = 81, .kind = SPAN("commented") };
    d->sheets[0]->items[1] = (struct sight_item){ .event = 82, .label = SPAN("\"staff\"") };
    d->sheets[1] = sight_sheet_new(1);
    d->sheets[1]->address = SPAN("bob@example.org");
    d->sheets[1]->count = 1;
    d->sheets[1]->items[0] = (struct sight_item){ .event = 81 };
}

static void items_are_numbered_through_all_sheets(void **state)
{
    CLEANUP(desk_fini) struct desk d;
    CLEANUP(buf_fini) struct buf question;

    (void)state;
    desk_init(&d);
    buf_init(&question, 4096);
    sight_question_put(&question, &d.batch);
    assert_string_equal(buf_text(&question),
                        "{\"items\":["
                        "{\"item\":1,\"event\":81,\"kind\":\"commented\",\"person\":\"ann\"},"
                        "{\"item\":2,\"event\":82,\"label\":\"\\\"staff\\\"\",\"person\":\"ann\"},"
                        "{\"item\":3,\"event\":81,\"address\":\"bob@example.org\"}]}");
}

static void each_item_gets_its_own_answer(void **state)
{
    CLEANUP(desk_fini) struct desk d;
    const struct sight_answer *answer;

    (void)state;
    desk_init(&d);
    assert_true(sight_answer_read(SPAN("{\"items\": [{\"item\": 3, \"see\": \"later\", "
                                       "\"seconds\": 60}, {\"item\": 1, \"see\": \"yes\", "
                                       "\"fields\": {\"n\": 7}}]}"),
                                  &d.batch, 1000, &d.err));
    answer = &d.sheets[0]->items[0].answer;
    assert_int_equal(answer->word, SIGHT_YES);
    assert_int_equal(answer->field_count, 1);
    assert_true(span_equal(answer->fields[0].value, SPAN("7")));
    assert_int_equal(d.sheets[0]->items[1].answer.word, SIGHT_UNANSWERED);
    assert_int_equal(d.sheets[1]->items[0].answer.word, SIGHT_LATER);
    assert_int_equal(d.sheets[1]->items[0].answer.until, 61000);
    assert_int_equal(d.sheets[1]->answered_at, 1000);
}

static void what_is_no_answer_changes_nothing(void **state)
{
    static const char *const texts[] = {
        "", "no", "{}", "[]", "{\"items\": {}}", "{\"items\": [], \"items\": []}"
    };
    CLEANUP(desk_fini) struct desk d;

    (void)state;
    desk_init(&d);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        d.err.text[0] = '\0';
        assert_false(sight_answer_read(span_of(texts[i]), &d.batch, 1000, &d.err));
        assert_true(d.err.text[0] != '\0');
        assert_int_equal(d.sheets[0]->answered_at, 0);
    }
}

static void a_record_holds_the_exceptions(void **state)
{
    CLEANUP(desk_fini) struct desk d;
    CLEANUP(buf_fini) struct buf record;
    struct sight_sheet *again;

    (void)state;
    desk_init(&d);
    buf_init(&record, 4096);
    d.sheets[0]->items[0].answer.word = SIGHT_YES;
    d.sheets[0]->items[1].answer.word = SIGHT_NO;
    sight_record_put(&record, d.sheets[0]);
    again = sight_record_read(buf_view(&record));
    assert_non_null(again);
    assert_int_equal(again->count, 1);
    assert_null(sight_sheet_find(again, 81));
    assert_int_equal(sight_sheet_find(again, 82)->answer.word, SIGHT_NO);
    sight_sheet_free(again);
    assert_null(sight_record_read(SPAN("[{\"event\": 1, \"see\": 9}]")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_numbered_through_all_sheets),
        cmocka_unit_test(each_item_gets_its_own_answer),
        cmocka_unit_test(what_is_no_answer_changes_nothing),
        cmocka_unit_test(a_record_holds_the_exceptions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
