/*
 * Sessions against the sink, both on one real loop: what the transcripts cannot show, that is
 * sockets, TLS, timers, back-pressure, and the order of events.
 */
#include "net/smtp_session.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/loop.h"
#include "io/timer.h"
#include "protocol/smtp/dialogue.h"
#include "tests/support/cmocka.h"
#include "tests/support/session_scene.h"
#include "tests/support/talker.h"

enum { BIG = 6 * 1024 * 1024 };

static void two_mails_share_a_connection(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    add_mail(&s, "a@x.example");
    add_mail(&s, "b@x.example");
    open_sink(&s);
    run_session(&s);
    assert_string_equal(buf_text(&s.events), "ready content settled ready content settled ready "
                                             "closed ");
    assert_verdict(&s, 0, SMTP_VERDICT_DELIVERED);
    assert_verdict(&s, 1, SMTP_VERDICT_DELIVERED);
    assert_int_equal(s.ending.cause, SMTP_CAUSE_NONE);
    assert_int_equal(smtp_sink_counts(s.sink)->connections, 1);
    assert_int_equal(smtp_sink_counts(s.sink)->messages, 2);
    assert_int_equal(smtp_sink_counts(s.sink)->violations, 0);
    assert_true(span_equal(buf_view(&s.got), s.content));
    scene_fini(&s);
}

static void an_untrusted_certificate_is_taken_and_recorded(void **state)
{
    struct scene s;
    const struct tls_facts *facts;

    (void)state;
    scene_init(&s);
    use_tls(&s);
    add_mail(&s, "a@x.example");
    open_sink(&s);
    run_session(&s);
    assert_verdict(&s, 0, SMTP_VERDICT_DELIVERED);
    facts = smtp_session_tls(s.session);
    assert_non_null(facts);
    assert_false(facts->verified);
    assert_true(facts->problem[0] != '\0');
    assert_string_equal(s.got_tls, facts->version);
    assert_int_equal(smtp_sink_counts(s.sink)->violations, 0);
    scene_fini(&s);
}

static void an_untrusted_certificate_ends_a_session_that_must_verify(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    use_tls(&s);
    s.options.must_verify = true;
    s.options.client.tls = SMTP_TLS_REQUIRED;
    add_mail(&s, "a@x.example");
    open_sink(&s);
    run_session(&s);
    assert_string_equal(buf_text(&s.events), "closed ");
    assert_int_equal(s.ending.cause, SMTP_CAUSE_TLS);
    assert_int_equal(s.ending.stage, SMTP_STAGE_HANDSHAKE);
    assert_null(smtp_session_tls(s.session));
    scene_fini(&s);
}

/* A server that says `first`, and `then` to whatever it hears. */
struct parrot {
    struct stream *stream;
    struct span first;
    struct span then;
};

static void parrot_hears(void *owner, struct span bytes)
{
    struct parrot *p = owner;

    (void)bytes;
    stream_write(p->stream, p->then);
}

static void parrot_closed(void *owner, const struct error *why)
{
    struct parrot *p = owner;

    (void)why;
    stream_close(p->stream);
    p->stream = NULL;
}

static const struct stream_events parrot_events = { .received = parrot_hears,
                                                    .closed = parrot_closed };

static void parrot_accepts(void *owner, struct stream *stream)
{
    struct parrot *p = owner;

    p->stream = stream;
    stream_adopt(stream, &parrot_events, p);
    stream_write(stream, p->first);
}

static void run_with_parrot(struct scene *s, struct parrot *p)
{
    static const struct listener_events events = { .accepted = parrot_accepts };
    struct endpoint at = talker_loopback();
    struct error err;
    struct listener *listener = listener_open(s->loop, &at, 0, &events, p, &err);

    assert_non_null(listener);
    s->options.peer = listener_endpoint(listener);
    run_session(s);
    listener_close(listener);
    if (p->stream != NULL)
        stream_close(p->stream);
}

static void garbage_in_place_of_a_handshake_is_told_as_tls_failure(void **state)
{
    struct scene s;
    /* The first bytes that answer the ClientHello are no TLS either. */
    struct parrot p = { .first = SPAN("220 mx\r\n"), .then = SPAN("250 STARTTLS\r\n") };

    (void)state;
    scene_init(&s);
    use_tls(&s);
    p.then = SPAN("250-mx\r\n250 STARTTLS\r\n");
    s.options.client.timeouts.ms[SMTP_STAGE_HANDSHAKE] = 5000;
    run_with_parrot(&s, &p);
    /* 250 to STARTTLS is a 2yz: the handshake begins, and meets another 250. */
    assert_int_equal(s.ending.cause, SMTP_CAUSE_TLS);
    assert_int_equal(s.ending.stage, SMTP_STAGE_HANDSHAKE);
    scene_fini(&s);
}

