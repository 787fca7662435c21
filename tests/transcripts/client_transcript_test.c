/*
 * Holds the SMTP client to every dialogue written down beside this file: at every chunk size of
 * the server's bytes from one byte up, and cut off after every byte, where the results must stay
 * sane: nobody delivered who was not, nobody lost silently, in doubt only after the dot.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "protocol/smtp/client.h"
#include "tests/support/cmocka.h"
#include "tests/transcripts/transcript.h"

enum { MAILS_MAX = 4, RECIPIENTS_MAX = 8, NO_CUT = 1 << 30 };

static const char default_content[] = "Subject: hello\r\n\r\nhello\r\n";

struct talk_mail {
    struct smtp_mail mail;
    struct span to[RECIPIENTS_MAX];
    struct span names[RECIPIENTS_MAX]; /* the addresses as the file writes them */
    struct smtp_result results[RECIPIENTS_MAX];
    struct span content;
    bool dot_handed;
};

struct talk {
    const struct transcript *transcript;
    size_t chunk;
    size_t cut; /* the connection is lost after so many of the server's bytes */
    size_t heard;
    int line;
    struct arena arena;
    struct smtp_client_options options;
    struct smtp_client *client;
    enum smtp_want want;
    struct buf said; /* by the client, not yet compared */
    size_t room;     /* bytes that the connection still takes */
    struct talk_mail mails[MAILS_MAX];
    size_t mail_count;
    size_t started;
    bool lined_up; /* each mail is lined up behind the one at hand */
    bool quit;
};

#define CHECK(talk, condition, ...)                                                                \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s:%d (chunk %zu, cut %zu) %s\n", (talk)->transcript->path, (talk)->line, \
                        (talk)->chunk, (talk)->cut, #condition);                                   \
            print_error(__VA_ARGS__);                                                              \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* Hands over what the client wants to say, as far as the connection takes it. */
static void drain(struct talk *t)
{
    for (;;) {
        struct span out = span_first(smtp_client_output(t->client), t->room);

        if (out.n == 0)
            return;
        buf_put(&t->said, out);
        t->room -= out.n;
        t->want = smtp_client_sent(t->client, out.n);
    }
}

/* The first mail that is not over, or the last one. */
static struct talk_mail *mail_at_hand(struct talk *t)
{
    size_t i = 0;

    while (i + 1 < t->started && !smtp_client_holds(t->client, &t->mails[i].mail))
        i++;
    return &t->mails[i];
}

static bool may_line_up(struct talk *t)
{
    return t->lined_up && t->started > 0 && t->started < t->mail_count &&
           mail_at_hand(t) == &t->mails[t->started - 1] &&
           smtp_client_holds(t->client, &t->mails[t->started - 1].mail);
}

/* Does what the owner of a client does between events, but grants no content. */
static void serve(struct talk *t)
{
    drain(t);
    if (may_line_up(t)) {
        t->want = smtp_client_follow(t->client, &t->mails[t->started++].mail);
        drain(t);
    }
    while (t->want == SMTP_WANT_MAIL && (t->started < t->mail_count || t->quit)) {
        if (t->started < t->mail_count)
            t->want = smtp_client_start(t->client, &t->mails[t->started++].mail);
        else
            t->want = smtp_client_quit(t->client);
        drain(t);
        if (may_line_up(t))
            t->want = smtp_client_follow(t->client, &t->mails[t->started++].mail);
    }
}

static void feed(struct talk *t, struct span bytes)
{
    while (bytes.n > 0 && t->heard < t->cut) {
        size_t most = t->cut - t->heard < t->chunk ? t->cut - t->heard : t->chunk;
        struct span piece = span_first(bytes, most);

        bytes = span_rest(bytes, piece.n);
        t->heard += piece.n;
        t->want = smtp_client_feed(t->client, piece);
        serve(t);
    }
}

static void server_event(struct talk *t, struct span event)
{
    if (span_equal(event, SPAN("<close>"))) {
        t->want = smtp_client_lost(t->client, SMTP_CAUSE_LOST, NULL);
    } else if (span_equal(event, SPAN("<silence>"))) {
        t->want = smtp_client_lost(t->client, SMTP_CAUSE_TIMEOUT, NULL);
    } else if (span_equal(event, SPAN("<handshake>"))) {
        CHECK(t, t->want == SMTP_WANT_TLS, "it wants %d\n", t->want);
        t->want = smtp_client_tls_done(t->client);
    } else if (span_equal(event, SPAN("<handshake fails>"))) {
        CHECK(t, t->want == SMTP_WANT_TLS, "it wants %d\n", t->want);
        t->want = smtp_client_lost(t->client, SMTP_CAUSE_TLS, "certificate unknown");
    } else {
        CHECK(t, false, "unknown event\n");
    }
    serve(t);
}

