/*
 * Ready-made messages: whatever comes in, what comes out is a mail that any exchanger takes, or
 * nothing does; and what came out once comes out the same again.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "protocol/mail/repair.h"
#include "tests/fuzz/target.h"

static const struct repair_facts facts = { .domain = { "example.org", 11 },
                                           .sender = { "ann@example.org", 15 },
                                           .message_id = { "<made@example.org>", 18 },
                                           .now_ms = INT64_C(1795543200000) };

static bool mend(struct span message, struct arena *arena, struct buf *to, bool *ret_utf8)
{
    CLEANUP(buf_fini) struct buf lines;
    struct mailbox_list list;
    struct repaired repaired;
    struct error err;

    buf_init(&lines, MESSAGE_MOST);
    if (!repair_lines(message, &lines, &err))
        return false;
    (void)!repair_recipients(buf_view(&lines), arena, &list, &err);
    if (!repair_message(buf_view(&lines), &facts, arena, to, &repaired, &err))
        return false;
    assert(repaired.from.n > 0 && repaired.message_id.n > 2);
    *ret_utf8 = repaired.needs_smtputf8;
    return true;
}

static void check(struct span mail, bool utf8)
{
    size_t column = 0;

    for (size_t i = 0; i < mail.n; i++) {
        assert(mail.at[i] != '\0');
        assert(utf8 || (unsigned char)mail.at[i] < 128);
        assert(mail.at[i] != '\n' || (i > 0 && mail.at[i - 1] == '\r'));
        assert(mail.at[i] != '\r' || (i + 1 < mail.n && mail.at[i + 1] == '\n'));
        column = mail.at[i] == '\n' ? 0 : column + 1;
        assert(column <= MESSAGE_LINE_MOST + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf once;
    CLEANUP(buf_fini) struct buf twice;
    bool utf8;
    bool is_mended;

    arena_init(&arena);
    buf_init(&once, MESSAGE_MOST);
    buf_init(&twice, MESSAGE_MOST);
    if (!mend((struct span){ (const char *)data, size }, &arena, &once, &utf8))
        return 0;
    check(buf_view(&once), utf8);
    is_mended = mend(buf_view(&once), &arena, &twice, &utf8);
    assert(is_mended && span_equal(buf_view(&once), buf_view(&twice)));
    (void)is_mended;
    return 0;
}