/* A server that answers line after line, then lets so much content come before its last word. */
struct script {
    struct listener *listener;
    struct stream *stream;
    const char *const *replies; /* the greeting first; ended by NULL */
    size_t next;
    size_t content_left;
    const char *last_word; /* NULL: none; then the connection ends, what is unread unread */
    struct buf heard;
};

static void script_says_next(struct script *p)
{
    if (p->replies[p->next] != NULL)
        stream_write(p->stream, span_of(p->replies[p->next++]));
}

static void script_ends(struct script *p)
{
    if (p->last_word != NULL)
        stream_write(p->stream, span_of(p->last_word));
    stream_close(p->stream);
    p->stream = NULL;
}

static void script_hears(void *owner, struct span bytes)
{
    struct script *p = owner;

    if (p->replies[p->next] != NULL) {
        buf_put(&p->heard, bytes);
        script_says_next(p);
    } else if (bytes.n < p->content_left) {
        p->content_left -= bytes.n;
    } else {
        script_ends(p);
    }
}

static void script_closed(void *owner, const struct error *why)
{
    struct script *p = owner;

    (void)why;
    stream_close(p->stream);
    p->stream = NULL;
}

static void script_accepts(void *owner, struct stream *stream)
{
    static const struct stream_events events = { .received = script_hears,
                                                 .closed = script_closed };
    struct script *p = owner;

    p->stream = stream;
    stream_adopt(stream, &events, p);
    script_says_next(p);
}

static void script_open(struct scene *s, struct script *p)
{
    static const struct listener_events events = { .accepted = script_accepts };
    struct endpoint at = talker_loopback();
    struct error err;

    buf_init(&p->heard, 10000);
    p->listener = listener_open(s->loop, &at, 0, &events, p, &err);
    assert_non_null(p->listener);
    s->options.peer = listener_endpoint(p->listener);
}

static void script_close(struct script *p)
{
    listener_close(p->listener);
    if (p->stream != NULL)
        stream_close(p->stream);
    buf_fini(&p->heard);
}

static const char *const up_to_content[] = { "220 mx\r\n", "250 mx\r\n", "250 ok\r\n",
                                             "250 ok\r\n", "354 go\r\n", NULL };

