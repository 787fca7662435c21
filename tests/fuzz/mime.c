/*
 * Bodies: a text, its HTML and a file of any bytes are composed and read again; the text comes
 * out in clean lines, the file to the byte. The first two bytes say where the input is cut.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/clean.h"
#include "protocol/mail/mime.h"
#include "tests/fuzz/mail_reader.h"
#include "tests/fuzz/target.h"

enum { MESSAGE_MOST = 1 << 22 };

/* The header fields of a part. */
struct part {
    struct buf type;
    struct buf encoding;
    struct buf disposition;
};

static void part_fini(struct part *p)
{
    buf_fini(&p->type);
    buf_fini(&p->encoding);
    buf_fini(&p->disposition);
}

/* Takes the fields and the empty line off the start of a part. */
static void take_header(struct span *part, struct part *ret_part)
{
    buf_init(&ret_part->type, MESSAGE_MOST);
    buf_init(&ret_part->encoding, MESSAGE_MOST);
    buf_init(&ret_part->disposition, MESSAGE_MOST);
    while (!span_starts(*part, SPAN("\r\n"))) {
        struct span field = mail_reader_take_field(part);

        if (span_starts(field, SPAN("Content-Type:")))
            mail_reader_field(field, "Content-Type", &ret_part->type);
        else if (span_starts(field, SPAN("Content-Transfer-Encoding:")))
            mail_reader_field(field, "Content-Transfer-Encoding", &ret_part->encoding);
        else if (span_starts(field, SPAN("Content-Disposition:")))
            mail_reader_field(field, "Content-Disposition", &ret_part->disposition);
        else
            assert(span_equal(field, SPAN("MIME-Version: 1.0\r\n")));
    }
    *part = span_rest(*part, 2);
}

/* A leaf that must hold `expected`. */
static void check_leaf(struct span part, const char *type, struct span expected)
{
    CLEANUP(part_fini) struct part p;
    CLEANUP(buf_fini) struct buf found;

    buf_init(&found, MESSAGE_MOST);
    take_header(&part, &p);
    assert(span_starts(span_trim(buf_view(&p.type)), span_of(type)));
    mail_reader_body(span_trim(buf_view(&p.encoding)), part, &found);
    assert(span_equal(buf_view(&found), expected));
}

static void check_text(struct span part, const char *type, struct span given)
{
    CLEANUP(buf_fini) struct buf expected;

    buf_init(&expected, MESSAGE_MOST);
    mail_reader_lines(given, &expected);
    check_leaf(part, type, buf_view(&expected));
}

/* Splits a multipart of two into its parts. */
static void split(struct span message, struct span ret_parts[2])
{
    CLEANUP(part_fini) struct part p;
    CLEANUP(buf_fini) struct buf line;

    take_header(&message, &p);
    buf_init(&line, 200);
    buf_put(&line, SPAN("--"));
    assert(mail_reader_parameter(buf_view(&p.type), "boundary", &line));
    assert(span_starts(message, buf_view(&line)));
    message = span_rest(message, line.n + 2);
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_fini) struct buf end;

        buf_init(&end, 200);
        buf_printf(&end, "\r\n%.*s%s\r\n", SPAN_ARGS(buf_view(&line)), i == 1 ? "--" : "");
        ret_parts[i] = span_first(message, span_find(message, buf_view(&end)));
        assert(ret_parts[i].n < message.n);
        message = span_rest(message, ret_parts[i].n + end.n);
    }
    assert(message.n == 0);
}

static void check_letter(struct span text, struct span html)
{
    CLEANUP(mime_body_fini) struct mime_body first;
    CLEANUP(mime_body_fini) struct mime_body second;
    CLEANUP(buf_fini) struct buf message;
    struct span parts[2];

    mime_body_init(&first);
    mime_body_init(&second);
    buf_init(&message, MESSAGE_MOST);
    mime_body_set_text(&first, text);
    mime_body_set_text(&second, html);
    mime_put_letter(&message, &first, &second, text);
    assert(!message.overflown);
    split(buf_view(&message), parts);
    check_text(parts[0], "text/plain", text);
    check_text(parts[1], "text/html", html);
    buf_clear(&message);
    mime_put_letter(&message, &first, NULL, text);
    check_text(buf_view(&message), "text/plain", text);
}

static void check_file(struct span text, struct span file)
{
    CLEANUP(mime_body_fini) struct mime_body body;
    CLEANUP(mime_body_fini) struct mime_body attached;
    CLEANUP(buf_fini) struct buf message;
    const struct mime_part leaves[] = {
        { .kind = MIME_TEXT, .type = "text/plain", .body = &body },
        { .kind = MIME_ATTACHMENT, .type = "image/png", .body = &attached, .file_name = text },
    };
    const struct mime_part mixed = { .kind = MIME_MIXED, .parts = leaves, .part_count = 2 };
    struct span parts[2];

    mime_body_init(&body);
    mime_body_init(&attached);
    buf_init(&message, MESSAGE_MOST);
    mime_body_set_text(&body, text);
    mime_body_set_file(&attached, file);
    mime_put(&message, &mixed, file);
    assert(!message.overflown);
    split(buf_view(&message), parts);
    check_text(parts[0], "text/plain", text);
    check_leaf(parts[1], "image/png", file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = { (const char *)data + 2, size - 2 };
    size_t cut;

    if (size < 2)
        return 0;
    cut = ((size_t)data[0] << 8 | data[1]) % (input.n + 1);
    check_letter(span_first(input, cut), span_rest(input, cut));
    check_file(span_first(input, cut), span_rest(input, cut));
    return 0;
}
