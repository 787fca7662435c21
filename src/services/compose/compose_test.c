/*
 * What may be sent, what not, and what comes out the same again.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/sign.h"
#include "protocol/dkim/key_record.h"
#include "protocol/mail/token.h"
#include "tests/support/correspondence.h"

static void assert_verdict(struct correspondence *c, enum letter_verdict verdict,
                           const char *reason)
{
    struct letter letter = compose(c);

    if (letter.verdict != verdict || strcmp(letter.reason, reason) != 0)
        fail_msg("%d %s: %s", letter.verdict, letter.reason, letter.problem);
    if (verdict != LETTER_READY)
        assert_true(letter.problem[0] != '\0');
    letter_fini(&letter);
}

/* One comment that Bo, who watches the issue, is to be told. */
static void comment_for_bo(struct correspondence *c)
{
    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "Hello.");
    add_delivery(c, BO, 101);
}

static void all_that_forbids_is_looked_at(void **state)
{
    static const struct {
        const char *what; /* happens after the mail was made */
        enum letter_verdict verdict;
        const char *reason;
    } cases[] = {
        { "UPDATE watch SET mode = 0 WHERE who = 2", LETTER_FORBIDDEN, "muted" },
        { "UPDATE watch SET mode = 3 WHERE who = 2", LETTER_FORBIDDEN, "in_digest" },
        { "UPDATE watch SET kinds = 1 WHERE who = 2", LETTER_FORBIDDEN, "kind_filtered" },
        { "DELETE FROM watch", LETTER_FORBIDDEN, "not_watching" },
        { "UPDATE watch SET since = 101", LETTER_FORBIDDEN, "not_watching" },
        { "UPDATE person SET status = 1 WHERE id = 2", LETTER_FORBIDDEN, "inactive" },
        { "UPDATE person_address SET normal = 'other@example.com', address = 'other@example.com' "
          "WHERE person = 2",
          LETTER_FORBIDDEN, "no_address" },
        { "UPDATE event SET label = 'staff'", LETTER_FORBIDDEN, "no_permission" },
        { "UPDATE topic SET label = 'staff' WHERE id = 2", LETTER_FORBIDDEN, "no_permission" },
        { "UPDATE event SET actor = 2", LETTER_FORBIDDEN, "actor" },
        { "INSERT INTO suppression (target, reason, origin, at) "
          "VALUES ('bo@example.com', 'bounced', 'test', 0)",
          LETTER_FORBIDDEN, "suppressed" },
        { "INSERT INTO suppression (target, reason, origin, at) "
          "VALUES ('@example.com', 'complaint', 'test', 0)",
          LETTER_FORBIDDEN, "suppressed" },
        { "INSERT INTO suppression (target, reason, origin, at) "
          "VALUES ('bo@example.com', 'unsubscribed', 'test', 0)",
          LETTER_FORBIDDEN, "unsubscribed" },
        { "INSERT INTO suppression (target, scope, reason, origin, at) "
          "VALUES ('bo@example.com', 'project/x', 'unsubscribed', 'test', 0)",
          LETTER_FORBIDDEN, "unsubscribed" },
        { "INSERT INTO suppression (target, scope, reason, origin, at) "
          "VALUES ('bo@example.com', 'project/y', 'unsubscribed', 'test', 0)",
          LETTER_READY, "" },
        { "INSERT INTO suppression (target, reason, origin, at, until) "
          "VALUES ('bo@example.com', 'bounced', 'test', 0, 1000)",
          LETTER_READY, "" },
        { "UPDATE event SET redacted = 1", LETTER_NOTHING, "redacted" },
        { "UPDATE event SET silent = 1", LETTER_NOTHING, "told" },
        { "DELETE FROM delivery_part", LETTER_BROKEN, "broken" },
        { "INSERT INTO grant_of VALUES ('staff', 2)", LETTER_READY, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct correspondence *c = correspondence_new();

        comment_for_bo(c);
        must(c, db_run_plain(c->db, cases[i].what, &c->err));
        assert_verdict(c, cases[i].verdict, cases[i].reason);
        correspondence_free(c);
    }
}

static void a_granted_label_lets_through(void **state)
{
    struct correspondence *c = *state;

    comment_for_bo(c);
    RUN(c, SQL("UPDATE event SET label = $1"), db_string("staff"));
    RUN(c, SQL("INSERT INTO grant_of (label, person) VALUES ('staff', $1)"), db_int(BO));
    assert_verdict(c, LETTER_READY, "");
}

static void undone_changes_make_no_mail(void **state)
{
    struct correspondence *c = *state;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "open", .new = "closed");
    HAPPEN(c, ANA, "changed", .field = "Status", .old = "closed", .new = "open");
    add_delivery(c, BO, 101);
    assert_verdict(c, LETTER_NOTHING, "undone");
}

