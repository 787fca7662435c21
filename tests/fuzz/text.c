/*
 * Readers of numbers, durations and moments: what is read can be written and means the same.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/fuzz/target.h"

static void duration_means_the_same(struct span input)
{
    CLEANUP(buf_fini) struct buf written;
    int64_t ms, again;

    buf_init(&written, 100);
    if (!text_to_duration(input, &ms))
        return;
    text_put_duration(&written, ms);
    assert(text_to_duration(buf_view(&written), &again));
    assert(again == ms);
}

static void moment_means_the_same(struct span input)
{
    CLEANUP(buf_fini) struct buf written;
    int64_t at, again;

    buf_init(&written, 100);
    if (!text_to_time(input, &at))
        return;
    text_put_time(&written, at);
    assert(text_to_time(buf_view(&written), &again));
    assert(again == at);
}

/* Walking by characters reaches the end exactly when all of it is UTF-8. */
static void utf8_is_walked(struct span input)
{
    struct span rest = input;
    size_t n;

    while ((n = text_utf8_length(rest, NULL)) > 0)
        rest = (struct span){ rest.at + n, rest.n - n };
    assert(text_is_utf8(input) == (rest.n == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = { (const char *)data, size };
    int64_t value;

    duration_means_the_same(input);
    moment_means_the_same(input);
    utf8_is_walked(input);
    if (text_to_integer(input, -1000, 1000, &value))
        assert(value >= -1000 && value <= 1000);
    return 0;
}
