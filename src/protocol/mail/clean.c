/*
 * Foreign text made safe to write. Good text passes in long pieces; only what stands between them
 * is looked at byte by byte.
 */
#include "protocol/mail/clean.h"

#include <stdbool.h>

#include "base/text.h"

static const struct span replacement = { "\xef\xbf\xbd", 3 };

static bool is_control(uint32_t rune)
{
    return rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || rune == 0x2028 || rune == 0x2029;
}

void clean_put_line(struct buf *to, struct span text)
{
    size_t start = to->n;

    while (text.n > 0) {
        uint32_t rune = 0;
        size_t n = text_utf8_length(text, &rune);

        if (n == 0)
            buf_put(to, replacement);
        else if (!is_control(rune) && rune != ' ')
            buf_put(to, span_first(text, n));
        else if (to->n > start && !span_starts(text, SPAN("\r\n")))
            buf_put_byte(to, ' ');
        text = span_rest(text, n > 0 ? n : 1);
    }
    while (to->n > start && to->at[to->n - 1] == ' ')
        buf_cut(to, to->n - 1);
}

/* The bytes at the start of `text` that can be taken as they are: printable ASCII and tabs. */
static size_t plain_length(struct span text)
{
    size_t n = 0;

    while (n < text.n && text.at[n] != '\r' && text.at[n] != '\n' && text.at[n] != '\0' &&
           (unsigned char)text.at[n] < 0x80)
        n++;
    return n;
}

static size_t put_odd_one(struct buf *to, struct span text)
{
    size_t n;

    switch (text.at[0]) {
    case '\r':
        buf_put(to, SPAN("\r\n"));
        return text.n > 1 && text.at[1] == '\n' ? 2 : 1;
    case '\n':
        buf_put(to, SPAN("\r\n"));
        return 1;
    case '\0':
        return 1;
    default:
        n = text_utf8_length(text, NULL);
        buf_put(to, n > 0 ? span_first(text, n) : replacement);
        return n > 0 ? n : 1;
    }
}

void clean_put_lines(struct buf *to, struct span text)
{
    size_t start = to->n;

    while (text.n > 0) {
        size_t plain = plain_length(text);

        buf_put(to, span_first(text, plain));
        text = span_rest(text, plain);
        if (text.n > 0)
            text = span_rest(text, put_odd_one(to, text));
    }
    if (to->n > start && to->at[to->n - 1] != '\n')
        buf_put(to, SPAN("\r\n"));
}
