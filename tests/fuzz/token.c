/*
 * Tokens: what is written is read again, in capitals too, by its own key alone; any other change
 * is refused, and so is any text of somebody else.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/token.h"
#include "tests/fuzz/target.h"

/* The start of an input: a token, and what to do to it. */
struct recipe {
    uint8_t kind;
    uint8_t place;
    uint8_t change;
    uint8_t cut;
    uint64_t id;
    uint64_t detail;
};

static struct token_keys *keys_of(const char *key)
{
    struct token_keys *keys = token_keys_new();

    token_keys_add(keys, 7, (struct span){ key, TOKEN_KEY_SIZE });
    return keys;
}

static void check_token(const struct recipe *r, struct token_keys *ours, struct token_keys *others)
{
    const struct token token = { (enum token_kind) "brupcov"[r->kind % 7], r -> id, r -> detail };
    CLEANUP(buf_fini) struct buf text;
    struct token again;
    char before;

    buf_init(&text, TOKEN_MOST);
    token_put(&text, ours, &token);
    assert(!text.overflown && text_is_ascii(buf_view(&text)) && !text_has_control(buf_view(&text)));
    assert(token_read(buf_view(&text), ours, &again));
    assert(again.kind == token.kind && again.id == token.id && again.detail == token.detail);
    assert(!token_read(buf_view(&text), others, &again));
    assert(!token_read(span_first(buf_view(&text), r->cut % text.n), ours, &again));
    before = text.at[r->place % text.n];
    text.at[r->place % text.n] = (char)r->change;
    if (span_lower((char)r->change) != before)
        assert(!token_read(buf_view(&text), ours, &again));
    else
        assert(token_read(buf_view(&text), ours, &again) && again.id == token.id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct token_keys *ours = keys_of("abcdefghijklmnopqrstuvwxyz012345");
    struct token_keys *others = keys_of("abcdefghijklmnopqrstuvwxyz012346");
    struct recipe recipe;
    struct token token;

    assert(!token_read((struct span){ (const char *)data, size }, ours, &token));
    if (size >= sizeof recipe) {
        memcpy(&recipe, data, sizeof recipe);
        check_token(&recipe, ours, others);
    }
    token_keys_free(ours);
    token_keys_free(others);
    return 0;
}
