/*
 * Whose a token is, and what it may.
 */
#include "services/directory/tokens.h"

#include "domain/access.h"
#include "services/directory/operators.h"
#include "services/request/caller.h"
#include "tests/support/office.h"

/* A new token, as text. */
static void token_of(struct office *o, const char *args, char to[TOKEN_ROOM])
{
    (void)office_ask(o, tokens_add, args);
    span_copy(span_of(json_string_value(office_get(o, "token"))), to, TOKEN_ROOM);
}

static bool is_known(struct office *o, const char *token, struct caller *ret_caller)
{
    bool found;

    if (!caller_find(o->db, span_of(token), o->now_ms, ret_caller, &found, &o->err))
        fail_msg("%s", o->err.text);
    return found;
}

static void a_token_is_found_whole_or_not_at_all(void **state)
{
    char token[TOKEN_ROOM];
    struct caller caller;

    token_of(*state, "{\"name\": \"shop\", \"scopes\": \"people:read\"}", token);
    assert_true(is_known(*state, token, &caller));
    assert_string_equal(caller.by, "token shop");
    assert_int_equal(caller.scopes, access_scope(SPAN("people:read")));
    for (size_t i = 0; i < TOKEN_ROOM - 1; i++) {
        char kept = token[i];

        token[i] = kept == 'a' ? 'b' : 'a';
        assert_false(is_known(*state, token, &caller));
        token[i] = '\0';
        assert_false(is_known(*state, token, &caller));
        token[i] = kept;
    }
    assert_false(is_known(*state, "", &caller));
}

static void a_token_ends_when_it_was_said_to_and_not_before(void **state)
{
    struct office *o = *state;
    char token[TOKEN_ROOM];
    struct caller caller;

    token_of(o, "{\"name\": \"shop\", \"scopes\": \"submit\", \"expires\": \"1h\"}", token);
    o->now_ms += INT64_C(3600) * 1000 - 1;
    assert_true(is_known(o, token, &caller));
    o->now_ms += 1;
    assert_false(is_known(o, token, &caller));
}

static void a_revoked_token_is_unknown_and_its_name_free(void **state)
{
    struct office *o = *state;
    char token[TOKEN_ROOM];
    struct caller caller;

    token_of(o, "{\"name\": \"shop\", \"scopes\": \"submit\"}", token);
    office_refuse(o, tokens_add, "{\"name\": \"shop\", \"scopes\": \"submit\"}", "exists");
    (void)office_ask(o, tokens_revoke, "{\"name\": \"shop\"}");
    assert_false(is_known(o, token, &caller));
    (void)office_ask(o, tokens_add, "{\"name\": \"shop\", \"scopes\": \"submit\"}");
}

static void a_role_bounds_the_tokens_of_its_operator(void **state)
{
    struct office *o = *state;
    char token[TOKEN_ROOM];
    struct caller caller;

    (void)office_ask(o, operators_add, "{\"name\": \"ann\", \"role\": \"operator\"}");
    token_of(o, "{\"name\": \"desk\", \"operator\": \"ann\", \"scopes\": \"sites:write\"}", token);
    assert_true(is_known(o, token, &caller));
    assert_string_equal(caller.by, "token desk of ann");
    assert_int_equal(caller.scopes, access_scope(SPAN("sites:write")));
    (void)office_ask(o, operators_set_role, "{\"name\": \"ann\", \"role\": \"reader\"}");
    assert_true(is_known(o, token, &caller));
    assert_int_equal(caller.scopes, access_scope(SPAN("sites:read")));
    office_refuse(o, tokens_add,
                  "{\"name\": \"more\", \"operator\": \"ann\", \"scopes\": \"sites:write\"}",
                  "more than a reader may");
}

static void a_token_makes_nobody_more_than_it_is(void **state)
{
    const uint64_t scopes = access_scope(SPAN("admin:write")) | access_scope(SPAN("people:read"));
    struct office *o = *state;

    (void)office_ask(o, operators_add, "{\"name\": \"ann\", \"role\": \"administrator\"}");
    o->scopes = &scopes;
    (void)office_ask(o, tokens_add, "{\"name\": \"shop\", \"scopes\": \"people:read\"}");
    office_refuse(o, tokens_add, "{\"name\": \"more\", \"scopes\": \"people:write\"}",
                  "scopes: more than the token that asks may");
    office_refuse(o, tokens_add, "{\"name\": \"more\", \"operator\": \"ann\"}",
                  "more than the token that asks may");
    office_refuse(o, operators_add, "{\"name\": \"eve\", \"role\": \"administrator\"}",
                  "role: more than the token that asks may");
    office_refuse(o, operators_set_role, "{\"name\": \"ann\", \"role\": \"operator\"}",
                  "role: more than the token that asks may");
    o->scopes = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_is_found_whole_or_not_at_all, office_setup,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(a_token_ends_when_it_was_said_to_and_not_before,
                                        office_setup, office_teardown),
        cmocka_unit_test_setup_teardown(a_revoked_token_is_unknown_and_its_name_free, office_setup,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(a_role_bounds_the_tokens_of_its_operator, office_setup,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(a_token_makes_nobody_more_than_it_is, office_setup,
                                        office_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
