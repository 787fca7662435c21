/*
 * Escaping by place. Characters are taken one at a time: what is no valid UTF-8 becomes U+FFFD,
 * controls (C0, C1, DEL) are dropped, and in one-line layouts so are the characters that turn the
 * direction of what follows (a name must not mirror the words of the mail around it).
 */
#include "services/compose/template_escape.h"

#include <string.h>

#include "base/text.h"

/* How one character is written: `rune` is its code, `bytes` its UTF-8. */
typedef void put_rune(struct buf *to, uint32_t rune, struct span bytes);

static bool is_control(uint32_t rune)
{
    return rune < 0x20 || (rune >= 0x7f && rune < 0xa0);
}

static bool turns_direction(uint32_t rune)
{
    return (rune >= 0x202a && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069);
}

static bool is_blank(uint32_t rune)
{
    return rune == ' ' || rune == '\t' || rune == '\n' || rune == '\r' || rune == 0x2028 ||
           rune == 0x2029 || rune == 0x85;
}

/* The character at the start of `text`, which is not empty; text goes on after it. */
static struct span take_rune(struct span *text, uint32_t *ret_rune)
{
    size_t n = text_utf8_length(*text, ret_rune);
    struct span bytes = { text->at, n };

    if (n == 0) {
        bytes = SPAN("\xef\xbf\xbd");
        *ret_rune = 0xfffd;
        n = 1;
    }
    *text = span_rest(*text, n);
    return bytes;
}

static void put_plain(struct buf *to, uint32_t rune, struct span bytes)
{
    (void)rune;
    buf_put(to, bytes);
}

static void put_html(struct buf *to, uint32_t rune, struct span bytes)
{
    switch (rune) {
    case '&':
        buf_put(to, SPAN("&amp;"));
        break;
    case '<':
        buf_put(to, SPAN("&lt;"));
        break;
    case '>':
        buf_put(to, SPAN("&gt;"));
        break;
    case '"':
        buf_put(to, SPAN("&quot;"));
        break;
    case '\'':
        buf_put(to, SPAN("&#39;"));
        break;
    default:
        buf_put(to, bytes);
    }
}

