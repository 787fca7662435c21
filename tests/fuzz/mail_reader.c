/*
 * The reader of mail that judges the composer. Everything here follows the RFCs' own words and
 * shares no line with src/protocol/mail: what both get wrong is the RFC's fault.
 */
#include "tests/fuzz/mail_reader.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"

static void check_line(struct span line, bool first)
{
    assert(line.n <= MAIL_READER_LINE_MOST);
    for (size_t i = 0; i < line.n; i++)
        assert((line.at[i] >= 32 && line.at[i] <= 126) || line.at[i] == '\t');
    if (first)
        return;
    assert(line.n > 0 && line.at[0] == ' ');
    assert(span_trim(line).n > 0);
}

void mail_reader_field(struct span field, const char *name, struct buf *ret_value)
{
    struct span rest = field;

    assert(span_starts(field, span_of(name)) && field.at[strlen(name)] == ':');
    for (bool first = true; rest.n > 0; first = false) {
        size_t end = span_find(rest, SPAN("\r\n"));

        assert(end < rest.n);
        check_line(span_first(rest, end), first);
        buf_put(ret_value,
                first ? span_rest(span_first(rest, end), strlen(name) + 1) : span_first(rest, end));
        rest = span_rest(rest, end + 2);
    }
}

struct span mail_reader_take_field(struct span *header)
{
    struct span all = *header;
    size_t n = 0;

    do
        n += span_find(span_rest(all, n), SPAN("\r\n")) + 2;
    while (n < all.n && (all.at[n] == ' ' || all.at[n] == '\t'));
    assert(n <= all.n);
    *header = span_rest(all, n);
    return span_first(all, n);
}

/* Upper case alone: RFC 2045, section 6.7, rule 1. */
static unsigned hex_value(char c)
{
    const char *digits = "0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    assert(at != NULL);
    return (unsigned)(at - digits);
}

/* Takes "=XX" or "%XX" at the start of `text`. */
static char take_escape(struct span *text)
{
    struct span escape = span_first(*text, 3);

    assert(escape.n == 3);
    *text = span_rest(*text, 3);
    return (char)(hex_value(escape.at[1]) << 4 | hex_value(escape.at[2]));
}

static void decode_q(struct span text, struct buf *to)
{
    while (text.n > 0) {
        if (text.at[0] == '=') {
            buf_put_byte(to, take_escape(&text));
            continue;
        }
        assert(text.at[0] != '?' && text.at[0] != ' ');
        buf_put_byte(to, text.at[0]);
        if (text.at[0] == '_')
            to->at[to->n - 1] = ' ';
        text = span_rest(text, 1);
    }
}

/* RFC 2047 section 2: at most 75, and whole characters in each word (section 5). */
static void decode_word(struct span word, bool last, struct buf *to)
{
    struct span letters = span_rest(span_first(word, word.n - 2), 10);
    CLEANUP(buf_fini) struct buf decoded;

    buf_init(&decoded, word.n);
    assert(word.n <= 75 && span_ends(word, SPAN("?=")));
    assert(span_index(letters, '?') == letters.n && letters.n > 0);
    if (word.at[8] == 'Q') {
        decode_q(letters, &decoded);
    } else {
        assert(word.at[8] == 'B' && base64_read(&decoded, letters));
        assert(last || letters.at[letters.n - 1] != '='); /* GMime 3.2 loses what follows */
    }
    assert(text_is_utf8(buf_view(&decoded)) && !decoded.overflown);
    buf_put(to, buf_view(&decoded));
}

static bool is_encoded(struct span word)
{
    return span_starts(word, SPAN("=?utf-8?")) && word.n > 12;
}

/* Words divided by single spaces; the space between two encoded-words does not count. */
void mail_reader_text(struct span value, struct buf *to)
{
    bool encoded_before = false;

    value = span_trim(value);
    for (bool first = true; value.n > 0; first = false) {
        struct span word = span_take_until(&value, ' ');
        bool encoded = is_encoded(word);

        assert(word.n > 0);
        if (!first && !(encoded && encoded_before))
            buf_put_byte(to, ' ');
        if (encoded)
            decode_word(word, !is_encoded(value), to);
        else
            buf_put(to, word);
        assert(encoded || span_find(word, SPAN("=?")) == word.n);
        encoded_before = encoded;
    }
}

void mail_reader_phrase(struct span phrase, struct buf *to)
{
    phrase = span_trim(phrase);
    if (phrase.n == 0 || phrase.at[0] != '"') {
        mail_reader_text(phrase, to);
        return;
    }
    assert(phrase.n >= 2 && span_ends(phrase, SPAN("\"")));
    phrase = span_rest(span_first(phrase, phrase.n - 1), 1);
    for (size_t i = 0; i < phrase.n; i++) {
        assert(phrase.at[i] != '"');
        if (phrase.at[i] == '\\')
            i++;
        assert(i < phrase.n);
        buf_put_byte(to, phrase.at[i]);
    }
}

