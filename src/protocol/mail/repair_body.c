/*
 * Bodies. A leaf with bytes above 127 or lines too long is encoded, in whatever depth it stands;
 * all else stays byte for byte as it was. Signed parts are in seven bits by their own law (RFC
 * 1847), so none is changed that was well made.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"
#include "protocol/mail/parameter_list.h"
#include "protocol/mail/repair_internal.h"
#include "protocol/mail/transfer.h"

enum { SOFT_LINE = 75 };

/* How a leaf's bytes stand. */
enum standing { STANDS_PLAIN, STANDS_BASE64, STANDS_QUOTED, STANDS_UNKNOWN };

struct content {
    struct parameter_list type; /* its value is empty when there is no field */
    enum standing standing;
    struct span standing_name;
};

static void read_content(const struct repair_entity *e, struct content *c)
{
    struct field field;

    parameter_list_read(field_find(e->header, "Content-Type", &field) ? field.value : SPAN(""),
                        e->arena, &c->type);
    c->standing = STANDS_PLAIN;
    c->standing_name = SPAN("");
    if (!field_find(e->header, "Content-Transfer-Encoding", &field))
        return;
    c->standing_name = field_text(e->arena, field.value);
    if (span_equal_nocase(c->standing_name, SPAN("base64")))
        c->standing = STANDS_BASE64;
    else if (span_equal_nocase(c->standing_name, SPAN("quoted-printable")))
        c->standing = STANDS_QUOTED;
    else if (!span_equal_nocase(c->standing_name, SPAN("7bit")) &&
             !span_equal_nocase(c->standing_name, SPAN("8bit")) &&
             !span_equal_nocase(c->standing_name, SPAN("binary")))
        c->standing = STANDS_UNKNOWN;
}

/* The header anew, with another encoding, and for a text without charset with one. */
static void put_header(const struct repair_entity *e, const char *encoding, const char *charset,
                       struct buf *to)
{
    struct span rest = e->header;
    struct field field;

    while (field_take(&rest, &field)) {
        if (span_equal_nocase(field.name, SPAN("Content-Transfer-Encoding")))
            continue;
        if (charset == NULL || !span_equal_nocase(field.name, SPAN("Content-Type"))) {
            buf_put(to, field.whole);
            continue;
        }
        buf_printf(to, "%.*s:%.*s;\r\n charset=%s\r\n", SPAN_ARGS(field.name),
                   SPAN_ARGS(field.value), charset);
    }
    if (encoding != NULL)
        buf_printf(to, "Content-Transfer-Encoding: %s\r\n", encoding);
    buf_put_text(to, "\r\n");
}

/* A header that has no type yet takes one; the message's does, a part is text by default. */
static void put_text_type(const struct repair_entity *e, struct buf *header, const char *charset)
{
    buf_put(header, e->header);
    buf_printf(header, "Content-Type: text/plain; charset=%s\r\n", charset);
}

static bool is_text(const struct content *c)
{
    return c->type.value.n == 0 || span_starts(c->type.value, SPAN("text/"));
}

/* True when an encoded body has a line that would end the part. */
static bool holds_boundary(struct span body, struct span boundary, struct arena *arena)
{
    struct span line = span_of(arena_printf(arena, "\r\n--%.*s", SPAN_ARGS(boundary)));

    return boundary.n > 0 &&
           (span_find(body, line) < body.n || span_starts(body, span_rest(line, 2)));
}

/* Bytes that are not encoded yet. */
static bool put_plain_leaf(const struct repair_entity *e, const struct content *c, struct buf *to)
{
    struct span charset = parameter_list_find(&c->type, "charset");
    bool is_utf8 = text_is_utf8(e->body);
    bool may_be_text =
        is_text(c) && is_utf8 &&
        (charset.n == 0 || span_equal_nocase(charset, SPAN("utf-8")) || text_is_ascii(e->body));
    const char *added = !is_text(c) || charset.n > 0 ? NULL : is_utf8 ? "utf-8" : "windows-1252";
    enum transfer_encoding encoding = TRANSFER_BASE64;
    CLEANUP(buf_fini) struct buf body;
    CLEANUP(buf_fini) struct buf header;
    struct repair_entity typed = *e;

    buf_init(&body, MESSAGE_MOST);
    buf_init(&header, MESSAGE_HEADER_MOST);
    if (may_be_text)
        encoding = transfer_put_text(&body, e->body);
    if (!may_be_text || holds_boundary(buf_view(&body), e->boundary, e->arena)) {
        buf_clear(&body);
        encoding = TRANSFER_BASE64;
        transfer_put_bytes(&body, e->body);
    }
    if (c->type.value.n == 0) {
        put_text_type(e, &header, added != NULL ? added : "utf-8");
        typed.header = buf_view(&header);
        added = NULL;
    }
    put_header(&typed, transfer_name(encoding), added, to);
    buf_put(to, buf_view(&body));
    return true;
}

/* Programs write base64 in one line; the bytes are the same in many. */
static bool put_base64_leaf(const struct repair_entity *e, struct buf *to, struct error *err)
{
    CLEANUP(buf_fini) struct buf letters;
    CLEANUP(buf_fini) struct buf bytes;

    buf_init(&letters, MESSAGE_MOST);
    buf_init(&bytes, MESSAGE_MOST);
    for (size_t i = 0; i < e->body.n; i++)
        if (strchr("\r\n \t", e->body.at[i]) == NULL)
            buf_put_byte(&letters, e->body.at[i]);
    if (!base64_read(&bytes, buf_view(&letters)))
        return error_set(err, ERROR_INVALID, "a part that says it is base64 is not");
    put_header(e, "base64", NULL, to);
    transfer_put_bytes(to, buf_view(&bytes));
    return true;
}

