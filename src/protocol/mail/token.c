/*
 * Keyed tokens: kind "." base32( key number, id, detail, code ). The numbers are of variable
 * length (seven bits a byte, the least first), the code is the first half of the HMAC-SHA256 of
 * all before it, kind included. Tokens have no time in them: they never expire early.
 */
#include "protocol/mail/token.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

enum { CODE_SIZE = HMAC_SIZE / 2, NUMBER_MOST = 10, BYTES_MOST = 2 + 2 * NUMBER_MOST + CODE_SIZE };

struct key {
    uint8_t number;
    struct hmac *hmac;
};

struct token_keys {
    struct key keys[TOKEN_KEYS_MOST];
    size_t n;
};

struct token_keys *token_keys_new(void)
{
    return NEW(struct token_keys);
}

void token_keys_free(struct token_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->n; i++)
        hmac_free(keys->keys[i].hmac);
    alloc_free(keys);
}

static struct hmac *find_key(const struct token_keys *keys, uint8_t number)
{
    for (size_t i = keys->n; i > 0; i--)
        if (keys->keys[i - 1].number == number)
            return keys->keys[i - 1].hmac;
    return NULL;
}

void token_keys_add(struct token_keys *keys, uint8_t number, struct span key)
{
    assert(keys->n < TOKEN_KEYS_MOST && key.n == TOKEN_KEY_SIZE);
    keys->keys[keys->n++] = (struct key){ number, hmac_new(key) };
}

struct token_keys *token_keys_of(struct token_key_list list)
{
    struct token_keys *keys = token_keys_new();

    for (size_t i = 0; i < list.n; i++)
        token_keys_add(keys, list.at[i].number, list.at[i].bytes);
    return keys;
}

static void put_number(struct buf *to, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buf_put_byte(to, (char)(value | 128));
    buf_put_byte(to, (char)value);
}

/* Only the shortest form of a number is taken, so that a token has one text. */
static bool take_number(struct span *bytes, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < NUMBER_MOST && i < bytes->n; i++) {
        unsigned char byte = (unsigned char)bytes->at[i];

        if (i == NUMBER_MOST - 1 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 127) << (7 * i);
        if (byte >= 128)
            continue;
        if (byte == 0 && i > 0)
            return false;
        *bytes = span_rest(*bytes, i + 1);
        *ret_value = value;
        return true;
    }
    return false;
}

void token_put(struct buf *to, struct token_keys *keys, const struct token *token)
{
    const struct key *key = &keys->keys[keys->n - 1];
    CLEANUP(buf_fini) struct buf bytes;
    unsigned char code[HMAC_SIZE];

    assert(keys->n > 0);
    buf_init(&bytes, BYTES_MOST);
    buf_put_byte(&bytes, (char)token->kind);
    buf_put_byte(&bytes, (char)key->number);
    put_number(&bytes, token->id);
    put_number(&bytes, token->detail);
    hmac_sum(key->hmac, buf_view(&bytes), code);
    buf_put(&bytes, (struct span){ (const char *)code, CODE_SIZE });
    buf_put_byte(to, (char)token->kind);
    buf_put_byte(to, '.');
    base32_put(to, span_rest(buf_view(&bytes), 1));
}

/* Finds the kind that a letter names, in either case. */
static bool take_kind(struct span *text, char *ret_kind)
{
    char letter;

    if (text->n < 2 || text->n > TOKEN_MOST || text->at[1] != '.')
        return false;
    letter = (char)(text->at[0] | 0x20);
    if (strchr("brupcova", letter) == NULL)
        return false;
    *ret_kind = letter;
    *text = span_rest(*text, 2);
    return true;
}

static bool check_code(struct hmac *hmac, struct span bytes)
{
    unsigned char code[HMAC_SIZE];
    size_t n = bytes.n - CODE_SIZE;

    hmac_sum(hmac, span_first(bytes, n), code);
    return secret_equal(span_rest(bytes, n), (struct span){ (const char *)code, CODE_SIZE });
}

bool token_read(struct span text, struct token_keys *keys, struct token *ret_token)
{
    CLEANUP(buf_fini) struct buf bytes;
    struct token token = { 0 };
    struct span numbers;
    struct hmac *hmac;
    char kind;

    buf_init(&bytes, BYTES_MOST);
    if (!take_kind(&text, &kind))
        return false;
    buf_put_byte(&bytes, kind);
    if (!base32_read(&bytes, text) || bytes.overflown || bytes.n < 4 + CODE_SIZE)
        return false;
    hmac = find_key(keys, (uint8_t)bytes.at[1]);
    if (hmac == NULL || !check_code(hmac, buf_view(&bytes)))
        return false;
    numbers = span_rest(span_first(buf_view(&bytes), bytes.n - CODE_SIZE), 2);
    token.kind = (enum token_kind)kind;
    if (!take_number(&numbers, &token.id) || !take_number(&numbers, &token.detail) || numbers.n > 0)
        return false;
    *ret_token = token;
    return true;
}
