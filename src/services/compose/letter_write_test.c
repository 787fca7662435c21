/*
 * Whole letters, held against the files in tests/letters. POSTROOM_LETTERS=FOLDER in the
 * environment writes the letters as they come out now into that folder, to be looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/event_attachment.h"
#include "tests/support/correspondence.h"

static void write_letter(const char *folder, const char *name, const struct letter *letter)
{
    char path[400];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s.eml", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(letter->bytes.at, 1, letter->bytes.n, file), letter->bytes.n);
    assert_int_equal(fclose(file), 0);
}

static void assert_as_kept(const char *name, const struct letter *letter)
{
    const char *folder = getenv("POSTROOM_LETTERS"); /* NOLINT(concurrency-mt-unsafe): one thread */
    const char *source = getenv("POSTROOM_SOURCE");  /* NOLINT(concurrency-mt-unsafe): one thread */
    CLEANUP(cleanup_file) FILE *file = NULL;
    CLEANUP(cleanup_free) char *kept = alloc_zeroed(letter->bytes.n + 2);
    char path[400];

    if (folder != NULL) {
        write_letter(folder, name, letter);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/tests/letters/%s.eml", source != NULL ? source : ".",
                   name);
    file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is missing", path);
    if (fread(kept, 1, letter->bytes.n + 1, file) != letter->bytes.n ||
        memcmp(kept, letter->bytes.at, letter->bytes.n) != 0)
        fail_msg("the letter \"%s\" comes out otherwise than in tests/letters", name);
}

/* Composes the last delivery and holds it against the file. */
static void assert_letter(struct correspondence *c, const char *name)
{
    struct letter letter = compose(c);

    if (letter.verdict != LETTER_READY)
        fail_msg("%s: %s", letter.reason, letter.problem);
    assert_as_kept(name, &letter);
    letter_fini(&letter);
}

#define COMMENT                                                                                    \
    "I can reproduce this with 2.3 on Debian 12: saving a file of more than 2 GB ends with an "    \
    "assertion, and the file is left half written.\n\n"                                            \
    "    assert(length <= INT_MAX) failed in save.c:118\n\n"                                       \
    "See https://wiki.example.org/large-files for how to make such a file."

static void a_single_comment(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, PROJECT, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = COMMENT, .url = "https://tracker.example.org/x/12#c3");
    add_delivery(c, BO, 101);
    assert_letter(c, "single_comment");
}

static void a_picture_and_a_file(void **state)
{
    static const unsigned char picture[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0 };
    struct correspondence *c = *state;
    struct attachment files[] = {
        { SPAN("Fenster gr\xc3\xb6\xc3\x9f"
               "er.png"),
          SPAN("image/png"),
          true,
          0,
          { (const char *)picture, sizeof(picture) } },
        { SPAN("save.log"), SPAN("text/plain"), false, 0, SPAN("write: File too large\n") },
    };

    add_watch(c, BO, PROJECT, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "This is what it looks like.");
    must(c,
         event_attachments_set(c->db, c->seq + 1000,
                               &(struct attachment_list){ files, ARRAY_LENGTH(files) }, &c->err));
    add_delivery(c, BO, 101);
    assert_letter(c, "with_files");
}

static void many_changes(struct correspondence *c)
{
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "new", .new = "open");
    HAPPEN(c, ANA, "changed", .field = "Owner", .new = "Ana Ortiz");
    HAPPEN(c, BO, "changed", .field = "Status", .old = "open", .new = "closed");
    HAPPEN(c, BO, "changed", .field = "Priority", .old = "high", .new = "low");
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "closed", .new = "open");
    HAPPEN(c, ANA, "changed", .field = "Priority", .old = "low", .new = "high");
    HAPPEN(c, BO, "commented", .text = "Not closed after all, it still happens with --direct.");
    HAPPEN(c, BO, "changed", .field = "Labels", .old = "crash, 2.3", .new = "crash, 2.3, 2.4");
}

