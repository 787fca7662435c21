#include "domain/csv.h"

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

/* Records as "[a|b][c]". */
static bool note(void *owner, const struct csv_record *record, struct error *err)
{
    struct buf *out = owner;

    (void)err;
    buf_put_byte(out, '[');
    for (size_t i = 0; i < record->n; i++) {
        if (i > 0)
            buf_put_byte(out, '|');
        buf_put(out, record->fields[i]);
    }
    buf_put_byte(out, ']');
    return true;
}

static bool read_in_pieces(struct span text, size_t piece, struct buf *out, struct error *err)
{
    struct csv csv;
    bool ok = true;

    csv_init(&csv, note, out);
    for (size_t at = 0; ok && at < text.n; at += piece)
        ok = csv_feed(
            &csv, (struct span){ text.at + at, text.n - at < piece ? text.n - at : piece }, err);
    ok = ok && csv_end(&csv, err);
    csv_fini(&csv);
    return ok;
}

static void records_are_the_same_in_pieces_of_any_size(void **state)
{
    static const struct {
        const char *text;
        const char *records;
    } cases[] = {
        { "", "" },
        { "a", "[a]" },
        { "a,b\nc,d\n", "[a|b][c|d]" },
        { "a,b\r\nc,d\r\n", "[a|b][c|d]" },
        { "a,b\rc,d", "[a|b][c|d]" },
        { "a,\n,\n", "[a|][|]" },
        { "a\n\n\r\nb\n", "[a][b]" },
        { "\"a,b\",\"c\"\"d\"\n\"two\nlines\",x", "[a,b|c\"d][two\nlines|x]" },
        { "\"\",\"\"\n", "[|]" },
        { "a;b,c;d\n1;2;3\n", "[a|b,c|d][1|2|3]" },
        { "a\tb\n1,5\t2\n", "[a|b][1,5|2]" },
        { "\"a;b;c\",d\n1,2\n", "[a;b;c|d][1|2]" },
        { "\xEF\xBB\xBFid,name\n1,x\n", "[id|name][1|x]" },
        { "a,b\n\"c\"", "[a|b][c]" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct span text = span_of(cases[i].text);

        for (size_t piece = 1; piece <= text.n + 1; piece++) {
            CLEANUP(buf_fini) struct buf out;
            struct error err;

            buf_init(&out, 1000);
            if (!read_in_pieces(text, piece, &out, &err))
                fail_msg("%s: %s", cases[i].text, err.text);
            assert_string_equal(buf_text(&out), cases[i].records);
        }
    }
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        { "a,b\nc\"d,e\n", "line 2: a quote inside a field: a field with quotes is in quotes, and "
                           "each of its own is doubled" },
        { "a\r\n\"x\ny\"z\n", "line 3: a quote ends before its field does: a field with quotes is "
                              "in quotes, and each of its own is doubled" },
        { "a\nb\n\"c\nd", "line 3: a field in quotes has no end" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf out;
        struct error err;

        buf_init(&out, 1000);
        assert_false(read_in_pieces(span_of(cases[i].text), 2, &out, &err));
        assert_string_equal(err.text, cases[i].error);
    }
}

static void a_record_has_its_limits(void **state)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf out;
    struct error err;

    (void)state;
    buf_init(&text, 4 << 20);
    buf_init(&out, 4 << 20);
    for (int i = 0; i < CSV_FIELDS_MOST; i++)
        buf_put_text(&text, "x,");
    assert_false(read_in_pieces(buf_view(&text), 100, &out, &err));
    assert_string_equal(err.text, "line 1: more than 200 fields");
    buf_clear(&text);
    buf_put_text(&text, "a\n");
    for (int i = 0; i <= CSV_RECORD_LIMIT / 10; i++)
        buf_put_text(&text, "0123456789");
    assert_false(read_in_pieces(buf_view(&text), 1000, &out, &err));
    assert_string_equal(err.text, "line 2: a record of more than 1048576 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_the_same_in_pieces_of_any_size),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_record_has_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
