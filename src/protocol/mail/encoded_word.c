/*
 * Encoded-words (RFC 2047) in UTF-8, each of whole characters and shorter than the 75 octets that
 * are allowed. The B words but the last hold a multiple of three bytes: GMime 3.2 drops what
 * follows a word with padding. Where characters leave no such place to cut, one word goes out in Q.
 * The Q form is the one that is allowed everywhere, display names included (section 5, rule 3).
 */
#include "protocol/mail/encoded_word.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"

enum {
    FRAME = 12,      /* =?utf-8?Q? and ?= */
    ROOM_LEAST = 30, /* less is left empty rather than filled with a sliver */
    LETTER_MOST = 12 /* a character of four bytes in Q */
};

static bool is_literal(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!*+-/", c) != NULL;
}

static size_t q_length(struct span text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += is_literal(text.at[i]) || text.at[i] == ' ' ? 1 : 3;
    return n;
}

static size_t b_length(struct span text)
{
    return (text.n + 2) / 3 * 4;
}

/* The longest start of `text` in whole characters that Q makes no longer than `room`. */
static size_t q_prefix(struct span text, size_t room)
{
    size_t n = 0;

    while (n < text.n) {
        struct span letter =
            span_first(span_rest(text, n), text_utf8_length(span_rest(text, n), NULL));
        size_t length = q_length(letter);

        if (length > room || letter.n == 0)
            break;
        room -= length;
        n += letter.n;
    }
    return n;
}

/* The longest such start that B makes no longer than `room`, without padding unless it is all. */
static size_t b_prefix(struct span text, size_t room)
{
    size_t most = room / 4 * 3;
    size_t good = 0;
    size_t n = 0;

    if (text.n <= most)
        return text.n;
    while (n <= most) {
        size_t letter = text_utf8_length(span_rest(text, n), NULL);

        if (n % 3 == 0)
            good = n;
        if (letter == 0)
            break;
        n += letter;
    }
    return good;
}

static void put_q(struct buf *word, struct span text)
{
    static const char hex[] = "0123456789ABCDEF";

    buf_put(word, SPAN("=?utf-8?Q?"));
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.at[i];
        const char escaped[] = { '=', hex[c >> 4], hex[c & 15] };

        if (is_literal(text.at[i]))
            buf_put_byte(word, text.at[i]);
        else if (c == ' ')
            buf_put_byte(word, '_');
        else
            buf_put(word, (struct span){ escaped, sizeof escaped });
    }
    buf_put(word, SPAN("?="));
}

static void put_b(struct buf *word, struct span text)
{
    buf_put(word, SPAN("=?utf-8?B?"));
    base64_put(word, text);
    buf_put(word, SPAN("?="));
}

/* The room for letters in the next word; breaks the line where too little would be left of it. */
static size_t letters_room(struct fold *f, size_t length)
{
    size_t room = fold_room(f);

    if (room < FRAME + length && room < ROOM_LEAST) {
        fold_break(f);
        room = fold_room(f);
    }
    return room >= FRAME + LETTER_MOST ? room - FRAME : LETTER_MOST;
}

void encoded_word_put(struct fold *f, struct span text)
{
    CLEANUP(buf_fini) struct buf word;
    bool prefer_b = b_length(text) < q_length(text);

    buf_init(&word, FOLD_WORD_MOST);
    while (text.n > 0) {
        size_t room = letters_room(f, prefer_b ? b_length(text) : q_length(text));
        size_t n = prefer_b ? b_prefix(text, room) : 0;

        buf_clear(&word);
        if (n > 0) {
            put_b(&word, span_first(text, n));
        } else {
            n = q_prefix(text, room);
            put_q(&word, span_first(text, n));
        }
        fold_word(f, buf_view(&word));
        text = span_rest(text, n);
    }
}