static void many_changes_net_of_undone_ones(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, ZOE, PROJECT, WATCH_NOW);
    add_watch(c, ZOE, ISSUE, WATCH_NOW);
    many_changes(c);
    RUN(c, SQL("UPDATE person SET languages = '[]', timezone = NULL WHERE id = $1"), db_int(ZOE));
    add_delivery(c, ZOE, 101);
    assert_letter(c, "many_changes");
}

static void the_same_in_german(void **state)
{
    struct correspondence *c = *state;

    RUN(c,
        SQL("INSERT INTO kind (name, of, bit, names) VALUES ('issue', 0, NULL, $1), "
            "('commented', 1, 9, $2)"),
        db_string("{\"en\": \"Issue\", \"de\": \"Vorgang\"}"),
        db_string("{\"en\": \"commented\", \"de\": \"kommentiert\"}"));
    add_watch(c, ZOE, PROJECT, WATCH_NOW);
    add_watch(c, ZOE, ISSUE, WATCH_NOW);
    many_changes(c);
    add_delivery(c, ZOE, 101);
    assert_letter(c, "german");
}

static void a_long_thread_is_capped(void **state)
{
    struct correspondence *c = *state;
    char text[80];

    add_watch(c, BO, ISSUE, WATCH_NOW);
    for (int i = 1; i <= 362; i++) {
        (void)snprintf(text, sizeof(text), "Result of nightly run %d: %s.", i,
                       i % 7 == 0 ? "failed" : "fine");
        HAPPEN(c, ANA, "commented", .text = text);
    }
    add_delivery(c, BO, 101);
    assert_letter(c, "long_thread");
}

static void what_is_redacted_is_not_told(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "The first word.");
    HAPPEN(c, ANA, "commented", .text = "The password is hunter2.");
    RUN(c, SQL("UPDATE event SET redacted = 1 WHERE seq = $1"), db_int(c->seq));
    HAPPEN(c, ANA, "commented", .text = "The last word.");
    add_delivery(c, BO, 101);
    assert_letter(c, "redacted");
}

static void hostile_and_foreign_text(void **state)
{
    struct correspondence *c = *state;

    RUN(c, SQL("UPDATE topic SET title = $1 WHERE id = 2"),
        db_string("x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script> "
                  "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae"
                  "evil \xf0\x9f\x92\xa5 & more"));
    RUN(c, SQL("UPDATE topic SET url = 'javascript:alert(1)' WHERE id = $1"), db_int(ISSUE));
    RUN(c, SQL("UPDATE person SET name = $1 WHERE id = 1"),
        db_string("ceo@example.com\r\nX: y\" <b>"));
    RUN(c, SQL("UPDATE person SET name = $1 WHERE id = 2"),
        db_string("\xd9\x85\xd8\xad\xd9\x85\xd8\xaf, \"Bo\"\n Li\x1b[31m"));
    add_watch(c, BO, PROJECT, WATCH_NOW);
    HAPPEN(c, ANA, "com<b>mented", .title = "</h1><img src=x onerror=alert(1)>",
           .text = "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd7\xa2\xd7\x95\xd7\x9c\xd7\x9d\n"
                   "<a href=\"https://evil.example\">click</a> \x1b]0;title\x07\n"
                   "-- \n.\nFrom nobody\nhttps://a.example/\"onmouseover=\"alert(1)",
           .url = "https://tracker.example.org/x/12?a=1&b=\"><script>");
    HAPPEN(c, ANA, "changed", .field = "<i>field</i>\r\n", .old = "{{person.address}}",
           .new = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n\n> quoted");
    add_delivery(c, BO, 101);
    assert_letter(c, "hostile");
}

static void a_mention_beats_mute(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, PROJECT, WATCH_NOW);
    add_watch(c, BO, ISSUE, WATCH_MUTE);
    HAPPEN(c, ANA, "commented", .text = "This one is not for Bo.");
    HAPPEN(c, ANA, "commented", .text = "@bo can you have a look?");
    address_directly(c, BO, "mentioned");
    add_delivery(c, BO, 101);
    assert_letter(c, "mentioned");
}