/* RFC 3986's unreserved characters stay, all else becomes %XX. */
static void put_percent(struct buf *to, uint32_t rune, struct span bytes)
{
    bool plain = (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') ||
                 (rune >= '0' && rune <= '9') || rune == '-' || rune == '.' || rune == '_' ||
                 rune == '~';

    for (size_t i = 0; i < bytes.n; i++) {
        if (plain)
            buf_put_byte(to, bytes.at[i]);
        else
            buf_printf(to, "%%%02X", (unsigned char)bytes.at[i]);
    }
}

static put_rune *writer_of(enum template_escape escape)
{
    switch (escape) {
    case ESCAPE_TEXT:
        return put_plain;
    case ESCAPE_URL_PART:
        return put_percent;
    case ESCAPE_HTML:
    case ESCAPE_URL:
        break;
    }
    return put_html;
}

/* Writes at most `most` characters as one line; what is left out shows as an ellipsis. */
static void put_line(struct buf *to, struct span text, put_rune *put, size_t most)
{
    bool blank = false;
    size_t written = 0;

    while (text.n > 0) {
        uint32_t rune;
        struct span bytes = take_rune(&text, &rune);

        if (is_blank(rune)) {
            blank = written > 0;
            continue;
        }
        if (is_control(rune) || turns_direction(rune))
            continue;
        if (written + blank >= most) {
            put(to, 0x2026, SPAN("\xe2\x80\xa6"));
            return;
        }
        if (blank)
            put(to, ' ', SPAN(" "));
        put(to, rune, bytes);
        written += 1 + (size_t)blank;
        blank = false;
    }
}

/* Cuts off the next line, without its line break; a last one may lack the break. */
static struct span take_line(struct span *text)
{
    struct span line = span_take_until(text, '\n');

    if (line.n > 0 && line.at[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool is_url_byte(char c)
{
    return (unsigned char)c > 0x20 && c != 0x7f && strchr("<>\"'`{}|\\^", c) == NULL;
}

/* How many bytes of an http or https URL `text` starts with, 0 when with none: up to the first
 * byte no URL has, less the punctuation of the sentence around it. */
static size_t url_length(struct span text)
{
    size_t n = 0;
    size_t least;

    if (span_starts_nocase(text, SPAN("https://")))
        least = 8;
    else if (span_starts_nocase(text, SPAN("http://")))
        least = 7;
    else
        return 0;
    while (n < text.n && is_url_byte(text.at[n]))
        n++;
    while (n > least && strchr(".,;:!?)]*_", text.at[n - 1]) != NULL) {
        struct span url = span_first(text, n);

        if (text.at[n - 1] == ')' && span_index(url, '(') < n)
            break;
        n--;
    }
    return n > least && text_is_utf8(span_first(text, n)) ? n : 0;
}

static void put_html_bytes(struct buf *to, struct span text)
{
    while (text.n > 0) {
        uint32_t rune;
        struct span bytes = take_rune(&text, &rune);

        if (!is_control(rune) && !turns_direction(rune))
            put_html(to, rune, bytes);
    }
}

static void put_link(struct buf *to, struct span url)
{
    buf_put(to, SPAN("<a href=\""));
    put_html_bytes(to, url);
    buf_put(to, SPAN("\">"));
    put_html_bytes(to, url);
    buf_put(to, SPAN("</a>"));
}

/* One line of a text of many in HTML: blanks at its start and doubled ones stay visible. */
static void put_html_line(struct buf *to, struct span line)
{
    bool word = false; /* the byte before can end no URL's beginning */
    bool blank = true;

    while (line.n > 0) {
        size_t url = word ? 0 : url_length(line);
        uint32_t rune;
        struct span bytes;

        if (url > 0) {
            put_link(to, span_first(line, url));
            line = span_rest(line, url);
            word = true;
            blank = false;
            continue;
        }
        bytes = take_rune(&line, &rune);
        word = (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
        if (rune == '\t')
            buf_put(to, SPAN("&nbsp;&nbsp;&nbsp; "));
        else if (rune == ' ' && blank)
            buf_put(to, SPAN("&nbsp;"));
        else if (!is_control(rune))
            put_html(to, rune, bytes);
        blank = rune == ' ' || rune == '\t';
    }
}

static void put_text_line(struct buf *to, struct span line)
{
    while (line.n > 0 && (line.at[line.n - 1] == ' ' || line.at[line.n - 1] == '\t'))
        line.n--;
    while (line.n > 0) {
        uint32_t rune;
        struct span bytes = take_rune(&line, &rune);

        if (rune == '\t')
            buf_put(to, SPAN("    "));
        else if (!is_control(rune))
            buf_put(to, bytes);
    }
}

static struct span without_blank_ends(struct span text)
{
    while (text.n > 0) {
        size_t n = span_index(text, '\n');

        if (n == text.n || span_trim(span_first(text, n)).n > 0)
            break;
        text = span_rest(text, n + 1);
    }
    while (text.n > 0 && strchr(" \t\r\n", text.at[text.n - 1]) != NULL)
        text.n--;
    return text;
}

static void put_lines(struct buf *to, struct span text, enum template_escape escape, bool quote)
{
    text = without_blank_ends(text);
    for (bool first = true; text.n > 0; first = false) {
        struct span line = take_line(&text);

        if (!first)
            buf_put_text(to, escape == ESCAPE_TEXT ? "\n" : "<br>\n");
        if (escape != ESCAPE_TEXT) {
            put_html_line(to, line);
            continue;
        }
        if (quote)
            buf_put_text(to, line.n > 0 ? "> " : ">");
        put_text_line(to, line);
    }
}

static void put_brief(struct buf *to, struct span text, put_rune *put)
{
    text = without_blank_ends(text);
    put_line(to, take_line(&text), put, BRIEF_COLUMNS);
}

void template_escape_put_title(struct buf *to, struct span text, size_t most)
{
    put_line(to, text, put_plain, most);
}

bool template_escape_url_safe(struct span url)
{
    if (!span_starts_nocase(url, SPAN("https://")) && !span_starts_nocase(url, SPAN("http://")) &&
        !span_starts_nocase(url, SPAN("mailto:")) && !span_starts(url, SPAN("cid:")))
        return false;
    for (size_t i = 0; i < url.n; i++)
        if (!is_url_byte(url.at[i]) && strchr("'{}|", url.at[i]) == NULL)
            return false;
    return text_is_utf8(url);
}

void template_escape_put(struct buf *to, struct span text, enum template_escape escape,
                         enum template_layout layout)
{
    put_rune *put = writer_of(escape);

    if (escape == ESCAPE_URL && !template_escape_url_safe(text)) {
        buf_put_byte(to, '#');
        return;
    }
    switch (layout) {
    case LAYOUT_LINE:
        put_line(to, text, put, SIZE_MAX);
        break;
    case LAYOUT_BRIEF:
        put_brief(to, text, put);
        break;
    case LAYOUT_LINES:
        put_lines(to, text, escape, false);
        break;
    case LAYOUT_QUOTE:
        put_lines(to, text, escape, true);
        break;
    }
}
