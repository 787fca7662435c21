/*
 * Differences of lines: read as instructions, what stayed, went and came is found in the old text
 * and makes the new one, in order. A NUL divides the two texts.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "domain/line_diff.h"
#include "tests/fuzz/target.h"

/* Takes lines off the front of the text until one is `line`; false when none is. */
static bool take_line(struct span *rest, struct span line)
{
    while (rest->n > 0) {
        struct span next = span_take_until(rest, '\n');

        if (next.n > 0 && next.at[next.n - 1] == '\r')
            next.n--;
        if (span_equal(next, line))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span new = { (const char *)data, size };
    struct span old = span_take_until(&new, '\0');
    struct line_diff diff;

    arena_init(&arena);
    line_diff_make(old, new, 1000, &arena, &diff);
    assert(diff.count <= 1000);
    for (size_t i = 0; i < diff.count; i++) {
        const struct line_diff_line *line = &diff.lines[i];

        if (line->mark == LINE_WENT || line->mark == LINE_STAYED)
            assert(take_line(&old, line->text));
        if (line->mark == LINE_CAME || line->mark == LINE_STAYED)
            assert(take_line(&new, line->text));
    }
    return 0;
}