static void compare(struct talk *t, struct span expected)
{
    struct span said = buf_view(&t->said);

    CHECK(t, span_starts(said, expected), "it said \"%.*s\"\n", SPAN_ARGS(said));
    buf_drop(&t->said, expected.n);
}

static void give_content(struct talk *t)
{
    CHECK(t, t->want == SMTP_WANT_CONTENT, "it wants %d\n", t->want);
    t->want = smtp_client_content(t->client, mail_at_hand(t)->content);
    drain(t);
}

/* Content is compared with the stuffing of the plain rule, line by line. */
static void compare_message(struct talk *t, struct span content)
{
    while (content.n > 0) {
        struct span line = span_first(content, span_index(content, '\n') + 1);

        if (line.at[0] == '.')
            compare(t, SPAN("."));
        compare(t, line);
        content = span_rest(content, line.n);
    }
    compare(t, SPAN(".\r\n"));
}

static void client_event(struct talk *t, struct span event)
{
    struct talk_mail *mail = mail_at_hand(t);

    if (span_equal(event, SPAN("<message>"))) {
        give_content(t);
        mail->dot_handed = true;
        compare_message(t, mail->content);
    } else if (span_equal(event, SPAN("<chunk>"))) {
        char command[40];

        give_content(t);
        mail->dot_handed = true;
        (void)snprintf(command, sizeof command, "BDAT %zu LAST\r\n", mail->content.n);
        compare(t, span_of(command));
        compare(t, mail->content);
    } else if (span_equal(event, SPAN("<unfit message>"))) {
        give_content(t);
    } else if (span_equal(event, SPAN("<part of message>"))) {
        t->room = 5;
        give_content(t);
        compare(t, span_first(mail->content, 5));
    } else if (span_equal(event, SPAN("<withhold>"))) {
        t->want = smtp_client_withhold(t->client);
        drain(t);
    } else {
        CHECK(t, false, "unknown event\n");
    }
}

static void order_option(struct talk *t, struct span name)
{
    if (span_equal(name, SPAN("tls-required")))
        t->options.tls = SMTP_TLS_REQUIRED;
    else if (span_equal(name, SPAN("tls-never")))
        t->options.tls = SMTP_TLS_NEVER;
    else if (span_equal(name, SPAN("apart")))
        t->options.apart = true;
    else if (span_equal(name, SPAN("chunks")))
        t->options.chunk_above = 1;
    else if (span_equal(name, SPAN("lined-up")))
        t->lined_up = true;
    else
        CHECK(t, span_equal(name, SPAN("whole")), "unknown option\n");
}

static void add_recipients(struct talk *t, struct talk_mail *m, struct span list)
{
    while (list.n > 0) {
        CHECK(t, m->mail.to_count < RECIPIENTS_MAX, "too many recipients\n");
        m->names[m->mail.to_count] = span_take_until(&list, ',');
        m->to[m->mail.to_count] = transcript_unescape(&t->arena, m->names[m->mail.to_count]);
        m->mail.to_count++;
    }
}

static void order_mail(struct talk *t, struct span order)
{
    struct talk_mail *m = &t->mails[t->mail_count++];
    struct span word;
    int64_t size;

    CHECK(t, t->mail_count <= MAILS_MAX, "too many mails\n");
    m->mail.to = m->to;
    m->mail.results = m->results;
    m->content = span_of(default_content);
    while ((word = transcript_word(&order)).n > 0) {
        struct span value = word;
        struct span name = span_take_until(&value, '=');

        if (span_equal(name, SPAN("from")))
            m->mail.from = transcript_unescape(&t->arena, value);
        else if (span_equal(name, SPAN("to")))
            add_recipients(t, m, value);
        else if (span_equal(name, SPAN("content")))
            m->content = transcript_unescape(&t->arena, value);
        else if (span_equal(name, SPAN("size")) && text_to_integer(value, 0, 1 << 30, &size))
            m->mail.size = (uint64_t)size;
        else if (span_equal(name, SPAN("envid")))
            m->mail.envid = transcript_unescape(&t->arena, value);
        else if (span_equal(name, SPAN("by")) &&
                 text_to_integer(value, 0, 1 << 30, &m->mail.deliver_by_s))
            continue;
        else if (span_equal(name, SPAN("8bit")))
            m->mail.eight_bit = true;
        else if (span_equal(name, SPAN("utf8")))
            m->mail.utf8_headers = true;
        else
            CHECK(t, false, "unknown word of a mail\n");
    }
    serve(t);
}

/* --- what must come of it --- */