/* Content that no socket takes in one piece meets a server that ends after a part of it. */
static void send_too_much(struct scene *s, const char *last_word)
{
    struct script p = { .replies = up_to_content, .content_left = 1000, .last_word = last_word };
    char *content = alloc_zeroed(BIG);

    for (size_t i = 0; i < BIG; i++)
        content[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : 'x';
    scene_init(s);
    s->content = (struct span){ content, BIG };
    add_mail(s, "a@x.example");
    script_open(s, &p);
    run_session(s);
    script_close(&p);
    alloc_free(content);
}

/* Lesson 17. */
static void a_refusal_before_a_broken_connection_is_read(void **state)
{
    struct scene s;

    (void)state;
    send_too_much(&s, "552 5.3.4 too much\r\n");
    assert_int_equal(s.results[0].cause, SMTP_CAUSE_REPLY);
    assert_int_equal(s.results[0].reply.code, 552);
    assert_int_equal(s.results[0].stage, SMTP_STAGE_CONTENT);
    scene_fini(&s);
}

/* Bytes that the kernel never took were not sent: nothing is in doubt. */
static void content_that_broke_off_is_in_no_doubt(void **state)
{
    struct scene s;

    (void)state;
    send_too_much(&s, NULL);
    assert_int_equal(s.results[0].cause, SMTP_CAUSE_LOST);
    assert_false(s.results[0].dot_sent);
    assert_verdict(&s, 0, SMTP_VERDICT_RETRY);
    scene_fini(&s);
}

/* Both sides' calls in one turn of the loop: the server's word lies unread when the mail comes. */
struct late_word {
    struct scene scene;
    struct script script;
    struct timer timer;
};

static void say_late_word(void *owner)
{
    struct late_word *w = owner;

    stream_write(w->script.stream, span_of(w->script.last_word));
    smtp_session_send(w->scene.session, &w->scene.mails[0]);
}

static void stay_idle(void *owner)
{
    struct late_word *w = owner;

    buf_put(&w->scene.events, SPAN("ready "));
    timer_start(&w->timer, 1);
}

static void say_between_mails(struct late_word *w, const char *word)
{
    static const char *const up_to_ready[] = { "220 mx\r\n", "250 mx\r\n", NULL };
    struct smtp_session_events events = session_events;

    *w = (struct late_word){ .script = { .replies = up_to_ready, .last_word = word } };
    scene_init(&w->scene);
    add_mail(&w->scene, "a@x.example");
    script_open(&w->scene, &w->script);
    timer_init(&w->timer, w->scene.loop, say_late_word, w);
    events.ready = stay_idle;
    run_session_with(&w->scene, &events);
    assert_string_equal(buf_text(&w->scene.events), "ready settled closed ");
    assert_int_equal(w->scene.results[0].cause, SMTP_CAUSE_UNTRIED);
    assert_true(span_equal(buf_view(&w->script.heard), SPAN("EHLO me.example\r\n")));
    script_close(&w->script);
}

/* Lesson 12. */
static void an_unasked_421_is_noticed_before_the_next_mail(void **state)
{
    struct late_word w;

    (void)state;
    say_between_mails(&w, "421 4.4.2 idle for too long\r\n");
    assert_int_equal(w.scene.ending.reply.code, 421);
    scene_fini(&w.scene);
}

/* Lesson 10. */
static void an_unasked_reply_is_no_answer_to_the_next_mail(void **state)
{
    struct late_word w;

    (void)state;
    say_between_mails(&w, "250 and another thing\r\n");
    assert_int_equal(w.scene.ending.cause, SMTP_CAUSE_PROTOCOL);
    scene_fini(&w.scene);
}

static void a_silent_server_times_out(void **state)
{
    struct scene s;
    struct parrot p = { .first = SPAN("220-dripping\r\n"), .then = SPAN("") };

    (void)state;
    scene_init(&s);
    s.options.client.timeouts.ms[SMTP_STAGE_GREETING] = 20;
    add_mail(&s, "a@x.example");
    run_with_parrot(&s, &p);
    assert_string_equal(buf_text(&s.events), "closed ");
    assert_int_equal(s.ending.cause, SMTP_CAUSE_TIMEOUT);
    assert_int_equal(s.ending.stage, SMTP_STAGE_GREETING);
    scene_fini(&s);
}

static void a_closed_port_is_a_lost_connection_with_its_reason(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    open_sink(&s);
    smtp_sink_close(s.sink);
    s.sink = NULL;
    run_session(&s);
    assert_string_equal(buf_text(&s.events), "closed ");
    assert_int_equal(s.ending.cause, SMTP_CAUSE_LOST);
    assert_int_equal(s.ending.stage, SMTP_STAGE_CONNECT);
    assert_true(span_find(smtp_reply_text(&s.ending.reply), SPAN("refused")) <
                s.ending.reply.text_n);
    scene_fini(&s);
}

static void a_lost_reply_after_the_dot_is_in_doubt(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.sink_options.lose_every = 1;
    add_mail(&s, "a@x.example");
    open_sink(&s);
    run_session(&s);
    assert_string_equal(buf_text(&s.events), "ready content settled closed ");
    assert_verdict(&s, 0, SMTP_VERDICT_IN_DOUBT);
    assert_int_equal(smtp_sink_counts(s.sink)->messages, 1);
    scene_fini(&s);
}

static void withheld_content_never_arrives(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.withhold = true;
    add_mail(&s, "a@x.example");
    open_sink(&s);
    run_session(&s);
    assert_string_equal(buf_text(&s.events), "ready content settled closed ");
    assert_verdict(&s, 0, SMTP_VERDICT_RETRY);
    assert_int_equal(s.results[0].cause, SMTP_CAUSE_WITHHELD);
    assert_int_equal(smtp_sink_counts(s.sink)->messages, 0);
    scene_fini(&s);
}

static void run_big(bool tls)
{
    struct scene s;
    char *content = alloc_zeroed(BIG);

    for (size_t i = 0; i < BIG; i++)
        content[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : i % 64 == 0 ? '.' : 'x';
    scene_init(&s);
    if (tls)
        use_tls(&s);
    s.content = (struct span){ content, BIG };
    add_mail(&s, "a@x.example");
    open_sink(&s);
    run_session(&s);
    assert_verdict(&s, 0, SMTP_VERDICT_DELIVERED);
    assert_true(span_equal(buf_view(&s.got), s.content));
    assert_int_equal(smtp_sink_counts(s.sink)->violations, 0);
    scene_fini(&s);
    alloc_free(content);
}

static void content_above_every_buffer_arrives_whole(void **state)
{
    (void)state;
    run_big(false);
    run_big(true);
}

static void what_is_settled_at_once_is_still_told_by_events(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.sink_options.offers.size_limit = 10;
    s.sink_options.content_max = 10;
    add_mail(&s, "a@x.example");
    add_mail(&s, "b@x.example");
    s.mails[1].size = 5;
    open_sink(&s);
    run_session(&s);
    assert_string_equal(buf_text(&s.events), "ready settled ready content settled ready closed ");
    assert_int_equal(s.results[0].cause, SMTP_CAUSE_TOO_LARGE);
    assert_int_equal(s.results[1].reply.code, 552);
    scene_fini(&s);
}

/* The record as lines: "S: 220 mx.example ESMTP". */
static void put_dialogue(struct buf *to, struct span packed)
{
    static const char *const marks[] = { "S: ", "C: ", "-- " };
    struct smtp_dialogue_reader reader;
    struct smtp_dialogue_line line;

    smtp_dialogue_reader_init(&reader, packed);
    while (smtp_dialogue_next(&reader, &line)) {
        buf_put_text(to, marks[line.who]);
        buf_put(to, line.text);
        buf_put_byte(to, '\n');
    }
    smtp_dialogue_reader_fini(&reader);
}

static void the_dialogue_tells_who_said_what_about_the_last_mail(void **state)
{
    struct scene s;
    CLEANUP(buf_fini) struct buf lines;
    struct span dialogue;

    (void)state;
    scene_init(&s);
    buf_init(&lines, 10000);
    add_mail(&s, "a@x.example");
    add_mail(&s, "b@x.example");
    open_sink(&s);
    run_session(&s);
    put_dialogue(&lines, smtp_session_dialogue(s.session));
    dialogue = buf_view(&lines);
    assert_true(span_starts(dialogue, SPAN("-- to mx.example, 127.0.0.1:")));
    assert_true(span_find(dialogue, SPAN("-- connected\n")) < dialogue.n);
    assert_true(span_find(dialogue, SPAN("S: 220 mx.example ESMTP\n")) < dialogue.n);
    assert_true(span_find(dialogue, SPAN("C: RCPT TO:<b@x.example>\n")) < dialogue.n);
    assert_true(span_find(dialogue, SPAN("C: (26 octets of content)\n")) < dialogue.n);
    assert_true(span_find(dialogue, SPAN("C: QUIT\n")) < dialogue.n);
    assert_true(span_find(dialogue, SPAN("hello\r\n")) == dialogue.n);
    assert_true(span_find(dialogue, SPAN("a@x.example")) == dialogue.n);
    scene_fini(&s);
}

static void a_session_may_be_closed_at_any_event(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    add_mail(&s, "a@x.example");
    open_sink(&s);
    s.session = smtp_session_open(s.loop, &s.options, &session_events, &s);
    smtp_session_close(s.session);
    smtp_session_close(s.session);
    scene_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_mails_share_a_connection),
        cmocka_unit_test(an_untrusted_certificate_is_taken_and_recorded),
        cmocka_unit_test(an_untrusted_certificate_ends_a_session_that_must_verify),
        cmocka_unit_test(garbage_in_place_of_a_handshake_is_told_as_tls_failure),
        cmocka_unit_test(a_refusal_before_a_broken_connection_is_read),
        cmocka_unit_test(content_that_broke_off_is_in_no_doubt),
        cmocka_unit_test(an_unasked_421_is_noticed_before_the_next_mail),
        cmocka_unit_test(an_unasked_reply_is_no_answer_to_the_next_mail),
        cmocka_unit_test(a_silent_server_times_out),
        cmocka_unit_test(a_closed_port_is_a_lost_connection_with_its_reason),
        cmocka_unit_test(a_lost_reply_after_the_dot_is_in_doubt),
        cmocka_unit_test(withheld_content_never_arrives),
        cmocka_unit_test(content_above_every_buffer_arrives_whole),
        cmocka_unit_test(what_is_settled_at_once_is_still_told_by_events),
        cmocka_unit_test(the_dialogue_tells_who_said_what_about_the_last_mail),
        cmocka_unit_test(a_session_may_be_closed_at_any_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
