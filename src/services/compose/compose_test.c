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

static void there_must_be_a_delivery(void **state)
{
    struct correspondence *c = *state;
    struct letter letter;

    assert_false(compose_letter(c->worker, c->db, 999, c->now_ms, &letter, &c->err));
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
        STORY(there_must_be_a_delivery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