/* Cuts off what stands before the next ";" outside of quotes. */
static struct span take_piece(struct span *value)
{
    struct span all = *value;
    bool quoted = false;

    for (size_t i = 0; i < all.n; i++) {
        if (all.at[i] == '"')
            quoted = !quoted;
        else if (all.at[i] == '\\')
            i++;
        if (all.at[i] == ';' && !quoted) {
            *value = span_rest(all, i + 1);
            return span_trim(span_first(all, i));
        }
    }
    assert(!quoted);
    *value = span_rest(all, all.n);
    return span_trim(all);
}

/* RFC 2231 section 7: attribute-char and percent-encoded bytes, nothing else. */
static void decode_percent(struct span text, struct buf *to)
{
    while (text.n > 0) {
        if (text.at[0] == '%') {
            buf_put_byte(to, take_escape(&text));
            continue;
        }
        assert(text.at[0] > 32 && strchr("*'()<>@,;:\\\"/[]?=", text.at[0]) == NULL);
        buf_put_byte(to, text.at[0]);
        text = span_rest(text, 1);
    }
}

/* The value of "name=...", "name*=utf-8''..." or "name*N*=..."; section counts them. */
static bool take_section(struct span piece, const char *name, unsigned section, struct buf *to)
{
    struct span attribute = span_take_until(&piece, '=');
    char numbered[100];

    if (section == 0 && span_equal(attribute, span_of(name))) {
        mail_reader_phrase(piece, to);
        return true;
    }
    if (section == 0) {
        (void)snprintf(numbered, sizeof numbered, "%s*", name);
        if (!span_equal(attribute, span_of(numbered)))
            (void)snprintf(numbered, sizeof numbered, "%s*0*", name);
    } else {
        (void)snprintf(numbered, sizeof numbered, "%s*%u*", name, section);
    }
    if (!span_equal(attribute, span_of(numbered)))
        return false;
    if (section == 0) {
        assert(span_starts(piece, SPAN("utf-8''")));
        piece = span_rest(piece, 7);
    }
    decode_percent(piece, to);
    return true;
}

bool mail_reader_parameter(struct span value, const char *name, struct buf *to)
{
    unsigned section = 0;

    (void)take_piece(&value);
    while (value.n > 0)
        section += take_section(take_piece(&value), name, section, to);
    return section > 0;
}

/* RFC 2045 section 6.7. */
static void decode_quoted_line(struct span line, struct buf *to)
{
    bool soft = span_ends(line, SPAN("="));

    assert(line.n <= 76);
    if (soft)
        line.n--;
    assert(soft || line.n == 0 || strchr(" \t", line.at[line.n - 1]) == NULL);
    while (line.n > 0) {
        if (line.at[0] == '=') {
            buf_put_byte(to, take_escape(&line));
        } else {
            buf_put_byte(to, line.at[0]);
            line = span_rest(line, 1);
        }
    }
    if (!soft)
        buf_put(to, SPAN("\r\n"));
}

static void decode_line(struct span encoding, struct span line, struct buf *to)
{
    if (span_equal(encoding, SPAN("base64"))) {
        assert(line.n <= 76 && base64_read(to, line));
    } else if (span_equal(encoding, SPAN("quoted-printable"))) {
        decode_quoted_line(line, to);
    } else {
        assert(span_equal(encoding, SPAN("7bit")));
        buf_put(to, line);
        buf_put(to, SPAN("\r\n"));
    }
}

void mail_reader_body(struct span encoding, struct span body, struct buf *to)
{
    while (body.n > 0) {
        size_t end = span_find(body, SPAN("\r\n"));
        struct span line = span_first(body, end);

        assert(end < body.n && line.n <= 78);
        for (size_t i = 0; i < line.n; i++)
            assert((line.at[i] >= 32 && line.at[i] <= 126) || line.at[i] == '\t');
        assert(!span_starts(line, SPAN("--=_")) && !span_starts(line, SPAN("From ")));
        decode_line(encoding, line, to);
        body = span_rest(body, end + 2);
    }
}

void mail_reader_lines(struct span text, struct buf *to)
{
    bool ended = true;

    while (text.n > 0) {
        size_t n = text_utf8_length(text, NULL);
        bool line_end = text.at[0] == '\r' || text.at[0] == '\n';

        if (line_end)
            buf_put(to, SPAN("\r\n"));
        else if (n == 0)
            buf_put(to, SPAN("\xef\xbf\xbd"));
        else if (text.at[0] != '\0')
            buf_put(to, span_first(text, n));
        ended = line_end || (ended && text.at[0] == '\0');
        text = span_rest(text, span_starts(text, SPAN("\r\n")) ? 2 : n > 0 ? n : 1);
    }
    if (!ended)
        buf_put(to, SPAN("\r\n"));
}
