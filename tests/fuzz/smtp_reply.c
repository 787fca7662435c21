/*
 * Replies: the same at every chunk size, never a code outside 200 to 599, never a control byte
 * where they are shown.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/smtp/capabilities.h"
#include "protocol/smtp/reply.h"
#include "tests/fuzz/target.h"

static void check_reply(const struct smtp_reply *r, struct buf *to)
{
    CLEANUP(buf_fini) struct buf shown;

    buf_init(&shown, 10 * SMTP_REPLY_TEXT_MAX);
    smtp_reply_put(&shown, r);
    assert(!shown.overflown && !text_has_control(buf_view(&shown)));
    assert(text_is_utf8(buf_view(&shown)));
    assert(r->code >= 200 && r->code <= 599);
    assert(r->status.class == 0 || r->status.class == r->code / 100);
    if (r->code == 250)
        buf_printf(to, "%u", (unsigned)smtp_capabilities_read(r).pipelining);
    buf_put(to, buf_view(&shown));
    buf_put_byte(to, '\n');
}

/* Writes down all replies of `in`, read in pieces of `chunk`. */
static void read_all(struct span in, size_t chunk, struct buf *to)
{
    struct smtp_reply_parser p;
    struct smtp_reply r;

    smtp_reply_parser_init(&p);
    while (in.n > 0) {
        struct span piece = span_first(in, chunk);

        in = span_rest(in, piece.n);
        while (piece.n > 0) {
            enum smtp_reply_take taken = smtp_reply_take(&p, &piece, &r);

            if (taken == SMTP_REPLY_BROKEN) {
                buf_put_text(to, p.fault);
                return;
            }
            if (taken == SMTP_REPLY_TAKEN)
                check_reply(&r, to);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_fini) struct buf whole, bytes;
    struct span in = { (const char *)data, size };

    buf_init(&whole, 1 << 24);
    buf_init(&bytes, 1 << 24);
    read_all(in, size, &whole);
    read_all(in, 1, &bytes);
    assert(span_equal(buf_view(&whole), buf_view(&bytes)));
    return 0;
}
