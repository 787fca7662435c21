/*
 * What a refusal is about: read from any words without harm, whatever their case; and what is said
 * with 4xx is never held against an address. The first byte chooses the code.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "services/delivery/reply_words.h"
#include "tests/fuzz/target.h"

static struct smtp_reply reply_of(int code, struct span text)
{
    struct smtp_status status = { 0 };

    if (!smtp_status_take(&text, &status))
        status.class = 0;
    return smtp_reply_make(code, status, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int codes[] = { 250, 421, 450, 451, 452, 550, 551, 552, 553, 554 };
    CLEANUP(buf_fini) struct buf folded;
    struct span text;
    struct smtp_reply reply;
    struct smtp_reply lower;
    struct reply_reading read;
    int code;

    buf_init(&folded, size);
    if (size < 1)
        return 0;
    code = codes[data[0] % ARRAY_LENGTH(codes)];
    text = (struct span){ (const char *)data + 1, size - 1 };
    for (size_t i = 0; i < text.n; i++)
        buf_put_byte(&folded, span_lower(text.at[i]));
    reply = reply_of(code, text);
    lower = reply_of(code, buf_view(&folded));
    read = reply_read(&reply);
    assert(read.kind == reply_read(&lower).kind);
    assert(read.kind == REFUSAL_NONE || code >= 400);
    assert(read.kind != REFUSAL_GREYLISTED || code < 500);
    assert(refusal_judge(code / 100, read.kind) != REFUSAL_IS_HARD || code >= 500);
    return 0;
}