/* Lines too long get soft ends, and bytes above 127 their signs. */
static void put_quoted_leaf(const struct repair_entity *e, struct buf *to)
{
    size_t column = 0;

    put_header(e, "quoted-printable", NULL, to);
    for (size_t i = 0; i < e->body.n; i++) {
        unsigned char byte = (unsigned char)e->body.at[i];
        bool is_end = byte == '\r' || byte == '\n';
        size_t width = byte >= 128 || byte == '=' ? 3 : 1;

        if (!is_end && column + width > SOFT_LINE) {
            buf_put_text(to, "=\r\n");
            column = 0;
        }
        if (byte >= 128)
            buf_printf(to, "=%02X", (unsigned)byte);
        else
            buf_put_byte(to, (char)byte);
        column = is_end ? 0 : column + (byte >= 128 ? 3 : 1);
    }
}

static bool put_leaf(const struct repair_entity *e, const struct content *c, struct buf *to,
                     struct error *err)
{
    switch (c->standing) {
    case STANDS_PLAIN:
        return put_plain_leaf(e, c, to);
    case STANDS_BASE64:
        return put_base64_leaf(e, to, err);
    case STANDS_QUOTED:
        put_quoted_leaf(e, to);
        return true;
    case STANDS_UNKNOWN:
        break;
    }
    return error_set(err, ERROR_INVALID,
                     "a part is in the encoding \"%.*s\", which is none, and not fit to be sent",
                     SPAN_ARGS(span_first(c->standing_name, 40)));
}

/* Where the next line of that boundary is: its start and what follows it. */
struct border {
    size_t at;
    size_t after;
    bool is_last;
};

static bool find_border(struct span text, struct span line, struct border *border)
{
    size_t from = 0;

    while (from < text.n) {
        size_t at = from + span_find(span_rest(text, from), line);
        struct span rest;
        struct span tail;

        if (at >= text.n)
            return false;
        from = at + line.n;
        if (at > 0 && text.at[at - 1] != '\n')
            continue; /* before the rest of the line is looked at: it may be all of the body */
        rest = span_rest(text, at + line.n);
        border->is_last = span_starts(rest, SPAN("--"));
        tail = span_first(rest, span_find(rest, SPAN("\r\n")));
        if (span_trim(border->is_last ? span_rest(tail, 2) : tail).n == 0) {
            border->at = at;
            border->after = at + line.n + tail.n + (tail.n < rest.n ? 2 : 0);
            return true;
        }
    }
    return false;
}

/* Part headers may have other scripts in them, which none should. */
static bool put_part(const struct repair_entity *whole, struct span part, struct span boundary,
                     struct buf *to, struct error *err)
{
    CLEANUP(buf_fini) struct buf header;
    struct repair_entity entity = *whole;
    struct span rest = field_header(part, &entity.body);
    struct field field;

    buf_init(&header, MESSAGE_HEADER_MOST);
    if (++*whole->parts > MESSAGE_PARTS_MOST)
        return error_set(err, ERROR_LIMIT, "more than %d parts", MESSAGE_PARTS_MOST);
    while (field_take(&rest, &field))
        if (!repair_field(&field, whole->arena, &header, err))
            return false;
    if (header.overflown)
        return error_set(err, ERROR_LIMIT, "the header of a part is too long");
    entity.header = buf_view(&header);
    entity.boundary = boundary;
    entity.depth++;
    return repair_entity(&entity, to, err);
}

static bool put_multipart(const struct repair_entity *e, const struct content *c, struct buf *to,
                          struct error *err)
{
    struct span boundary = parameter_list_find(&c->type, "boundary");
    struct span line = span_of(arena_printf(e->arena, "--%.*s", SPAN_ARGS(boundary)));
    struct span rest = e->body;
    struct border border;

    if (boundary.n == 0 || boundary.n > 200 || !find_border(rest, line, &border) || border.is_last)
        return error_set(err, ERROR_INVALID, "a multipart has no parts: its boundary is not found");
    put_header(e, NULL, NULL, to);
    while (!border.is_last) {
        struct span part;

        rest = span_rest(rest, border.after);
        if (!find_border(rest, line, &border))
            border = (struct border){ rest.n, rest.n, true };
        part = span_first(rest, border.at);
        if (span_ends(part, SPAN("\r\n")))
            part.n -= 2; /* the line end belongs to the boundary */
        buf_printf(to, "--%.*s\r\n", SPAN_ARGS(boundary));
        if (!put_part(e, part, boundary, to, err))
            return false;
        buf_put_text(to, "\r\n");
    }
    buf_printf(to, "--%.*s--\r\n", SPAN_ARGS(boundary));
    return true;
}

static bool put_entity(const struct repair_entity *e, struct buf *to, struct error *err)
{
    struct content *c = ARENA_NEW(e->arena, struct content);

    read_content(e, c);
    if (span_starts(c->type.value, SPAN("multipart/")))
        return put_multipart(e, c, to, err);
    if (span_equal(c->type.value, SPAN("message/rfc822")) && c->standing == STANDS_PLAIN) {
        put_header(e, NULL, NULL, to);
        return put_part(e, e->body, e->boundary, to, err);
    }
    return put_leaf(e, c, to, err);
}

bool repair_entity(const struct repair_entity *e, struct buf *to, struct error *err)
{
    if (e->depth > MESSAGE_DEPTH_MOST)
        return error_set(err, ERROR_LIMIT, "parts in parts, deeper than %d", MESSAGE_DEPTH_MOST);
    if (!repair_lines_are_fine(e->body))
        return put_entity(e, to, err);
    buf_put(to, e->header);
    buf_put_text(to, "\r\n");
    buf_put(to, e->body);
    return true;
}
