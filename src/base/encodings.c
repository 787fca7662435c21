/*
 * One bit pump for the three alphabets: `bits` bits a letter.
 */
#include "base/encodings.h"

#include <stdint.h>
#include <string.h>

static const char alphabet64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet32[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char alphabet16[] = "0123456789abcdef";

static size_t put_bits(struct buf *to, struct span bytes, const char *alphabet, unsigned bits)
{
    size_t letters = (bytes.n * 8 + bits - 1) / bits;
    char *out = buf_reserve(to, letters);
    uint32_t pool = 0;
    unsigned filled = 0;

    if (out == NULL)
        return 0;
    for (size_t i = 0; i < bytes.n; i++) {
        pool = (pool << 8) | (unsigned char)bytes.at[i];
        filled += 8;
        while (filled >= bits) {
            filled -= bits;
            *out++ = alphabet[(pool >> filled) & ((1U << bits) - 1)];
        }
    }
    if (filled > 0)
        *out = alphabet[(pool << (bits - filled)) & ((1U << bits) - 1)];
    buf_advance(to, letters);
    return letters;
}

static bool read_bits(struct buf *to, struct span text, const char *alphabet, unsigned bits)
{
    uint32_t pool = 0;
    unsigned filled = 0;

    for (size_t i = 0; i < text.n; i++) {
        char letter = text.at[i];
        const char *found;

        if (bits != 6)
            letter = span_lower(letter);
        found = letter != '\0' ? strchr(alphabet, letter) : NULL;
        if (found == NULL)
            return false;
        pool = (pool << bits) | (uint32_t)(found - alphabet);
        filled += bits;
        if (filled >= 8) {
            filled -= 8;
            buf_put_byte(to, (char)(pool >> filled));
        }
    }
    return filled < bits && (pool & ((1U << filled) - 1)) == 0;
}

void base64_put(struct buf *to, struct span bytes)
{
    size_t letters = put_bits(to, bytes, alphabet64, 6);

    while (letters++ % 4 != 0)
        buf_put_byte(to, '=');
}

void base64url_put(struct buf *to, struct span bytes)
{
    (void)put_bits(to, bytes, alphabet64url, 6);
}

void base32_put(struct buf *to, struct span bytes)
{
    (void)put_bits(to, bytes, alphabet32, 5);
}

void hex_put(struct buf *to, struct span bytes)
{
    (void)put_bits(to, bytes, alphabet16, 4);
}

bool base64_read(struct buf *to, struct span text)
{
    if (text.n % 4 != 0)
        return false;
    for (int i = 0; i < 2 && text.n > 0 && text.at[text.n - 1] == '='; i++)
        text.n--;
    return read_bits(to, text, alphabet64, 6);
}

bool base64url_read(struct buf *to, struct span text)
{
    return read_bits(to, text, alphabet64url, 6);
}

bool base32_read(struct buf *to, struct span text)
{
    return read_bits(to, text, alphabet32, 5);
}

bool hex_read(struct buf *to, struct span text)
{
    return text.n % 2 == 0 && read_bits(to, text, alphabet16, 4);
}
