/*
 * Encoded-words: from any column of the first line, what was encoded comes out. The first byte
 * chooses the column.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "protocol/mail/clean.h"
#include "protocol/mail/encoded_word.h"
#include "protocol/mail/fold.h"
#include "tests/fuzz/mail_reader.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf field;
    CLEANUP(buf_fini) struct buf value;
    CLEANUP(buf_fini) struct buf found;
    struct buf *const bufs[] = { &text, &field, &value, &found };
    struct span column = SPAN("0123456789012345678901234567890123456789012345678901234567890123");
    struct fold f;

    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_init(bufs[i], 1 << 20);
    if (size < 1)
        return 0;
    clean_put_line(&text, (struct span){ (const char *)data + 1, size - 1 });
    if (text.n == 0)
        return 0;
    fold_start(&f, &field, "Subject");
    column = span_first(column, data[0] % 64);
    if (column.n > 0)
        fold_word(&f, column);
    encoded_word_put(&f, buf_view(&text));
    fold_end(&f);
    mail_reader_field(buf_view(&field), "Subject", &value);
    for (struct span rest = buf_view(&field); rest.n > 0;) {
        size_t end = span_find(rest, SPAN("\r\n"));

        assert(end <= 76); /* RFC 2047 section 2 */
        rest = span_rest(rest, end + 2);
    }
    mail_reader_text(span_rest(buf_view(&value), column.n > 0 ? column.n + 1 : 0), &found);
    assert(span_equal(buf_view(&found), buf_view(&text)));
    return 0;
}
