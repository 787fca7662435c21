/*
 * Wrapping by columns. The widths follow Unicode's East Asian Width (UAX 11) in ranges, coarsely:
 * a wrong guess makes a line a little longer or shorter, nothing worse.
 */
#include "services/compose/text_wrap.h"

#include <stdbool.h>

#include "base/text.h"

/* No prefix of a line takes more than this of it, or nothing would be left for the words. */
enum { PREFIX_MOST = 24 };

struct range {
    uint32_t first;
    uint32_t last;
};

static bool in_ranges(const struct range *ranges, size_t n, uint32_t rune)
{
    for (size_t i = 0; i < n && rune >= ranges[i].first; i++)
        if (rune <= ranges[i].last)
            return true;
    return false;
}

static size_t rune_columns(uint32_t rune)
{
    static const struct range none[] = {
        { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },   { 0x610, 0x61a },
        { 0x64b, 0x65f },   { 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x2069 },
        { 0x20d0, 0x20f0 }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef }
    };
    static const struct range two[] = {
        { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },  { 0x3400, 0x4dbf },
        { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },   { 0xac00, 0xd7a3 },  { 0xf900, 0xfaff },
        { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },  { 0x1f300, 0x1f64f },
        { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd }
    };

    if (rune < 0x300)
        return 1;
    if (in_ranges(none, ARRAY_LENGTH(none), rune))
        return 0;
    return in_ranges(two, ARRAY_LENGTH(two), rune) ? 2 : 1;
}

size_t text_columns(struct span text)
{
    size_t columns = 0;

    while (text.n > 0) {
        uint32_t rune;
        size_t n = text_utf8_length(text, &rune);

        columns += n > 0 ? rune_columns(rune) : 1;
        text = span_rest(text, n > 0 ? n : 1);
    }
    return columns;
}

/* How a line begins that its continuations must repeat: blanks and quote marks; `hang` is the
 * room of a bullet after it. */
static size_t prefix_length(struct span line, size_t *ret_hang)
{
    size_t n = 0;

    while (n < line.n && n < PREFIX_MOST && (line.at[n] == ' ' || line.at[n] == '>'))
        n++;
    *ret_hang = 0;
    if (n + 1 < line.n && (line.at[n] == '-' || line.at[n] == '*' || line.at[n] == '+') &&
        line.at[n + 1] == ' ')
        *ret_hang = 2;
    return n;
}

/* How many bytes of `text` fit into `columns`, breaking before a blank, or before any wide
 * character (their scripts know no blanks); at least one word, however long. */
static size_t fitting(struct span text, size_t columns)
{
    size_t used = 0;
    size_t best = 0;
    size_t at = 0;

    while (at < text.n) {
        uint32_t rune;
        size_t n = text_utf8_length(span_rest(text, at), &rune);
        size_t wide = n > 0 ? rune_columns(rune) : 1;

        if (at > 0 && (rune == ' ' || wide == 2) && text.at[at - 1] != ' ')
            best = at;
        if (used + wide > columns && best > 0)
            return best;
        used += wide;
        at += n > 0 ? n : 1;
    }
    return used <= columns || best == 0 ? text.n : best;
}

static struct span skip_blanks(struct span text)
{
    while (text.n > 0 && text.at[0] == ' ')
        text = span_rest(text, 1);
    return text;
}

static void put_wrapped(struct buf *to, struct span line, size_t columns)
{
    size_t hang;
    size_t prefix = prefix_length(line, &hang);
    struct span lead = span_first(line, prefix);
    struct span rest = span_rest(line, prefix);
    size_t room = columns > prefix + hang ? columns - prefix - hang : 1;
    size_t n = fitting(rest, room + hang);

    buf_put(to, lead);
    buf_put(to, span_first(rest, n));
    for (rest = skip_blanks(span_rest(rest, n)); rest.n > 0;
         rest = skip_blanks(span_rest(rest, n))) {
        n = fitting(rest, room);
        buf_put_byte(to, '\n');
        buf_put(to, lead);
        buf_put(to, span_first(SPAN("  "), hang));
        buf_put(to, span_first(rest, n));
    }
}

void text_wrap_put(struct buf *to, struct span text, size_t columns)
{
    while (text.n > 0) {
        size_t n = span_index(text, '\n');
        struct span line = span_first(text, n);

        if (n <= columns || text_columns(line) <= columns)
            buf_put(to, line);
        else
            put_wrapped(to, line, columns);
        if (n < text.n)
            buf_put_byte(to, '\n');
        text = span_rest(text, n + 1);
    }
}
