/*
 * Buttons come back as they were sent, and nothing else is one.
 */
#include "domain/mail_button.h"

#include <string.h>

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

static struct token_keys *keys_of(const char *first, const char *second)
{
    struct token_keys *keys = token_keys_new();

    token_keys_add(keys, 1, (struct span){ first, TOKEN_KEY_SIZE });
    if (second != NULL)
        token_keys_add(keys, 2, (struct span){ second, TOKEN_KEY_SIZE });
    return keys;
}

static const char old_key[] = "an old key, thirty-two bytes of.";
static const char new_key[] = "a new key, of thirty-two bytes..";

static const struct mail_button buttons[] = {
    { 1, BUTTON_MUTE, 1 },           { 17, BUTTON_STOP, 4503599627370495 },
    { 300000000, BUTTON_DAILY, 12 }, { 5, BUTTON_UNSUBSCRIBE, 0 },
    { 5, BUTTON_UNSUBSCRIBE, 12 },
};

static void a_button_comes_back_as_it_was_sent(void **state)
{
    struct token_keys *keys = keys_of(old_key, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(buttons); i++) {
        CLEANUP(buf_fini) struct buf text;
        struct mail_button got;
        int64_t person;

        buf_init(&text, TOKEN_MOST);
        mail_button_put(&text, keys, buttons[i]);
        assert_true(mail_button_read(buf_view(&text), keys, &got));
        assert_int_equal(got.person, buttons[i].person);
        assert_int_equal(got.act, buttons[i].act);
        assert_int_equal(got.topic, buttons[i].topic);
        assert_false(settings_token_read(buf_view(&text), keys, &person));
    }
    token_keys_free(keys);
}

static void an_answers_link_comes_back_as_it_was_sent(void **state)
{
    static const struct answer_link links[] = { { 1, 1, 0 },
                                                { 17, 4503599627370495, 10 },
                                                { 300000000, 12, 1 } };
    struct token_keys *keys = keys_of(old_key, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(links); i++) {
        CLEANUP(buf_fini) struct buf text;
        struct mail_button button;
        struct answer_link got;

        buf_init(&text, TOKEN_MOST);
        answer_link_put(&text, keys, links[i]);
        assert_true(answer_link_read(buf_view(&text), keys, &got));
        assert_int_equal(got.person, links[i].person);
        assert_int_equal(got.event, links[i].event);
        assert_int_equal(got.number, links[i].number);
        assert_false(mail_button_read(buf_view(&text), keys, &button));
    }
    token_keys_free(keys);
}

static void it_goes_on_working_under_a_new_key(void **state)
{
    struct token_keys *before = keys_of(old_key, NULL);
    struct token_keys *after = keys_of(old_key, new_key);
    struct token_keys *only_new = token_keys_new();
    CLEANUP(buf_fini) struct buf text;
    int64_t person = 0;

    (void)state;
    token_keys_add(only_new, 2, (struct span){ new_key, TOKEN_KEY_SIZE });
    buf_init(&text, TOKEN_MOST);
    settings_token_put(&text, before, 17);
    assert_true(settings_token_read(buf_view(&text), after, &person));
    assert_int_equal(person, 17);
    assert_false(settings_token_read(buf_view(&text), only_new, &person));
    token_keys_free(before);
    token_keys_free(after);
    token_keys_free(only_new);
}

/* Well keyed, yet nothing that we would put into a mail. */
static const struct token strange[] = {
    { TOKEN_UNSUBSCRIBE, 1, 0 },           { TOKEN_UNSUBSCRIBE, 1, 8 },
    { TOKEN_UNSUBSCRIBE, 1, BUTTON_MUTE }, { TOKEN_UNSUBSCRIBE, 0, 8 | BUTTON_MUTE },
    { TOKEN_UNSUBSCRIBE, 1, 8 | 7 },       { TOKEN_UNSUBSCRIBE, UINT64_MAX, 8 | BUTTON_MUTE },
    { TOKEN_PREFERENCES, 1, 1 },           { TOKEN_PREFERENCES, 0, 0 },
    { TOKEN_PREFERENCES, UINT64_MAX, 0 },  { TOKEN_REPLY, 1, 8 | BUTTON_MUTE },
};

static void other_tokens_are_no_buttons(void **state)
{
    struct token_keys *keys = keys_of(old_key, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(strange); i++) {
        CLEANUP(buf_fini) struct buf text;
        struct mail_button button;
        int64_t person;

        buf_init(&text, TOKEN_MOST);
        token_put(&text, keys, &strange[i]);
        assert_false(mail_button_read(buf_view(&text), keys, &button));
        assert_false(settings_token_read(buf_view(&text), keys, &person));
    }
    token_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_button_comes_back_as_it_was_sent),
        cmocka_unit_test(an_answers_link_comes_back_as_it_was_sent),
        cmocka_unit_test(it_goes_on_working_under_a_new_key),
        cmocka_unit_test(other_tokens_are_no_buttons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
