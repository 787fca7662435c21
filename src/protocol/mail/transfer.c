/*
 * Content transfer encodings. A text is surveyed in one pass, and what the survey found decides;
 * both passes go line by line and look each byte up in one table.
 */
#include "protocol/mail/transfer.h"

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"
#include "protocol/mail/clean.h"

enum {
    PLAIN_LINE_MOST = 78,   /* RFC 5322 section 2.1.1 */
    ENCODED_LINE_MOST = 76, /* RFC 2045 section 6.7, rule 5, and section 6.8 */
    BASE64_LINE_BYTES = ENCODED_LINE_MOST / 4 * 3
};

/* What a byte means for the encodings. */
enum {
    ESCAPED = 1, /* becomes =XX in quoted-printable */
    FOREIGN = 2, /* keeps the text from being plain */
    HIGH = 4,    /* part of a character beyond ASCII */
    UNCLEAN = 8, /* may not be inside of a line at all */
};

/* clang-format off */
#define ROW(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
static const unsigned char meaning[256] = {
    11, 3, 3, 3, 3, 3, 3, 3, 3, 0, 3, 3, 3, 11, 3, 3, /* NUL and CR are unclean, TAB is nothing */
    ROW(3),
    ROW(0),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ESCAPED, 0, 0, /* "=" */
    ROW(0), ROW(0), ROW(0),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, /* DEL */
    ROW(7), ROW(7), ROW(7), ROW(7), ROW(7), ROW(7), ROW(7), ROW(7),
};
#undef ROW
/* clang-format on */

/* What stands at the start of our boundaries and of mbox separators. */
static const struct span boundary_start = { "--=_", 4 };
static const struct span from_line = { "From ", 5 };

struct survey {
    size_t bytes;   /* with CRLF line ends */
    size_t escaped; /* bytes that quoted-printable makes three of */
    bool clean;
    bool plain;
};

/* Takes a line off `text`, without its LF or CRLF. */
static struct span take_line(struct span *text)
{
    struct span line = span_take_until(text, '\n');

    if (line.n > 0 && line.at[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool ends_in_blank(struct span line)
{
    return line.n > 0 && (line.at[line.n - 1] == ' ' || line.at[line.n - 1] == '\t');
}

static void survey_line(struct survey *s, struct span line)
{
    unsigned seen = 0;
    size_t escaped = 0;

    for (size_t i = 0; i < line.n; i++) {
        unsigned m = meaning[(unsigned char)line.at[i]];

        seen |= m;
        escaped += m & ESCAPED;
    }
    s->bytes += line.n + 2;
    s->escaped += escaped;
    if ((seen & UNCLEAN) != 0 || ((seen & HIGH) != 0 && !text_is_utf8(line)))
        s->clean = false;
    if ((seen & FOREIGN) != 0 || line.n > PLAIN_LINE_MOST || ends_in_blank(line) ||
        span_starts(line, boundary_start) || span_starts(line, from_line))
        s->plain = false;
}

static struct survey survey_text(struct span text)
{
    struct survey s = { .clean = true, .plain = true };

    while (text.n > 0)
        survey_line(&s, take_line(&text));
    return s;
}

static void put_plain(struct buf *to, struct span text)
{
    while (text.n > 0) {
        buf_put(to, take_line(&text));
        buf_put(to, SPAN("\r\n"));
    }
}

static char *escape(char *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";

    *out++ = '=';
    *out++ = hex[c >> 4];
    *out++ = hex[c & 15];
    return out;
}

/* Bytes at the end of a line, and the F of "From " at its start, are escaped where a gateway
 * could change them. */
static bool must_escape(struct span line, size_t i, size_t column)
{
    bool last = i + 1 == line.n;

    if (meaning[(unsigned char)line.at[i]] & ESCAPED)
        return true;
    if (last)
        return line.at[i] == ' ' || line.at[i] == '\t';
    return column == 0 && line.at[i] == 'F' && span_starts(span_rest(line, i), from_line);
}

static void put_quoted_line(struct buf *to, struct span line)
{
    /* In the worst case each byte becomes three, and each 25 bytes a line. */
    char *start = buf_reserve(to, 4 * line.n + 2);
    char *out = start;
    size_t column = 0;

    if (start == NULL)
        return;
    for (size_t i = 0; i < line.n; i++) {
        bool escaped = must_escape(line, i, column);
        size_t width = escaped ? 3 : 1;
        size_t most = i + 1 == line.n ? ENCODED_LINE_MOST : ENCODED_LINE_MOST - 1;

        if (column + width > most) {
            *out++ = '=';
            *out++ = '\r';
            *out++ = '\n';
            column = 0;
            escaped = must_escape(line, i, column);
            width = escaped ? 3 : 1;
        }
        if (escaped)
            out = escape(out, (unsigned char)line.at[i]);
        else
            *out++ = line.at[i];
        column += width;
    }
    *out++ = '\r';
    *out++ = '\n';
    buf_advance(to, (size_t)(out - start));
}

static void put_quoted(struct buf *to, struct span text)
{
    while (text.n > 0)
        put_quoted_line(to, take_line(&text));
}

void transfer_put_bytes(struct buf *to, struct span bytes)
{
    while (bytes.n > 0) {
        struct span line =
            span_first(bytes, bytes.n < BASE64_LINE_BYTES ? bytes.n : BASE64_LINE_BYTES);

        base64_put(to, line);
        buf_put(to, SPAN("\r\n"));
        bytes = span_rest(bytes, line.n);
    }
}

/* Lengths as they will be but for a few soft line breaks. */
static bool base64_is_shorter(const struct survey *s)
{
    size_t quoted = s->bytes + 2 * s->escaped;
    size_t base64 = (s->bytes + 2) / 3 * 4;

    quoted += quoted / ENCODED_LINE_MOST * 3;
    base64 += base64 / ENCODED_LINE_MOST * 2;
    return base64 < quoted;
}

static void put_base64_text(struct buf *to, struct span text)
{
    CLEANUP(buf_fini) struct buf lines;

    buf_init(&lines, 2 * text.n + 2);
    put_plain(&lines, text);
    transfer_put_bytes(to, buf_view(&lines));
}

static enum transfer_encoding put_clean_text(struct buf *to, struct span text,
                                             const struct survey *s)
{
    if (s->plain) {
        put_plain(to, text);
        return TRANSFER_7BIT;
    }
    if (base64_is_shorter(s)) {
        put_base64_text(to, text);
        return TRANSFER_BASE64;
    }
    put_quoted(to, text);
    return TRANSFER_QUOTED_PRINTABLE;
}

enum transfer_encoding transfer_put_text(struct buf *to, struct span text)
{
    CLEANUP(buf_fini) struct buf cleaned;
    struct survey s = survey_text(text);

    buf_init(&cleaned, 3 * text.n + 2);
    if (!s.clean) {
        clean_put_lines(&cleaned, text);
        text = buf_view(&cleaned);
        s = survey_text(text);
    }
    return put_clean_text(to, text, &s);
}

const char *transfer_name(enum transfer_encoding encoding)
{
    static const char *const names[] = {
        [TRANSFER_7BIT] = "7bit",
        [TRANSFER_QUOTED_PRINTABLE] = "quoted-printable",
        [TRANSFER_BASE64] = "base64",
    };

    return names[encoding];
}
