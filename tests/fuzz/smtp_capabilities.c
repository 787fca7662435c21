/*
 * Offers in a reply to EHLO: the greeting offers nothing, the case of letters and foreign
 * keywords change nothing, and numbers stay in their ranges.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "protocol/smtp/capabilities.h"
#include "tests/fuzz/target.h"

static struct smtp_capabilities read_lines(struct span lines)
{
    const struct smtp_reply reply = smtp_reply_make(250, (struct smtp_status){ 0 }, lines);

    return smtp_capabilities_read(&reply);
}

/* Field by field: the bytes between them say nothing. */
static void check_same(const struct smtp_capabilities *a, const struct smtp_capabilities *b)
{
    assert(a->pipelining == b->pipelining && a->size == b->size && a->eight_bit == b->eight_bit);
    assert(a->smtputf8 == b->smtputf8 && a->starttls == b->starttls && a->dsn == b->dsn);
    assert(a->chunking == b->chunking && a->enhanced_status == b->enhanced_status);
    assert(a->requiretls == b->requiretls && a->deliver_by == b->deliver_by);
    assert(a->limits == b->limits && a->size_limit == b->size_limit);
    assert(a->deliver_by_min == b->deliver_by_min && a->mail_limit == b->mail_limit);
    assert(a->recipient_limit == b->recipient_limit);
}

static void put_folded(struct buf *to, struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        buf_put_byte(to, span_lower(s.at[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct smtp_capabilities none = { 0 };
    CLEANUP(buf_fini) struct buf lines;
    CLEANUP(buf_fini) struct buf changed;
    struct span input = { (const char *)data, size };
    struct smtp_capabilities caps;
    struct smtp_capabilities again;

    buf_init(&lines, 1 << 20);
    buf_init(&changed, 1 << 20);
    if (size > 1000) /* more is cut, and what is cut is not read */
        return 0;
    caps = read_lines(span_first(input, span_index(input, '\n')));
    check_same(&caps, &none);
    buf_put(&lines, SPAN("mx.example\n"));
    buf_put(&lines, input);
    caps = read_lines(buf_view(&lines));
    assert(caps.size_limit <= INT64_MAX && caps.deliver_by_min >= 0);
    assert(caps.size || caps.size_limit == 0);
    assert(caps.deliver_by || caps.deliver_by_min == 0);
    assert(caps.limits || (caps.mail_limit == 0 && caps.recipient_limit == 0));
    put_folded(&changed, buf_view(&lines));
    buf_put(&changed, SPAN("\nx-foreign PIPELINING SIZE=1"));
    again = read_lines(buf_view(&changed));
    check_same(&caps, &again);
    return 0;
}