static void the_letter_carries_what_the_intent_compares(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    comment_for_bo(c);
    RUN(c, SQL("UPDATE person SET version = 7 WHERE id = $1"), db_int(BO));
    RUN(c, SQL("UPDATE delivery_state SET epoch = 3 WHERE delivery = $1"), db_int(c->delivery));
    must(c, epoch_grow(c->db, EPOCH_CONTENT, &c->err));
    letter = compose(c);
    assert_int_equal(letter.person_version, 7);
    assert_int_equal(letter.epoch, 3);
    assert_int_equal(letter.content_epoch, 1);
    assert_true(letter.template_revision > 0);
    assert_string_equal(letter.recipient, "bo@example.com");
    assert_string_equal(letter.sender, "Ana Ortiz <tracker@example.org>");
    assert_string_equal(letter.subject, "[Project X] Issue 12: Crash when saving a large file");
    assert_int_equal(letter.date_ms, LETTERS_START);
    letter_fini(&letter);
}

/* A folder that a push touches concerns it, and yet holds nothing of the repository. */
static void what_an_event_also_concerns_is_not_what_its_topic_is_in(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    add_topic(c, 3, "folder/src", "src", NULL);
    RUN(c, SQL("DELETE FROM topic_parent WHERE child = $1"), db_int(ISSUE));
    comment_for_bo(c);
    RUN(c, SQL("INSERT INTO event_scope (topic, seq, distance) VALUES (3, $1, 1)"), db_int(c->seq));
    letter = compose(c);
    assert_string_equal(letter.subject, "Issue 12: Crash when saving a large file");
    letter_fini(&letter);
}

static void the_return_path_names_the_delivery(void **state)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    struct correspondence *c = *state;
    struct token_keys *keys = token_keys_new();
    struct letter letter;
    struct span local;
    struct token token;

    comment_for_bo(c);
    token_keys_add(keys, 1, (struct span){ secret, 32 });
    letter = compose(c);
    local = span_of(letter.mail_from);
    local = span_first(local, span_index(local, '@'));
    assert_true(token_read(local, keys, &token));
    assert_int_equal(token.kind, TOKEN_RETURN);
    assert_int_equal(token.id, c->delivery);
    letter_fini(&letter);
    token_keys_free(keys);
}

/* Composes again, an hour later, by a composer that remembers nothing. */
static struct letter compose_again(struct correspondence *c)
{
    c->now_ms += 3600000;
    start_composer(c);
    return compose(c);
}

static void a_resend_in_doubt_comes_out_the_same(void **state)
{
    struct correspondence *c = *state;
    struct letter first;
    struct letter second;

    comment_for_bo(c);
    first = compose(c);
    send_in_doubt(c, &first);
    RUN(c, SQL("UPDATE topic SET watch_version = $1"), db_int(9));
    c->settings.sender_name = "Another name";
    second = compose_again(c);
    assert_int_equal(second.verdict, LETTER_READY);
    assert_true(span_equal(buf_view(&first.bytes), buf_view(&second.bytes)));
    assert_memory_equal(first.digest, second.digest, sizeof(first.digest));
    assert_string_equal(first.mail_from, second.mail_from);
    assert_string_equal(first.sender, second.sender);
    letter_fini(&first);
    letter_fini(&second);
}

