#include "protocol/mail/token.h"

#include <string.h>

#include "base/encodings.h"
#include "crypto/hmac.h"
#include "tests/support/cmocka.h"

static const struct span old_key = { "the old key has thirty-two bytes", TOKEN_KEY_SIZE };
static const struct span new_key = { "the new key has thirty-two bytes", TOKEN_KEY_SIZE };

static void token_keys_fini(struct token_keys **keys)
{
    token_keys_free(*keys);
}

static struct token_keys *both_keys(void)
{
    struct token_keys *keys = token_keys_new();

    token_keys_add(keys, 1, old_key);
    token_keys_add(keys, 2, new_key);
    return keys;
}

static void put(struct buf *to, struct token_keys *keys, enum token_kind kind, uint64_t id,
                uint64_t detail)
{
    const struct token token = { kind, id, detail };

    buf_clear(to);
    token_put(to, keys, &token);
}

static void what_was_put_is_read(void **state)
{
    static const struct token cases[] = {
        { TOKEN_RETURN, 81723, 0 },
        { TOKEN_REPLY, 0, 0 },
        { TOKEN_UNSUBSCRIBE, 127, 128 },
        { TOKEN_CLICK, 16384, UINT64_MAX },
        { TOKEN_OPEN, UINT64_MAX, UINT64_MAX },
        { TOKEN_VIEW, UINT64_MAX / 2, 1 },
        { TOKEN_PREFERENCES, 1, 0 },
    };
    CLEANUP(token_keys_fini) struct token_keys *keys = both_keys();
    CLEANUP(buf_fini) struct buf text;
    struct token token;

    (void)state;
    buf_init(&text, TOKEN_MOST);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        put(&text, keys, cases[i].kind, cases[i].id, cases[i].detail);
        assert_false(text.overflown);
        assert_true(token_read(buf_view(&text), keys, &token));
        assert_int_equal(token.kind, cases[i].kind);
        assert_true(token.id == cases[i].id && token.detail == cases[i].detail);
    }
}

/* Mails of years ago come back: this text must be read for ever. */
static void a_token_of_old_is_read(void **state)
{
    CLEANUP(token_keys_fini) struct token_keys *keys = both_keys();
    struct token token;

    (void)state;
    assert_true(token_read(SPAN("b.ak574baajepz6jymthim4wpt6gpc5cc7q4"), keys, &token));
    assert_int_equal(token.id, 81723);
    assert_true(token_read(SPAN("B.AK574BAAJEPZ6JYMTHIM4WPT6GPC5CC7Q4"), keys, &token));
    assert_int_equal(token.kind, TOKEN_RETURN);
}

static void each_other_letter_makes_it_nothing(void **state)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-= ";
    CLEANUP(token_keys_fini) struct token_keys *keys = both_keys();
    CLEANUP(buf_fini) struct buf text;
    struct token token;

    (void)state;
    buf_init(&text, TOKEN_MOST);
    put(&text, keys, TOKEN_REPLY, 300, 5);
    for (size_t i = 0; i < text.n; i++) {
        char good = text.at[i];

        for (const char *letter = letters; *letter != '\0'; letter++) {
            text.at[i] = *letter;
            assert_true(token_read(buf_view(&text), keys, &token) == (*letter == good));
        }
        text.at[i] = good;
        assert_false(token_read(span_first(buf_view(&text), i), keys, &token));
    }
    buf_put_byte(&text, 'a');
    assert_false(token_read(buf_view(&text), keys, &token));
}

static void a_kind_is_never_taken_for_another(void **state)
{
    CLEANUP(token_keys_fini) struct token_keys *keys = both_keys();
    CLEANUP(buf_fini) struct buf text;
    struct token token;

    (void)state;
    buf_init(&text, TOKEN_MOST);
    put(&text, keys, TOKEN_PREFERENCES, 1, 0);
    text.at[0] = TOKEN_UNSUBSCRIBE;
    assert_false(token_read(buf_view(&text), keys, &token));
}