static void owed_since_a_mail_failed(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "This was in the mail that failed.");
    add_delivery(c, BO, 101);
    HAPPEN(c, ANA, "commented", .text = "This is new.");
    RUN(c, SQL("UPDATE heard SET missed_from = $1 WHERE person = 2"), db_int(101));
    add_delivery(c, BO, 101);
    assert_letter(c, "owed");
}

static void the_second_mail_of_a_thread(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "One.");
    add_delivery(c, BO, 101);
    assert_letter(c, "first_of_thread");

    RUN(c,
        SQL("UPDATE heard SET through_seq = $1, subject = $2, "
            "last_message_id = 'd1.x7k2@example.org' WHERE person = 2"),
        db_int(c->seq), db_string("[Project X] Issue 12: Crash when saving a large file"));
    RUN(c, SQL("UPDATE topic SET title = 'Renamed since' WHERE id = $1"), db_int(ISSUE));
    c->now_ms += 3600000;
    HAPPEN(c, 0, "closed", .title = "Closed by the release of 2.4");
    add_delivery(c, BO, c->seq);
    assert_letter(c, "second_of_thread");
}

/* A mail to `person` about all that happened. */
static void add_roundup(struct correspondence *c, int64_t person, int64_t mode)
{
    add_delivery(c, person, 101);
    RUN(c, SQL("UPDATE delivery SET cause = 2, cause_id = $2 WHERE id = $1"), db_int(c->delivery),
        db_int(mode));
    RUN(c, SQL("DELETE FROM delivery_part WHERE delivery = $1"), db_int(c->delivery));
    RUN(c,
        SQL("INSERT INTO delivery_part (delivery, thread, from_seq, to_seq, why) "
            "SELECT $1, CASE WHEN $2 = 1 THEN thread ELSE 0 END, min(seq), max(seq), 0 "
            "FROM event GROUP BY 2"),
        db_int(c->delivery), db_int(mode));
}

static void move_to(struct correspondence *c, int64_t topic)
{
    RUN(c, SQL("UPDATE event SET topic = $2, thread = $2 WHERE seq = $1"), db_int(c->seq),
        db_int(topic));
    RUN(c, SQL("UPDATE event_scope SET topic = $2 WHERE seq = $1 AND topic = 2"), db_int(c->seq),
        db_int(topic));
}

/* News of five issues of project X, one of them undone and one about Bo's own doing. */
static void news_of_five_issues(struct correspondence *c)
{
    static const char *const titles[] = { "Dark mode", "Sort by date", "Typing mistake",
                                          "Slow start", "Import of old files" };

    for (int64_t i = 0; i < 5; i++) {
        char key[20];

        (void)snprintf(key, sizeof(key), "issue/%d", (int)(20 + i));
        add_topic(c, 20 + i, key, titles[i], "https://tracker.example.org/x/20");
        RUN(c, SQL("INSERT INTO topic_parent (child, parent) VALUES ($1, 1)"), db_int(20 + i));
    }
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "new", .new = "open");
    move_to(c, 20);
    HAPPEN(c, ANA, "commented", .text = "This is what it would look like.");
    move_to(c, 20);
    HAPPEN(c, ZOE, "commented", .text = "Bo, can you look at it?");
    move_to(c, 21);
    address_directly(c, BO, "mentioned");
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "new", .new = "closed");
    move_to(c, 22);
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "closed", .new = "new");
    move_to(c, 22);
    HAPPEN(c, BO, "commented", .text = "It takes ten seconds here.");
    move_to(c, 23);
    for (int i = 1; i <= 322; i++) {
        char text[80];

        (void)snprintf(text, sizeof(text), "File %d is imported.", i);
        HAPPEN(c, ANA, "commented", .text = text);
        move_to(c, 24);
    }
}

static void many_threads_are_one_mail(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, PROJECT, WATCH_NOW);
    add_watch(c, BO, 20, WATCH_NOW);
    news_of_five_issues(c);
    HAPPEN(c, ANA, "commented", .text = "And here too.");
    add_roundup(c, BO, WATCH_NOW);
    assert_letter(c, "roundup");
}