/* True when one word of an expectation holds for a result. */
static bool word_holds(const struct smtp_result *r, struct span word)
{
    const struct smtp_status *s = &r->reply.status;
    struct span value = word;
    struct span name = span_take_until(&value, '=');
    char status[40];
    char code[12];

    (void)snprintf(status, sizeof(status), "%u.%u.%u", s->class, s->subject, s->detail);
    (void)snprintf(code, sizeof(code), "%d", r->reply.code);
    if (span_equal(name, SPAN("at")))
        return span_equal(value, span_of(smtp_stage_name(r->stage)));
    if (span_equal(name, SPAN("by")))
        return span_equal(value, span_of(smtp_cause_name(r->cause)));
    if (span_equal(name, SPAN("says")))
        return span_find(smtp_reply_text(&r->reply), value) < r->reply.text_n;
    return span_equal(word, span_of(status)) || span_equal(word, span_of(code)) ||
           span_equal(word, span_of(smtp_verdict_name(smtp_result_verdict(r))));
}

static void check_words(struct talk *t, const struct smtp_result *r, struct span *words)
{
    while (words->n > 0) {
        struct span rest = *words;
        struct span word = transcript_word(&rest);

        if (span_index(word, '@') < word.n)
            return;
        CHECK(t, word_holds(r, word), "\"%.*s\" is not so: %s at %s by %s, %d %u.%u.%u %.*s\n",
              SPAN_ARGS(word), smtp_verdict_name(smtp_result_verdict(r)), smtp_stage_name(r->stage),
              smtp_cause_name(r->cause), r->reply.code, r->reply.status.class,
              r->reply.status.subject, r->reply.status.detail,
              SPAN_ARGS(smtp_reply_text(&r->reply)));
        *words = rest;
    }
}

static struct smtp_result *find_result(struct talk *t, struct span name)
{
    for (size_t m = 0; m < t->mail_count; m++)
        for (size_t i = 0; i < t->mails[m].mail.to_count; i++)
            if (span_equal(t->mails[m].names[i], name))
                return &t->mails[m].results[i];
    CHECK(t, false, "no recipient %.*s\n", SPAN_ARGS(name));
    return NULL;
}

static void order_expect(struct talk *t, struct span words)
{
    while (words.n > 0) {
        struct smtp_result *r = find_result(t, transcript_word(&words));

        CHECK(t, smtp_result_settled(r), "not settled\n");
        check_words(t, r, &words);
    }
}

static void order_ending(struct talk *t, struct span words)
{
    CHECK(t, t->want == SMTP_WANT_CLOSE, "it wants %d\n", t->want);
    CHECK(t, t->said.n == 0, "it said \"%.*s\"\n", SPAN_ARGS(buf_view(&t->said)));
    check_words(t, smtp_client_ending(t->client), &words);
}

static void order_avoids(struct talk *t, struct span words)
{
    struct smtp_avoid avoid = smtp_client_avoid(t->client);

    CHECK(t, avoid.group == (span_find(words, SPAN("group")) < words.n), "group\n");
    CHECK(t, avoid.chunking == (span_find(words, SPAN("chunking")) < words.n), "chunking\n");
}

static void obey(struct talk *t, struct span order)
{
    struct span name = transcript_word(&order);

    if (span_equal(name, SPAN("option")))
        order_option(t, order);
    else if (span_equal(name, SPAN("mail")))
        order_mail(t, order);
    else if (span_equal(name, SPAN("quit"))) {
        t->quit = true;
        serve(t);
    } else if (span_equal(name, SPAN("expect")))
        order_expect(t, order);
    else if (span_equal(name, SPAN("ending")))
        order_ending(t, order);
    else if (span_equal(name, SPAN("avoids")))
        order_avoids(t, order);
    else if (span_equal(name, SPAN("ready")))
        CHECK(t, t->want == SMTP_WANT_MAIL, "it wants %d\n", t->want);
    else
        CHECK(t, false, "unknown order\n");
}

static void act(struct talk *t, const struct item *item)
{
    t->line = item->line;
    if (item->kind == ITEM_ORDER)
        obey(t, item->text);
    else if (item->kind == ITEM_PEER && item->mark)
        server_event(t, item->text);
    else if (item->kind == ITEM_PEER)
        feed(t, item->text);
    else if (item->mark)
        client_event(t, item->text);
    else
        compare(t, item->text);
}

static bool is_option(const struct item *item)
{
    return item->kind == ITEM_ORDER && span_starts(item->text, SPAN("option "));
}

static struct talk *talk_new(const struct transcript *transcript, size_t chunk, size_t cut)
{
    struct talk *t = NEW(struct talk);