static void new_tokens_have_the_newest_key_and_old_ones_go_on(void **state)
{
    CLEANUP(token_keys_fini) struct token_keys *old = token_keys_new();
    CLEANUP(token_keys_fini) struct token_keys *new = token_keys_new();
    CLEANUP(token_keys_fini) struct token_keys *both = both_keys();
    CLEANUP(buf_fini) struct buf text;
    struct token token;

    (void)state;
    token_keys_add(old, 1, old_key);
    token_keys_add(new, 2, new_key);
    buf_init(&text, TOKEN_MOST);
    put(&text, old, TOKEN_RETURN, 5, 0);
    assert_true(token_read(buf_view(&text), both, &token));
    assert_false(token_read(buf_view(&text), new, &token));
    put(&text, both, TOKEN_RETURN, 5, 0);
    assert_true(token_read(buf_view(&text), new, &token));
    assert_false(token_read(buf_view(&text), old, &token));
}

/* The number of a key says which one checks, not that its holder made the token. */
static void another_key_of_the_same_number_reads_nothing(void **state)
{
    CLEANUP(token_keys_fini) struct token_keys *ours = token_keys_new();
    CLEANUP(token_keys_fini) struct token_keys *theirs = token_keys_new();
    CLEANUP(buf_fini) struct buf text;
    struct token token;

    (void)state;
    token_keys_add(ours, 1, old_key);
    token_keys_add(theirs, 1, new_key);
    buf_init(&text, TOKEN_MOST);
    put(&text, theirs, TOKEN_RETURN, 5, 0);
    assert_false(token_read(buf_view(&text), ours, &token));
}

/* A token made by hand from its bytes between the key's number and the code. */
static void put_by_hand(struct buf *to, struct span numbers)
{
    struct hmac *hmac = hmac_new(new_key);
    CLEANUP(buf_fini) struct buf bytes;
    unsigned char code[HMAC_SIZE];

    buf_init(&bytes, 100);
    buf_put(&bytes, SPAN("b\2"));
    buf_put(&bytes, numbers);
    hmac_sum(hmac, buf_view(&bytes), code);
    hmac_free(hmac);
    buf_put(&bytes, (struct span){ (const char *)code, HMAC_SIZE / 2 });
    buf_clear(to);
    buf_put(to, SPAN("b."));
    base32_put(to, span_rest(buf_view(&bytes), 1));
}

/* Even with the right code, only the shortest form of two numbers is a token. */
static void a_token_has_one_text(void **state)
{
    static const struct {
        struct span numbers;
        bool good;
    } cases[] = {
        { { "\5\0", 2 }, true },
        { { "\205\0\0", 3 }, false }, /* 5 as two bytes */
        { { "\5\200\0", 3 }, false },
        { { "\5", 1 }, false },
        { { "", 0 }, false },
        { { "\5\0\0", 3 }, false }, /* a third number */
        { { "\377\377\377\377\377\377\377\377\377\1\0", 11 }, true },
        { { "\377\377\377\377\377\377\377\377\377\2\0", 11 }, false }, /* beyond 64 bits */
        { { "\5\377\377\377\377\377\377\377\377\377\377", 11 }, false },
    };
    CLEANUP(token_keys_fini) struct token_keys *keys = both_keys();
    CLEANUP(buf_fini) struct buf text;
    struct token token;

    (void)state;
    buf_init(&text, 100);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        put_by_hand(&text, cases[i].numbers);
        assert_true(token_read(buf_view(&text), keys, &token) == cases[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_read),
        cmocka_unit_test(a_token_of_old_is_read),
        cmocka_unit_test(each_other_letter_makes_it_nothing),
        cmocka_unit_test(a_kind_is_never_taken_for_another),
        cmocka_unit_test(new_tokens_have_the_newest_key_and_old_ones_go_on),
        cmocka_unit_test(a_token_has_one_text),
        cmocka_unit_test(another_key_of_the_same_number_reads_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
