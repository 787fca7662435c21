#include "protocol/mail/message_id.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void identities_are_judged_by_the_strict_grammar(void **state)
{
    static const struct {
        const char *id;
        bool valid;
    } cases[] = {
        { "<a@b>", true },
        { "<d1.x7k2@example.org>", true },
        { "<!#$%&'*+-/=?^_`{|}~@b>", true },
        { "<a@[192.0.2.1]>", true },
        { "<a@[]>", true },
        { "", false },
        { "<>", false },
        { "<@b>", false },
        { "<a@>", false },
        { "<ab>", false },
        { "a@b", false },
        { "<a@b", false },
        { "<a@b>>", false },
        { "<a@b@c>", false },
        { "<.a@b>", false },
        { "<a..b@c>", false },
        { "<a.@b>", false },
        { "<a@b.>", false },
        { "<a b@c>", false },
        { "<\"a\"@b>", false },
        { "<a@[b]c]>", false },
        { "<a@[b\\c]>", false },
        { "<a@b>\r\n", false },
        { "<a\r\n@b>", false },
        { "<\u00fc@b>", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (message_id_is_valid(span_of(cases[i].id)) != cases[i].valid)
            fail_msg("%s", cases[i].id);
}

static void an_identity_has_at_most_250_bytes(void **state)
{
    char id[MESSAGE_ID_MOST + 1];

    (void)state;
    memset(id, 'a', sizeof id);
    id[0] = '<';
    id[2] = '@';
    id[MESSAGE_ID_MOST - 1] = '>';
    assert_true(message_id_is_valid((struct span){ id, MESSAGE_ID_MOST }));
    id[MESSAGE_ID_MOST - 1] = 'a';
    id[MESSAGE_ID_MOST] = '>';
    assert_false(message_id_is_valid((struct span){ id, MESSAGE_ID_MOST + 1 }));
}

static void a_field_gives_its_good_identities_one_by_one(void **state)
{
    static const char *const expected[] = { "<a@b>", "<c@d>", "<e@f>", "<g@h>" };
    struct span rest = SPAN("junk <a@b> \"x\" <c@d><broken id> <<e@f>> <g@h> <open@i");
    struct span id;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        assert_true(message_id_take(&rest, &id));
        assert_true(span_equal(id, span_of(expected[i])));
    }
    assert_false(message_id_take(&rest, &id));
    assert_int_equal(rest.n, 0);
    assert_false(message_id_take(&rest, &id));
}

static void what_cannot_stand_in_an_identity_becomes_a_hyphen(void **state)
{
    static const struct {
        const char *left;
        const char *id;
    } cases[] = {
        { "d12.x7", "<d12.x7@example.org>" },
        { ".a..b.", "<-a.-b-@example.org>" },
        { "a b@c>\r\n", "<a-b-c---@example.org>" },
        { "\u00fc", "<--@example.org>" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, MESSAGE_ID_MOST);
        message_id_put(&to, span_of(cases[i].left), SPAN("example.org"));
        assert_string_equal(buf_text(&to), cases[i].id);
        assert_true(message_id_is_valid(buf_view(&to)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identities_are_judged_by_the_strict_grammar),
        cmocka_unit_test(an_identity_has_at_most_250_bytes),
        cmocka_unit_test(a_field_gives_its_good_identities_one_by_one),
        cmocka_unit_test(what_cannot_stand_in_an_identity_becomes_a_hyphen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
