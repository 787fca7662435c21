/*
 * Files of events in mails: who gets which, and in what shape.
 */
#include <stdio.h>
#include <string.h>

#include "store/event_attachment.h"
#include "tests/support/correspondence.h"

#define PICTURE "\x89PNG\r\n\x1a\n"

static void bring(struct correspondence *c, struct attachment *files, size_t n)
{
    const struct attachment_list list = { files, n };

    must(c, event_attachments_set(c->db, c->seq + 1000, &list, &c->err));
}

static void bring_a_text(struct correspondence *c, const char *name, const char *text)
{
    struct attachment file = { span_of(name), SPAN("text/plain"), false, 0, span_of(text) };

    bring(c, &file, 1);
}

static void bring_a_large_one(struct correspondence *c, size_t size)
{
    char *content = alloc_zeroed(size);
    struct attachment file = {
        SPAN("large.bin"), SPAN("application/octet-stream"), false, 0, { content, size }
    };

    bring(c, &file, 1);
    alloc_free(content);
}

static bool holds(const struct letter *letter, const char *words)
{
    struct span bytes = buf_view(&letter->bytes);

    return span_find(bytes, span_of(words)) < bytes.n;
}

/* Composes the last delivery; it must have `words` and not `others`. */
static void expect(struct correspondence *c, const char *words, const char *others)
{
    struct letter letter = compose(c);

    if (letter.verdict != LETTER_READY)
        fail_msg("%s: %s", letter.reason, letter.problem);
    if (!holds(&letter, words))
        fail_msg("the letter has no \"%s\": %s", words, buf_text(&letter.bytes));
    if (holds(&letter, others))
        fail_msg("the letter has \"%s\": %s", others, buf_text(&letter.bytes));
    letter_fini(&letter);
}

static void a_change_alone_with_a_file_is_told_with_it(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "new", .new = "open");
    bring_a_text(c, "why.txt", "Because.");
    add_delivery(c, BO, 101);
    expect(c, "Attachments (1): why.txt (1 kB)", "not in this mail");
    expect(c, "Content-Disposition: attachment; filename=why.txt", "multipart/related");
}

static void an_image_goes_with_the_page_that_shows_it(void **state)
{
    struct correspondence *c = *state;
    struct attachment file = { SPAN("a.png"), SPAN("image/png"), true, 0, SPAN(PICTURE) };

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "See.");
    bring(c, &file, 1);
    add_delivery(c, BO, 101);
    expect(c, "multipart/related", "multipart/mixed");
    expect(c, "Content-ID: <file.1101.1@example.org>", "Content-Disposition: attachment");
    expect(c, "cid:file.1101.1@example.org", "%40");
}

static void what_the_reader_may_not_see_does_not_go_along(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "For all.");
    bring_a_text(c, "open.txt", "Open.");
    HAPPEN(c, ANA, "commented", .text = "For staff.", .label = "staff");
    bring_a_text(c, "closed.txt", "Closed.");
    add_delivery(c, BO, 101);
    expect(c, "filename=open.txt", "closed.txt");
}

static void a_secret_topic_keeps_its_files(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "For all.");
    bring_a_text(c, "open.txt", "Open.");
    RUN(c, SQL("UPDATE topic SET secret = 1 WHERE id = $1"), db_int(ISSUE));
    add_delivery(c, BO, 101);
    expect(c, "There is news of this.", "open.txt");
}

static void too_much_for_one_mail_is_named(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "The first part.");
    bring_a_large_one(c, ATTACHMENTS_SIZE_LIMIT);
    add_delivery(c, BO, 101);
    expect(c, "Content-Disposition: attachment; filename=large.bin", "not in this mail");
    HAPPEN(c, ANA, "commented", .text = "And one more.");
    bring_a_text(c, "more.txt", "x");
    add_delivery(c, BO, 101);
    expect(c, "Attachments (1), not in this mail: more.txt (1 kB)", "Content-Disposition");
}

static void a_digest_names_them(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_DAILY);
    HAPPEN(c, ANA, "commented", .text = "See.");
    bring_a_text(c, "why.txt", "Because.");
    add_delivery(c, BO, 101);
    RUN(c, SQL("UPDATE delivery SET cause = 2, cause_id = $2 WHERE id = $1"), db_int(c->delivery),
        db_int(WATCH_DAILY));
    RUN(c, SQL("UPDATE delivery_part SET thread = 0 WHERE delivery = $1"), db_int(c->delivery));
    expect(c, "Attachments (1), not in this mail: why.txt (1 kB)", "Content-Disposition");
}

static void a_letter_in_doubt_comes_out_with_the_same_files_or_not_at_all(void **state)
{
    struct correspondence *c = *state;
    struct letter first;
    struct letter again;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "See.");
    bring_a_text(c, "why.txt", "Because.");
    add_delivery(c, BO, 101);
    first = compose(c);
    send_in_doubt(c, &first);
    c->now_ms += 3600000;
    again = compose(c);
    assert_int_equal(again.verdict, LETTER_READY);
    assert_int_equal(again.bytes.n, first.bytes.n);
    assert_memory_equal(again.bytes.at, first.bytes.at, first.bytes.n);
    letter_fini(&again);
    bring_a_text(c, "why.txt", "Because!");
    again = compose(c);
    assert_int_equal(again.verdict, LETTER_BROKEN);
    letter_fini(&again);
    letter_fini(&first);
}

int main(void)
{
#define STORY(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, correspondence_setup, correspondence_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_change_alone_with_a_file_is_told_with_it),
        STORY(an_image_goes_with_the_page_that_shows_it),
        STORY(what_the_reader_may_not_see_does_not_go_along),
        STORY(a_secret_topic_keeps_its_files),
        STORY(too_much_for_one_mail_is_named),
        STORY(a_digest_names_them),
        STORY(a_letter_in_doubt_comes_out_with_the_same_files_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