    t->transcript = transcript;
    t->chunk = chunk;
    t->cut = cut;
    t->room = SIZE_MAX;
    t->options = (struct smtp_client_options){ .helo = "me.example",
                                               .tls = SMTP_TLS_IF_OFFERED,
                                               .timeouts = smtp_timeouts_default() };
    arena_init(&t->arena);
    buf_init(&t->said, 1 << 20);
    for (size_t i = 0; i < transcript->count; i++)
        if (is_option(&transcript->items[i]))
            obey(t, transcript->items[i].text);
    t->client = smtp_client_new(&t->options);
    t->want = smtp_client_connected(t->client);
    return t;
}

static void talk_free(struct talk *t)
{
    smtp_client_free(t->client);
    buf_fini(&t->said);
    arena_fini(&t->arena);
    alloc_free(t);
}

/* What the whole dialogue gives for a recipient: the first word after its name. */
static struct span expected_verdict(const struct transcript *transcript, struct span name)
{
    for (size_t i = 0; i < transcript->count; i++) {
        struct span order = transcript->items[i].text;

        if (transcript->items[i].kind != ITEM_ORDER || !span_starts(order, SPAN("expect ")))
            continue;
        while (order.n > 0)
            if (span_equal(transcript_word(&order), name))
                return transcript_word(&order);
    }
    return SPAN("");
}

/* After a cut nobody may be delivered who is not so in the end, in doubt who got no dot, or be
 * tried again though the dot may have reached a server that took it. */
static void check_sane(struct talk *t, const struct talk_mail *m, size_t i)
{
    const struct smtp_result *r = &m->results[i];
    struct span expected = expected_verdict(t->transcript, m->names[i]);
    bool taken = span_equal(expected, SPAN("delivered"));
    enum smtp_verdict verdict;

    CHECK(t, smtp_result_settled(r), "%.*s is not settled\n", SPAN_ARGS(m->names[i]));
    verdict = smtp_result_verdict(r);
    CHECK(t, verdict != SMTP_VERDICT_DELIVERED || taken, "delivered\n");
    CHECK(t, verdict != SMTP_VERDICT_IN_DOUBT || m->dot_handed, "in doubt\n");
    CHECK(t,
          verdict == SMTP_VERDICT_DELIVERED || verdict == SMTP_VERDICT_IN_DOUBT || !taken ||
              !m->dot_handed,
          "%s after the dot\n", smtp_verdict_name(verdict));
    CHECK(t, r->reply.code >= 200, "no code\n");
}

static bool is_check(const struct item *item)
{
    return item->kind == ITEM_ORDER &&
           (span_starts(item->text, SPAN("expect ")) || span_starts(item->text, SPAN("ending ")) ||
            span_starts(item->text, SPAN("avoids")) || span_equal(item->text, SPAN("ready")));
}

/* Acts as far as the cut lets it: what the client says after the last byte is still said. */
static void act_until_cut(struct talk *t)
{
    for (size_t i = 0; i < t->transcript->count; i++) {
        const struct item *item = &t->transcript->items[i];
        size_t heard = t->heard;

        if (item->kind == ITEM_PEER && t->heard >= t->cut)
            return;
        if (!is_check(item))
            act(t, item);
        if (item->kind == ITEM_PEER && !item->mark && t->heard - heard < item->text.n)
            return;
    }
}

static void run_cut(const struct transcript *transcript, size_t cut)
{
    struct talk *t = talk_new(transcript, NO_CUT, cut);

    act_until_cut(t);
    t->want = smtp_client_lost(t->client, SMTP_CAUSE_LOST, "cut");
    CHECK(t, t->want == SMTP_WANT_CLOSE, "it wants %d\n", t->want);
    for (size_t m = 0; m < t->started; m++)
        for (size_t i = 0; i < t->mails[m].mail.to_count; i++)
            check_sane(t, &t->mails[m], i);
    talk_free(t);
}

static void run_whole(const struct transcript *transcript, size_t chunk)
{
    struct talk *t = talk_new(transcript, chunk, NO_CUT);

    for (size_t i = 0; i < transcript->count; i++)
        act(t, &transcript->items[i]);
    CHECK(t, t->said.n == 0, "it said \"%.*s\"\n", SPAN_ARGS(buf_view(&t->said)));
    talk_free(t);
}

static void transcript_holds(void **state)
{
    CLEANUP(arena_fini) struct arena arena;
    struct transcript t;
    struct error err;

    arena_init(&arena);
    if (!transcript_read(*state, 'S', &arena, &t, &err))
        fail_msg("%s", err.text);
    run_whole(&t, NO_CUT);
    if (!transcript_has(&t, SPAN("option whole")))
        for (size_t chunk = 1; chunk < transcript_longest(&t); chunk++)
            run_whole(&t, chunk);
    for (size_t cut = 0; cut <= transcript_total(&t); cut++)
        run_cut(&t, cut);
}

int main(int argc, char **argv)
{
    return transcript_tests(argc > 1 ? argv[1] : "tests/transcripts/client", transcript_holds);
}
