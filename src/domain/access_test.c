/*
 * Scopes are read and written back; a higher role may all that a lower one may.
 */
#include "domain/access.h"

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

static void scopes_are_read_and_written_back(void **state)
{
    CLEANUP(buf_fini) struct buf names;
    struct span unknown;
    uint64_t set = access_read_scopes(SPAN("people:read, events:write,events:read"), &unknown);

    (void)state;
    assert_null(unknown.at);
    buf_init(&names, 200);
    access_put_scopes(&names, set);
    assert_string_equal(buf_text(&names), "events:write,people:read");
    assert_int_equal(access_read_scopes(SPAN("people:read,people:eat"), &unknown),
                     access_scope(SPAN("people:read")));
    assert_true(span_equal(unknown, SPAN("people:eat")));
}

static void what_may_write_may_read(void **state)
{
    (void)state;
    assert_int_equal(access_scope(SPAN("sites:read")) & access_scope(SPAN("sites:write")),
                     access_scope(SPAN("sites:read")));
    assert_int_equal(access_scope(SPAN("sites:write")) & access_scope(SPAN("people:write")), 0);
    assert_int_equal(access_scope(SPAN("sites")), 0);
}

static void a_higher_role_may_what_a_lower_one_may(void **state)
{
    (void)state;
    for (enum access_role role = ROLE_AUTHOR; role < ROLE_COUNT; role++) {
        uint64_t lower = access_role_scopes(role - 1);
        enum access_role found;

        assert_int_equal(access_role_scopes(role) & lower, lower);
        assert_true(access_role_scopes(role) != lower);
        assert_true(access_role_find(span_of(access_role_name(role)), &found));
        assert_int_equal(found, role);
    }
    for (size_t i = 0; access_scope_name(i) != NULL; i++)
        assert_int_equal(access_scope(span_of(access_scope_name(i))) &
                             ~access_role_scopes(ROLE_ADMINISTRATOR),
                         0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes_are_read_and_written_back),
        cmocka_unit_test(what_may_write_may_read),
        cmocka_unit_test(a_higher_role_may_what_a_lower_one_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