static void a_daily_digest_tells_of_daily_watches_alone(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, ZOE, PROJECT, WATCH_DAILY);
    add_watch(c, ZOE, 20, WATCH_NOW);
    add_watch(c, ZOE, 24, WATCH_WEEKLY);
    news_of_five_issues(c);
    HAPPEN(c, ANA, "commented", .text = "And here too.");
    add_roundup(c, ZOE, WATCH_DAILY);
    assert_letter(c, "digest_german");
}

/* The last event asks Bo. */
static void ask_bo(struct correspondence *c)
{
    address_directly(c, BO, "assigned");
    RUN(c,
        SQL("INSERT INTO question (event, answers) SELECT id, 'approve,ask again' FROM event "
            "WHERE seq = $1"),
        db_int(c->seq));
    RUN(c, SQL("INSERT INTO approval (person, event) SELECT 2, id FROM event WHERE seq = $1"),
        db_int(c->seq));
}

static void a_question_comes_with_its_answers(void **state)
{
    struct correspondence *c = *state;

    c->settings.public_url = "https://post.example.org/";
    HAPPEN(c, ANA, "submitted", .title = "Release 2.4", .text = "May it go out?");
    ask_bo(c);
    add_delivery(c, BO, 101);
    assert_letter(c, "question");
    c->now_ms += INT64_C(3) * 86400000;
    add_watch(c, BO, ISSUE, WATCH_DAILY);
    HAPPEN(c, ANA, "commented", .text = "It waits.");
    add_roundup(c, BO, WATCH_DAILY);
    assert_letter(c, "waiting");
    RUN(c, SQL("UPDATE person SET languages = $1 WHERE id = 2"), db_string("[\"de\"]"));
    assert_letter(c, "waiting_german");
    add_delivery(c, BO, 101);
    assert_letter(c, "question_german");
}

/* What the roundup came to is none of its threads' subject or last mail. */
static void a_mail_of_many_threads_is_no_threads_own(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    add_watch(c, BO, PROJECT, WATCH_NOW);
    news_of_five_issues(c);
    add_roundup(c, BO, WATCH_NOW);
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_int_equal(span_find(buf_view(&letter.bytes), SPAN("\r\nReferences:")), letter.bytes.n);
    assert_int_equal(span_find(buf_view(&letter.bytes), SPAN("\r\nIn-Reply-To:")), letter.bytes.n);
    letter_fini(&letter);
}

/* A text of many lines by those that came and went, a long one cut, short values as ever. */
static void what_has_many_lines_is_told_by_its_lines(void **state)
{
    struct correspondence *c = *state;
    CLEANUP(buf_fini) struct buf list;

    buf_init(&list, 100000);
    for (int i = 1; i <= 60; i++)
        buf_printf(&list, "- entry %d\n", i);
    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "new", .new = "open");
    HAPPEN(c, ANA, "changed", .field = "Description",
           .old = "It crashes.\n\nSteps:\n1. Open a file.\n2. Save it.\n\nSince 1.4.",
           .new = "It crashes.\n\nSteps:\n1. Open a <large> file.\n2. Save it.\n3. Wait, for a "
                  "minute or so, until the program is no more to be seen.\n\nSince 1.4.");
    HAPPEN(c, ZOE, "changed", .field = "List", .old = NULL, .new = buf_text(&list));
    add_delivery(c, BO, 101);
    assert_letter(c, "changed_lines");
}

int main(void)
{
#define STORY(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, correspondence_setup, correspondence_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_single_comment),
        STORY(a_picture_and_a_file),
        STORY(many_changes_net_of_undone_ones),
        STORY(the_same_in_german),
        STORY(a_long_thread_is_capped),
        STORY(what_is_redacted_is_not_told),
        STORY(hostile_and_foreign_text),
        STORY(a_mention_beats_mute),
        STORY(owed_since_a_mail_failed),
        STORY(the_second_mail_of_a_thread),
        STORY(what_has_many_lines_is_told_by_its_lines),
        STORY(many_threads_are_one_mail),
        STORY(a_daily_digest_tells_of_daily_watches_alone),
        STORY(a_question_comes_with_its_answers),
        STORY(a_mail_of_many_threads_is_no_threads_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