static void a_resend_uses_the_revision_of_the_template_then(void **state)
{
    struct correspondence *c = *state;
    struct scratch folder = scratch_new();
    FILE *file = fopen(scratch_path(&folder, "notice.text.txt"), "w");
    struct letter first;
    struct letter second;

    comment_for_bo(c);
    first = compose(c);
    send_in_doubt(c, &first);
    assert_non_null(file);
    assert_true(fputs("Quite another text.\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    take_in_templates(c, folder.folder);
    second = compose_again(c);
    assert_int_equal(second.verdict, LETTER_READY);
    assert_int_equal(second.template_revision, first.template_revision);
    assert_true(span_equal(buf_view(&first.bytes), buf_view(&second.bytes)));
    letter_fini(&second);

    add_delivery(c, BO, 101);
    second = compose(c);
    assert_true(second.template_revision != first.template_revision);
    assert_true(span_find(buf_view(&second.bytes), SPAN("Quite another text")) < second.bytes.n);
    letter_fini(&first);
    letter_fini(&second);
    scratch_fini(&folder);
}

static void after_doubt_nothing_else_is_sent(void **state)
{
    static const struct {
        const char *what; /* happens between */
        enum letter_verdict verdict;
        const char *reason;
    } cases[] = {
        { "UPDATE event SET redacted = 1, text = NULL WHERE seq = 101", LETTER_NOTHING,
          "redacted_in_doubt" },
        { "UPDATE event SET text = 'Edited.' WHERE seq = 101", LETTER_BROKEN, "broken" },
        { "UPDATE topic SET title = 'Renamed' WHERE id = 2", LETTER_BROKEN, "broken" },
        { "UPDATE watch SET mode = 0 WHERE who = 2", LETTER_FORBIDDEN, "muted" },
        { "UPDATE event SET redacted = 1", LETTER_NOTHING, "redacted" },
        { "DELETE FROM intent", LETTER_BROKEN, "broken" },
        { "UPDATE intent SET template = 999", LETTER_BROKEN, "broken" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct correspondence *c = correspondence_new();
        struct letter first;
        struct letter second;

        comment_for_bo(c);
        HAPPEN(c, ANA, "commented", .text = "And another.");
        add_delivery(c, BO, 101);
        first = compose(c);
        send_in_doubt(c, &first);
        must(c, db_run_plain(c->db, cases[i].what, &c->err));
        second = compose_again(c);
        if (second.verdict != cases[i].verdict || strcmp(second.reason, cases[i].reason) != 0)
            fail_msg("%s: %d %s", cases[i].what, second.verdict, second.reason);
        letter_fini(&first);
        letter_fini(&second);
        correspondence_free(c);
    }
}

static void after_a_refusal_newer_events_are_told(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    comment_for_bo(c);
    letter = compose(c);
    letter_fini(&letter);
    HAPPEN(c, ANA, "commented", .text = "Newer.");
    RUN(c, SQL("UPDATE delivery_part SET to_seq = $1"), db_int(c->seq));
    letter = compose(c);
    assert_true(span_find(buf_view(&letter.bytes), SPAN("> Newer.")) < letter.bytes.n);
    assert_true(span_find(buf_view(&letter.bytes), SPAN("> Hello.")) < letter.bytes.n);
    letter_fini(&letter);
}

/* The cache must never let one person see what another may. */
static void people_see_their_own_selection(void **state)
{
    struct correspondence *c = *state;
    struct letter bo;
    struct letter zoe;

    add_watch(c, BO, ISSUE, WATCH_NOW);
    add_watch(c, ZOE, ISSUE, WATCH_NOW);
    RUN(c, SQL("INSERT INTO grant_of (label, person) VALUES ('staff', $1)"), db_int(ZOE));
    RUN(c, SQL("UPDATE person SET languages = '[]' WHERE id = $1"), db_int(ZOE));
    HAPPEN(c, ANA, "commented", .text = "For all.");
    HAPPEN(c, ANA, "commented", .text = "For staff.", .label = "staff");
    add_delivery(c, ZOE, 101);
    zoe = compose(c);
    add_delivery(c, BO, 101);
    bo = compose(c);
    assert_true(span_find(buf_view(&zoe.bytes), SPAN("For staff.")) < zoe.bytes.n);
    assert_true(span_find(buf_view(&bo.bytes), SPAN("For all.")) < bo.bytes.n);
    assert_true(span_find(buf_view(&bo.bytes), SPAN("For staff.")) == bo.bytes.n);
    assert_true(span_find(buf_view(&bo.bytes), SPAN("zoe@")) == bo.bytes.n);
    letter_fini(&bo);
    letter_fini(&zoe);

    RUN(c, SQL("UPDATE event SET redacted = 1, text = NULL WHERE seq = $1"), db_int(101));
    must(c, epoch_grow(c->db, EPOCH_CONTENT, &c->err));
    assert_verdict(c, LETTER_NOTHING, "redacted");
}

static void a_missing_key_sends_nothing(void **state)
{
    struct correspondence *c = *state;

    comment_for_bo(c);
    c->settings.dkim_key_file = "/nowhere/key.pem";
    c->settings.dkim_selector = "s1";
    start_composer(c);
    assert_non_null(composer_problem(c->composer));
    assert_verdict(c, LETTER_BROKEN, "broken");
}

static void write_key(const char *path)
{
    struct sign_key *key = sign_key_generate(SIGN_RSA);
    CLEANUP(buf_fini) struct buf pem;
    FILE *file = fopen(path, "w");

    buf_init(&pem, 10000);
    sign_key_put_pem(key, &pem);
    assert_non_null(file);
    assert_int_equal(fwrite(pem.at, 1, pem.n, file), pem.n);
    assert_int_equal(fclose(file), 0);
    sign_key_free(key);
}

static void a_signed_letter_begins_with_its_signature(void **state)
{
    struct correspondence *c = *state;
    CLEANUP(cleanup_free) char *path = alloc_text(scratch_path(&c->scratch, "dkim.pem"));
    struct letter first;
    struct letter second;

    comment_for_bo(c);
    write_key(path);
    c->settings.dkim_key_file = path;
    c->settings.dkim_selector = "s1";
    start_composer(c);
    first = compose(c);
    assert_int_equal(first.verdict, LETTER_READY);
    assert_true(span_starts(buf_view(&first.bytes), SPAN("DKIM-Signature: v=1;")));
    send_in_doubt(c, &first);
    second = compose_again(c);
    assert_true(span_equal(buf_view(&first.bytes), buf_view(&second.bytes)));
    letter_fini(&first);
    letter_fini(&second);
}

static void addresses_in_other_scripts_ask_for_smtputf8(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    add_person(c, 4, "J\xc3\xb8rgen", "j\xc3\xb8rgen@example.com", "[]");
    add_watch(c, 4, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "Hello.");
    add_delivery(c, 4, 101);
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_true(letter.needs_smtputf8);
    letter_fini(&letter);
}

static bool has_line(const struct letter *letter, const char *line)
{
    struct span bytes = buf_view(&letter->bytes);

    return span_find(bytes, span_of(line)) < span_find(bytes, SPAN("\r\n\r\n"));
}

static void a_redirected_letter_names_whom_it_was_for(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    c->settings.deliver = DELIVER_REDIRECT;
    c->settings.deliver_redirect = "staging@example.org";
    c->settings.deliver_redirect_domain = "example.org";
    comment_for_bo(c);
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_string_equal(letter.recipient, "staging@example.org");
    assert_true(has_line(&letter, "\r\nX-Postroom-Redirected: bo@example.com\r\n"));
    assert_true(has_line(&letter, "\r\nTo: Bo"));
    letter_fini(&letter);
}

static void nobody_but_those_listed_gets_a_letter(void **state)
{
    static const char *list[] = { "example.com" };
    struct correspondence *c = *state;
    struct letter letter;

    c->settings.deliver = DELIVER_ONLY;
    comment_for_bo(c);
    assert_verdict(c, LETTER_FORBIDDEN, "deliver_only");
    c->settings.deliver_only = (struct text_list){ list, 1 };
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_string_equal(letter.recipient, "bo@example.com");
    assert_true(has_line(&letter, "\r\nX-Postroom-Deliver: only\r\n"));
    letter_fini(&letter);
}

/* Anywhere in the letter; a word or two, so that no line ends within. */
static bool says(const struct letter *letter, const char *words)
{
    struct span bytes = buf_view(&letter->bytes);

    return span_find(bytes, span_of(words)) < bytes.n;
}

/* Something for Bo to hear of, in words that no other mail has. */
static void confide_in_bo(struct correspondence *c)
{
    add_watch(c, BO, PROJECT, WATCH_NOW);
    RUN(c, SQL("UPDATE topic SET title = $1 WHERE id = 2"), db_string("Takeover of Umbrella"));
    HAPPEN(c, ANA, "signed", .title = "Tyrell agrees", .text = "For a billion.",
           .url = "https://tracker.example.org/x/12#price");
    HAPPEN(c, ANA, "changed", .field = "Price", .old = "two", .new = "one");
    add_delivery(c, BO, 101);
}

static void assert_says_nothing(const struct letter *letter)
{
    static const char *const words[] = { "Takeover", "Tyrell", "billion", "Price", "two",
                                         "Ortiz",    "signed", "changed", "#price" };

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (says(letter, words[i]))
            fail_msg("the letter says \"%s\"", words[i]);
}

static void a_secret_is_told_without_its_content(void **state)
{
    static const struct {
        const char *what; /* makes it one */
        const char *subject;
    } cases[] = {
        { "UPDATE topic SET secret = 1 WHERE key = 'issue/12'", "[Project X] Issue 12" },
        { "UPDATE topic SET secret = 1 WHERE key = 'project/x'", "[Project x] Issue 12" },
        { "INSERT INTO kind (name, of, secret) VALUES ('issue', 0, 1)", "[Project X] Issue 12" },
        { "INSERT INTO kind (name, of, secret) VALUES ('project', 0, 1)", "[Project x] Issue 12" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct correspondence *c = correspondence_new();
        struct letter letter;

        confide_in_bo(c);
        RUN(c, SQL("UPDATE heard SET subject = $1"), db_string("Takeover of Umbrella"));
        must(c, db_run_plain(c->db, cases[i].what, &c->err));
        letter = compose(c);
        assert_int_equal(letter.verdict, LETTER_READY);
        assert_string_equal(letter.subject, cases[i].subject);
        assert_says_nothing(&letter);
        assert_true(says(&letter, "There is news of this."));
        assert_true(says(&letter, "https://tracker.example.org/x/12"));
        letter_fini(&letter);
        correspondence_free(c);
    }
}

static void a_secret_kind_of_event_hides_itself_alone(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    RUN(c, SQL("INSERT INTO kind (name, of, bit, secret) VALUES ('signed', $1, 6, 1)"), db_int(1));
    confide_in_bo(c);
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_true(says(&letter, "Takeover"));
    assert_true(says(&letter, "Price: two"));
    assert_true(says(&letter, "There is news of this."));
    assert_false(says(&letter, "billion"));
    assert_false(says(&letter, "Tyrell"));
    assert_false(says(&letter, "signed"));
    letter_fini(&letter);
}

static void what_was_undone_in_secret_makes_no_mail(void **state)
{
    struct correspondence *c = *state;

    RUN(c, SQL("UPDATE topic SET secret = 1 WHERE id = $1"), db_int(ISSUE));
    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "changed", .field = "Price", .old = "two", .new = "one");
    HAPPEN(c, ANA, "changed", .field = "Price", .old = "one", .new = "two");
    add_delivery(c, BO, 101);
    assert_verdict(c, LETTER_NOTHING, "undone");
}

/* ---- what the application says ---- */

/* The application has a say, and Bo is to be told of three things. */
static void three_for_bo(struct correspondence *c)
{
    c->settings.visibility.module = "see.so";
    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "First words.");
    HAPPEN(c, ANA, "commented", .text = "Second words.");
    HAPPEN(c, ANA, "commented", .text = "Third words.");
    add_delivery(c, BO, 101);
}

/* What the letter asks, to be answered. */
static void take_sheet(struct correspondence *c, size_t count)
{
    struct letter letter = compose(c);

    assert_int_equal(letter.verdict, LETTER_ASKS);
    assert_int_equal(letter.asks->count, count);
    sight_sheet_free(c->sheet);
    c->sheet = letter.asks;
    c->sheet->answered_at = c->now_ms;
    letter.asks = NULL;
    letter_fini(&letter);
}

/* Has the application answer what the letter asks: a word for each of the events. */
static void answer(struct correspondence *c, const enum sight_word *said)
{
    sight_sheet_free(c->sheet);
    c->sheet = NULL;
    take_sheet(c, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c->sheet->items[i].event, 1101 + (int64_t)i);
        c->sheet->items[i].answer = (struct sight_answer){ .word = said[i], .until = 99 };
    }
}

#define ANSWER(c, ...) answer((c), (const enum sight_word[]){ __VA_ARGS__ })

static void the_application_is_asked_about_what_is_told(void **state)
{
    struct correspondence *c = *state;
    const struct sight_sheet *sheet;

    three_for_bo(c);
    RUN(c, SQL("UPDATE event SET label = 'staff', key = 'c/1' WHERE seq = $1"), db_int(101));
    RUN(c, SQL("INSERT INTO grant_of (label, person) VALUES ('staff', $1)"), db_int(BO));
    RUN(c, SQL("UPDATE event SET redacted = 1 WHERE seq = $1"), db_int(102));
    take_sheet(c, 2);
    sheet = c->sheet;
    assert_true(span_equal(sheet->person, SPAN("p2")));
    assert_true(span_equal(sheet->address, SPAN("bo@example.com")));
    assert_true(span_equal(sheet->items[0].topic, SPAN("issue/12")));
    assert_true(span_equal(sheet->items[0].label, SPAN("staff")));
    assert_true(span_equal(sheet->items[0].key, SPAN("c/1")));
    assert_true(span_equal(sheet->items[1].kind, SPAN("commented")));
    assert_int_equal(sheet->items[1].event, 1103);
}

static void only_what_may_be_seen_is_told(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    three_for_bo(c);
    ANSWER(c, SIGHT_YES, SIGHT_NO, SIGHT_NOT_NEEDED);
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_true(says(&letter, "First words."));
    assert_false(says(&letter, "Second words."));
    assert_false(says(&letter, "Third words."));
    assert_int_equal(letter.omitted_count, 2);
    assert_int_equal(letter.omitted[0].seq, 102);
    assert_string_equal(letter.omitted[0].reason, "hidden");
    assert_string_equal(letter.omitted[1].reason, "not_needed");
    assert_int_equal(letter.seen_at, c->now_ms);
    letter_fini(&letter);
}

static void what_nobody_may_see_makes_no_mail(void **state)
{
    static const struct {
        enum sight_word said[3];
        enum letter_verdict verdict;
        const char *reason;
    } cases[] = {
        { { SIGHT_NO, SIGHT_NO, SIGHT_NO }, LETTER_NOTHING, "hidden" },
        { { SIGHT_UNANSWERED, SIGHT_UNANSWERED, SIGHT_UNANSWERED }, LETTER_NOTHING, "unanswered" },
        { { SIGHT_NOT_NEEDED, SIGHT_NOT_NEEDED, SIGHT_NOT_NEEDED }, LETTER_NOTHING, "not_needed" },
        { { SIGHT_NO, SIGHT_NOT_NEEDED, SIGHT_NOT_NEEDED }, LETTER_NOTHING, "hidden" },
        { { SIGHT_LATER, SIGHT_YES, SIGHT_YES }, LETTER_WAITS, "put_off" },
        { { SIGHT_NO, SIGHT_LATER, SIGHT_YES }, LETTER_WAITS, "put_off" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct correspondence *c = correspondence_new();

        three_for_bo(c);
        answer(c, cases[i].said);
        assert_verdict(c, cases[i].verdict, cases[i].reason);
        correspondence_free(c);
    }
}

static void a_thread_is_told_up_to_what_is_put_off(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    three_for_bo(c);
    ANSWER(c, SIGHT_YES, SIGHT_LATER, SIGHT_YES);
    letter = compose(c);
    assert_int_equal(letter.verdict, LETTER_READY);
    assert_true(says(&letter, "First words."));
    assert_false(says(&letter, "Second words."));
    assert_false(says(&letter, "Third words."));
    assert_int_equal(letter.cut_count, 1);
    assert_int_equal(letter.cuts[0].thread, ISSUE);
    assert_int_equal(letter.cuts[0].seq, 102);
    assert_int_equal(letter.cuts[0].until, 99);
    letter_fini(&letter);
}

static void news_after_the_answers_are_asked_about(void **state)
{
    struct correspondence *c = *state;

    three_for_bo(c);
    ANSWER(c, SIGHT_YES, SIGHT_YES, SIGHT_YES);
    HAPPEN(c, ANA, "commented", .text = "Fourth words.");
    RUN(c, SQL("UPDATE delivery_part SET to_seq = $1"), db_int(c->seq));
    take_sheet(c, 4);
}

static void a_resend_keeps_the_answers_it_was_made_with(void **state)
{
    struct correspondence *c = *state;
    struct letter first;
    struct letter second;

    three_for_bo(c);
    ANSWER(c, SIGHT_YES, SIGHT_NO, SIGHT_LATER);
    first = compose(c);
    send_in_doubt(c, &first);
    ANSWER(c, SIGHT_LATER, SIGHT_YES, SIGHT_YES);
    second = compose(c);
    assert_int_equal(second.verdict, LETTER_READY);
    assert_true(span_equal(buf_view(&first.bytes), buf_view(&second.bytes)));
    assert_true(first.sight.n > 0);
    assert_true(span_equal(buf_view(&first.sight), buf_view(&second.sight)));
    letter_fini(&first);
    letter_fini(&second);
}

static void what_may_not_be_seen_any_more_is_not_sent_again(void **state)
{
    struct correspondence *c = *state;
    struct letter first;

    three_for_bo(c);
    ANSWER(c, SIGHT_YES, SIGHT_YES, SIGHT_YES);
    first = compose(c);
    send_in_doubt(c, &first);
    letter_fini(&first);
    ANSWER(c, SIGHT_YES, SIGHT_NO, SIGHT_YES);
    assert_verdict(c, LETTER_NOTHING, "hidden_in_doubt");
}

/* Bo has SIGHT_ITEMS_MOST + 1 things to hear of, in three threads of one roundup. */
static void more_than_is_asked_about(struct correspondence *c)
{
    c->settings.visibility.module = "see.so";
    add_topic(c, 3, "issue/13", "Thirteen", NULL);
    add_topic(c, 4, "issue/14", "Fourteen", NULL);
    add_watch(c, BO, PROJECT, WATCH_NOW);
    for (int i = 0; i <= SIGHT_ITEMS_MOST; i++)
        HAPPEN(c, ANA, "commented", .text = "Words.");
    RUN(c, SQL("UPDATE event SET topic = 2 + seq % $1, thread = 2 + seq % $1"), db_int(3));
    RUN(c, SQL("UPDATE event_scope SET topic = 2 + seq % $1 WHERE topic = 2"), db_int(3));
    add_delivery(c, BO, 101);
    RUN(c, SQL("UPDATE delivery SET cause = 2, cause_id = $2 WHERE id = $1"), db_int(c->delivery),
        db_int(WATCH_NOW));
    RUN(c, SQL("DELETE FROM delivery_part WHERE delivery = $1"), db_int(c->delivery));
    RUN(c,
        SQL("INSERT INTO delivery_part (delivery, thread, from_seq, to_seq, why) "
            "SELECT $1, thread, min(seq), max(seq), 0 FROM event GROUP BY thread"),
        db_int(c->delivery));
}

/* The application lets Bo see all that it is asked about. */
static void answer_yes_to_all(struct correspondence *c)
{
    sight_sheet_free(c->sheet);
    c->sheet = NULL;
    take_sheet(c, SIGHT_ITEMS_MOST);
    for (size_t i = 0; i < c->sheet->count; i++)
        c->sheet->items[i].answer = (struct sight_answer){ .word = SIGHT_YES };
}

static void a_resend_leaves_out_what_nobody_was_asked_about(void **state)
{
    struct correspondence *c = *state;
    struct letter first;
    struct letter second;

    more_than_is_asked_about(c);
    answer_yes_to_all(c);
    first = compose(c);
    assert_int_equal(first.verdict, LETTER_READY);
    assert_int_equal(first.omitted_count, 1);
    send_in_doubt(c, &first);
    answer_yes_to_all(c);
    second = compose(c);
    assert_string_equal(second.problem, "");
    assert_int_equal(second.verdict, LETTER_READY);
    assert_true(span_equal(buf_view(&first.bytes), buf_view(&second.bytes)));
    letter_fini(&first);
    letter_fini(&second);
}

/* What was sent when nobody had a say is not sent again by somebody who was not asked about all
 * of it. */
static void what_is_not_asked_about_is_not_sent_again(void **state)
{
    struct correspondence *c = *state;
    struct letter first;

    more_than_is_asked_about(c);
    c->settings.visibility.module = NULL;
    first = compose(c);
    assert_int_equal(first.verdict, LETTER_READY);
    send_in_doubt(c, &first);
    letter_fini(&first);
    c->settings.visibility.module = "see.so";
    answer_yes_to_all(c);
    assert_verdict(c, LETTER_BROKEN, "broken");
}

static void there_must_be_a_delivery(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    assert_false(compose_letter(c->worker, c->db, &(struct letter_order){ 999, c->now_ms, NULL },
                                &letter, &c->err));
    assert_int_equal(c->err.kind, ERROR_NOT_FOUND);
}

int main(void)
{
#define STORY(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, correspondence_setup, correspondence_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_forbids_is_looked_at),
        STORY(a_granted_label_lets_through),
        STORY(undone_changes_make_no_mail),
        STORY(the_letter_carries_what_the_intent_compares),
        STORY(what_an_event_also_concerns_is_not_what_its_topic_is_in),
        STORY(the_return_path_names_the_delivery),
        STORY(a_resend_in_doubt_comes_out_the_same),
        STORY(a_resend_uses_the_revision_of_the_template_then),
        cmocka_unit_test(after_doubt_nothing_else_is_sent),
        STORY(after_a_refusal_newer_events_are_told),
        STORY(people_see_their_own_selection),
        STORY(a_missing_key_sends_nothing),
        STORY(a_signed_letter_begins_with_its_signature),
        STORY(addresses_in_other_scripts_ask_for_smtputf8),
        STORY(a_redirected_letter_names_whom_it_was_for),
        STORY(nobody_but_those_listed_gets_a_letter),
        cmocka_unit_test(a_secret_is_told_without_its_content),
        STORY(a_secret_kind_of_event_hides_itself_alone),
        STORY(what_was_undone_in_secret_makes_no_mail),
        STORY(the_application_is_asked_about_what_is_told),
        STORY(only_what_may_be_seen_is_told),
        cmocka_unit_test(what_nobody_may_see_makes_no_mail),
        STORY(a_thread_is_told_up_to_what_is_put_off),
        STORY(news_after_the_answers_are_asked_about),
        STORY(a_resend_keeps_the_answers_it_was_made_with),
        STORY(what_may_not_be_seen_any_more_is_not_sent_again),
        STORY(a_resend_leaves_out_what_nobody_was_asked_about),
        STORY(what_is_not_asked_about_is_not_sent_again),
        STORY(there_must_be_a_delivery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
