/*
 * MIME trees. A boundary starts with "=_", which neither quoted-printable nor base64 can hold, and
 * transfer.c sends no text as 7bit that has "--=_" at the start of a line: so boundaries need not
 * be searched for in the contents. That they differ from mail to mail only keeps mails apart that
 * are forwarded inside each other; that they differ by level keeps the levels apart.
 */
#include "protocol/mail/mime.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/header.h"

enum { DEPTH_MOST = 8, BOUNDARY_SIZE = 32, PLAIN_NAME_MOST = 40 };

struct writer {
    struct buf *to;
    uint64_t seed;
    unsigned boundaries;
};

void mime_body_init(struct mime_body *body)
{
    body->encoding = TRANSFER_7BIT;
    /* No encoding makes more than four bytes of one. */
    buf_init(&body->bytes, 4 * (size_t)MIME_CONTENT_MOST + 2);
}

void mime_body_fini(struct mime_body *body)
{
    buf_fini(&body->bytes);
}

static struct span bounded(struct span content)
{
    return span_first(content, content.n < MIME_CONTENT_MOST ? content.n : MIME_CONTENT_MOST);
}

void mime_body_set_text(struct mime_body *body, struct span text)
{
    buf_clear(&body->bytes);
    body->encoding = transfer_put_text(&body->bytes, bounded(text));
}

void mime_body_set_file(struct mime_body *body, struct span bytes)
{
    buf_clear(&body->bytes);
    body->encoding = TRANSFER_BASE64;
    transfer_put_bytes(&body->bytes, bounded(bytes));
}

/* FNV-1a: enough to tell mails apart. */
static uint64_t hash(struct span seed)
{
    uint64_t h = 0xcbf29ce484222325;

    for (size_t i = 0; i < seed.n; i++)
        h = (h ^ (unsigned char)seed.at[i]) * 0x100000001b3;
    return h;
}

static bool is_leaf(const struct mime_part *part)
{
    return part->kind == MIME_TEXT || part->kind == MIME_INLINE || part->kind == MIME_ATTACHMENT;
}

/* Makes a plain name of any file name, for readers that know no RFC 2231: characters beyond ASCII
 * and such as have a meaning become "_", the end, which tells the type, is kept. */
static void put_plain_name(struct buf *to, struct span name)
{
    if (name.n > PLAIN_NAME_MOST)
        name = span_rest(name, name.n - PLAIN_NAME_MOST);
    while (name.n > 0) {
        size_t n = text_utf8_length(name, NULL);
        bool plain = n == 1 && strchr("'\"\\=?%*", name.at[0]) == NULL;

        buf_put_byte(to, plain ? name.at[0] : '_');
        name = span_rest(name, n > 0 ? n : 1);
    }
}

static void put_file_type(struct buf *to, const struct mime_part *part)
{
    CLEANUP(buf_fini) struct buf plain;
    struct parameter name = { "name", { NULL, 0 } };

    buf_init(&plain, PLAIN_NAME_MOST);
    put_plain_name(&plain, part->file_name);
    name.value = buf_view(&plain);
    header_put_parameters(to, "Content-Type", part->type, &name, name.value.n > 0);
}

static void put_disposition(struct buf *to, const struct mime_part *part)
{
    const struct parameter name = { "filename", part->file_name };

    header_put_parameters(to, "Content-Disposition",
                          part->kind == MIME_INLINE ? "inline" : "attachment", &name,
                          part->file_name.n > 0);
}

static void put_leaf(struct writer *w, const struct mime_part *part)
{
    static const struct parameter charset = { "charset", { "utf-8", 5 } };

    if (part->kind == MIME_TEXT)
        header_put_parameters(w->to, "Content-Type", part->type, &charset, 1);
    else
        put_file_type(w->to, part);
    buf_printf(w->to, "Content-Transfer-Encoding: %s\r\n", transfer_name(part->body->encoding));
    if (part->kind != MIME_TEXT)
        put_disposition(w->to, part);
    if (part->content_id.n > 0)
        header_put_uris(w->to, "Content-ID", &part->content_id, 1);
    buf_put(w->to, SPAN("\r\n"));
    buf_put(w->to, buf_view(&part->body->bytes));
}

static void put_part(struct writer *w, const struct mime_part *part, int depth);

static void put_multipart(struct writer *w, const struct mime_part *part, int depth)
{
    static const char *const types[] = {
        [MIME_ALTERNATIVE] = "multipart/alternative",
        [MIME_RELATED] = "multipart/related",
        [MIME_MIXED] = "multipart/mixed",
    };
    char boundary[BOUNDARY_SIZE];
    struct parameter parameters[] = {
        { "boundary", { boundary, 0 } },
        { "type", { NULL, 0 } },
    };
    bool related = part->kind == MIME_RELATED;

    assert(part->part_count > 0 && depth < DEPTH_MOST);
    (void)snprintf(boundary, sizeof boundary, "=_%016llx.%u", (unsigned long long)w->seed,
                   w->boundaries++);
    parameters[0].value = span_of(boundary);
    if (related) /* RFC 2387 wants the type of the first part */
        parameters[1].value =
            span_of(is_leaf(&part->parts[0]) ? part->parts[0].type : types[part->parts[0].kind]);
    header_put_parameters(w->to, "Content-Type", types[part->kind], parameters, related ? 2 : 1);
    buf_put(w->to, SPAN("\r\n"));
    for (size_t i = 0; i < part->part_count; i++) {
        buf_printf(w->to, "--%s\r\n", boundary);
        put_part(w, &part->parts[i], depth + 1);
        buf_put(w->to, SPAN("\r\n"));
    }
    buf_printf(w->to, "--%s--\r\n", boundary);
}

static void put_part(struct writer *w, const struct mime_part *part, int depth)
{
    if (is_leaf(part))
        put_leaf(w, part);
    else
        put_multipart(w, part, depth);
}

void mime_put(struct buf *to, const struct mime_part *root, struct span seed)
{
    struct writer w = { .to = to, .seed = hash(seed) };

    buf_put(to, SPAN("MIME-Version: 1.0\r\n"));
    put_part(&w, root, 0);
}

void mime_put_letter(struct buf *to, const struct mime_body *text, const struct mime_body *html,
                     struct span seed)
{
    const struct mime_part parts[] = {
        { .kind = MIME_TEXT, .type = "text/plain", .body = text },
        { .kind = MIME_TEXT, .type = "text/html", .body = html },
    };
    const struct mime_part both = { .kind = MIME_ALTERNATIVE, .parts = parts, .part_count = 2 };

    mime_put(to, html != NULL ? &both : &parts[0], seed);
}
