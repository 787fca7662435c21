/*
 * The base encodings: whatever bytes are written come back; whatever text is read was canonical,
 * so that writing it again gives the same text.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "tests/fuzz/target.h"

struct encoding {
    void (*put)(struct buf *to, struct span bytes);
    bool (*read)(struct buf *to, struct span text);
    bool case_folds;
};

static const struct encoding encodings[] = {
    { base64_put, base64_read, false },
    { base64url_put, base64url_read, false },
    { base32_put, base32_read, true },
    { hex_put, hex_read, true },
};

static void bytes_come_back(const struct encoding *encoding, struct span bytes)
{
    CLEANUP(buf_fini) struct buf text, again;

    buf_init(&text, 4 * bytes.n + 16);
    buf_init(&again, bytes.n + 16);
    encoding->put(&text, bytes);
    assert(encoding->read(&again, buf_view(&text)));
    assert(span_equal(buf_view(&again), bytes));
}

static void text_is_canonical(const struct encoding *encoding, struct span text)
{
    CLEANUP(buf_fini) struct buf bytes, again;

    buf_init(&bytes, text.n + 16);
    buf_init(&again, 4 * text.n + 16);
    if (!encoding->read(&bytes, text))
        return;
    encoding->put(&again, buf_view(&bytes));
    assert(encoding->case_folds ? span_equal_nocase(buf_view(&again), text)
                                : span_equal(buf_view(&again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = { (const char *)data, size };

    for (size_t i = 0; i < ARRAY_LENGTH(encodings); i++) {
        bytes_come_back(&encodings[i], input);
        text_is_canonical(&encodings[i], input);
    }
    return 0;
}
