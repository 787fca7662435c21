/*
 * Holds the SMTP server's machine to the dialogues of server/: at every chunk size of the
 * client's bytes, and cut off after every byte, where nothing may have been taken that was not
 * taken in the end.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "protocol/smtp/server.h"
#include "tests/support/cmocka.h"
#include "tests/transcripts/transcript.h"

enum { RULES_MAX = 8, NO_CUT = 1 << 30 };

/* "answer RCPT b@x 550 5.1.1 who?": what to say to a question instead of yes. */
struct rule {
    enum smtp_question question;
    struct span about; /* the address; empty: any */
    int code;
    struct smtp_status status;
    const char *text;
};

struct talk {
    const struct transcript *transcript;
    size_t chunk;
    size_t cut;
    size_t heard;
    int line;
    struct arena arena;
    struct smtp_server_options options;
    struct smtp_server *server;
    enum smtp_server_want want;
    struct buf said;
    struct buf taken; /* "from=a to=b,c content=...\n" for each message taken */
    struct rule rules[RULES_MAX];
    size_t rule_count;
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

static void write_down(struct talk *t)
{
    const struct smtp_envelope *e = smtp_server_envelope(t->server);

    buf_printf(&t->taken, "from=%.*s to=", SPAN_ARGS(e->from));
    for (size_t i = 0; i < e->to_count; i++)
        buf_printf(&t->taken, "%s%.*s", i > 0 ? "," : "", SPAN_ARGS(e->to[i]));
    buf_put(&t->taken, SPAN(" content="));
    buf_put(&t->taken, smtp_server_content(t->server));
    buf_put(&t->taken, SPAN("\n"));
}

static struct span about(const struct talk *t, enum smtp_question question)
{
    const struct smtp_envelope *e = smtp_server_envelope(t->server);

    if (question == SMTP_ASK_MAIL)
        return e->from;
    return question == SMTP_ASK_RCPT ? e->to[e->to_count - 1] : SPAN("");
}

static void answer(struct talk *t)
{
    enum smtp_question question = smtp_server_question(t->server);

    for (size_t i = 0; i < t->rule_count; i++) {
        const struct rule *rule = &t->rules[i];

        if (rule->question != question ||
            (rule->about.n > 0 && !span_equal(rule->about, about(t, question))))
            continue;
        t->want = smtp_server_answer(t->server, rule->code, rule->status, rule->text);
        return;
    }
    if (question == SMTP_ASK_CONTENT)
        write_down(t);
    t->want = smtp_server_accept(t->server);
}

static void drain(struct talk *t)
{
    struct span out = smtp_server_output(t->server);

    buf_put(&t->said, out);
    smtp_server_sent(t->server, out.n);
}

static void feed(struct talk *t, struct span bytes)
{
    while (bytes.n > 0 && t->heard < t->cut) {
        size_t most = t->cut - t->heard < t->chunk ? t->cut - t->heard : t->chunk;
        struct span piece = span_first(bytes, most);

        bytes = span_rest(bytes, piece.n);
        t->heard += piece.n;
        t->want = smtp_server_feed(t->server, &piece);
        while (t->want == SMTP_SERVER_ANSWER) {
            answer(t);
            drain(t);
            t->want = smtp_server_feed(t->server, &piece);
        }
        drain(t);
    }
}

static void compare(struct talk *t, struct span expected)
{
    struct span said = buf_view(&t->said);

    CHECK(t, span_starts(said, expected), "it said \"%.*s\"\n", SPAN_ARGS(said));
    buf_drop(&t->said, expected.n);
}

/* --- orders --- */

/* A colon stands for a blank. */
static void put_with_blanks(struct buf *to, struct span word)
{
    for (size_t i = 0; i < word.n; i++)
        buf_put_byte(to, word.at[i] == ':' ? ' ' : word.at[i]);
}

static void order_offers(struct talk *t, struct span names)
{
    struct smtp_reply ehlo;
    CLEANUP(buf_fini) struct buf lines;

    buf_init(&lines, 1000);
    buf_put(&lines, SPAN("x"));
    while (names.n > 0) {
        buf_put(&lines, SPAN("\n"));
        put_with_blanks(&lines, transcript_word(&names));
    }
    ehlo = smtp_reply_make(250, (struct smtp_status){ 0 }, buf_view(&lines));
    t->options.offers = smtp_capabilities_read(&ehlo);
    if (t->options.offers.size)
        t->options.offers.size_limit = t->options.content_max;
}

static int64_t number(struct talk *t, struct span word)
{
    int64_t n = 0;

    CHECK(t, text_to_integer(word, 0, INT32_MAX, &n), "not a number\n");
    return n;
}

static void order_limit(struct talk *t, struct span words)
{
    struct span name = transcript_word(&words);

    if (span_equal(name, SPAN("content")))
        t->options.content_max = (uint64_t)number(t, transcript_word(&words));
    else if (span_equal(name, SPAN("recipients")))
        t->options.recipients_max = (uint32_t)number(t, transcript_word(&words));
    else if (span_equal(name, SPAN("errors")))
        t->options.errors_max = (uint32_t)number(t, transcript_word(&words));
    else
        CHECK(t, false, "unknown limit\n");
}

static void order_answer(struct talk *t, struct span words)
{
    static const char *const names[] = {
        "", "GREETING", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT"
    };
    struct rule *rule = &t->rules[t->rule_count++];
    struct span name = transcript_word(&words);
    struct span rest;

    CHECK(t, t->rule_count <= RULES_MAX, "too many answers\n");
    for (int i = 1; i < (int)ARRAY_LENGTH(names); i++)
        if (span_equal(name, span_of(names[i])))
            rule->question = (enum smtp_question)i;
    rest = words;
    name = transcript_word(&rest);
    if (span_index(name, '@') < name.n) {
        rule->about = name;
        words = rest;
    }
    rule->code = (int)number(t, transcript_word(&words));
    if (!smtp_status_take(&words, &rule->status))
        rule->status = (struct smtp_status){ 0 };
    rule->text = arena_text(&t->arena, words);
}

static void check_violations(struct talk *t, struct span names)
{
    CLEANUP(buf_fini) struct buf found;

    buf_init(&found, 1000);
    smtp_violations_put(&found, smtp_server_violations(t->server));
    if (span_equal(names, SPAN("none")))
        names = SPAN("");
    CHECK(t, span_equal(buf_view(&found), names), "they are \"%s\"\n", buf_text(&found));
}

static void check_taken(struct talk *t, struct span words)
{
    struct span expected = transcript_unescape(&t->arena, words);
    struct span taken = buf_view(&t->taken);

    CHECK(t, span_starts(taken, expected) && span_starts(span_rest(taken, expected.n), SPAN("\n")),
          "it took \"%.*s\"\n", SPAN_ARGS(taken));
    buf_drop(&t->taken, expected.n + 1);
}

/* Orders that set up the server are obeyed before its first byte, wherever they stand. */
static void set_up(struct talk *t, struct span order)
{
    struct span name = transcript_word(&order);

    if (span_equal(name, SPAN("offers")))
        order_offers(t, order);
    else if (span_equal(name, SPAN("limit")))
        order_limit(t, order);
    else if (span_equal(name, SPAN("answer")))
        order_answer(t, order);
}

static bool is_set_up(struct span name)
{
    return span_equal(name, SPAN("offers")) || span_equal(name, SPAN("limit")) ||
           span_equal(name, SPAN("answer")) || span_equal(name, SPAN("option"));
}

static void check(struct talk *t, struct span order)
{
    struct span name = transcript_word(&order);

    if (span_equal(name, SPAN("violations")))
        check_violations(t, order);
    else if (span_equal(name, SPAN("taken")))
        check_taken(t, order);
    else if (span_equal(name, SPAN("closes")))
        CHECK(t, t->want == SMTP_SERVER_CLOSE, "it wants %d\n", t->want);
    else
        CHECK(t, is_set_up(name), "unknown order\n");
}

static void event(struct talk *t, struct span name)
{
    CHECK(t, span_equal(name, SPAN("<handshake>")), "unknown event\n");
    CHECK(t, t->want == SMTP_SERVER_TLS, "it wants %d\n", t->want);
    t->want = smtp_server_tls_done(t->server);
}

static void act(struct talk *t, const struct item *item, bool checking)
{
    t->line = item->line;
    if (item->kind == ITEM_PEER && item->mark)
        event(t, item->text);
    else if (item->kind == ITEM_PEER)
        feed(t, item->text);
    else if (item->kind == ITEM_OWN)
        compare(t, item->text);
    else if (checking)
        check(t, item->text);
}

static struct talk *talk_new(const struct transcript *transcript, size_t chunk, size_t cut)
{
    struct talk *t = NEW(struct talk);

    t->transcript = transcript;
    t->chunk = chunk;
    t->cut = cut;
    t->options = (struct smtp_server_options){
        .name = "mx.example",
        .content_max = 10000,
        .recipients_max = 100,
        .errors_max = 10,
        .auth = transcript_has(transcript, SPAN("option auth")),
    };
    arena_init(&t->arena);
    buf_init(&t->said, 1 << 20);
    buf_init(&t->taken, 1 << 20);
    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->items[i].kind == ITEM_ORDER)
            set_up(t, transcript->items[i].text);
    t->server = smtp_server_new(&t->options);
    if (!transcript_has(transcript, SPAN("option early")))
        answer(t);
    else
        t->want = SMTP_SERVER_ANSWER;
    drain(t);
    return t;
}

static void talk_free(struct talk *t)
{
    smtp_server_free(t->server);
    buf_fini(&t->said);
    buf_fini(&t->taken);
    arena_fini(&t->arena);
    alloc_free(t);
}

/* Gives what was taken, to be compared with what is taken in the whole dialogue. */
static void run(const struct transcript *transcript, size_t chunk, size_t cut,
                struct buf *ret_taken)
{
    struct talk *t = talk_new(transcript, chunk, cut);
    bool whole = cut == NO_CUT;

    for (size_t i = 0; i < transcript->count; i++) {
        const struct item *item = &transcript->items[i];

        if (!whole && item->kind == ITEM_PEER && t->heard >= cut)
            break;
        if (whole || item->kind != ITEM_OWN)
            act(t, item, whole);
    }
    if (whole)
        CHECK(t, t->said.n == 0, "it said \"%.*s\"\n", SPAN_ARGS(buf_view(&t->said)));
    buf_put(ret_taken, buf_view(&t->taken));
    talk_free(t);
}

static void run_cut(const struct transcript *transcript, size_t cut, struct span all_taken)
{
    CLEANUP(buf_fini) struct buf taken;

    buf_init(&taken, 1 << 20);
    run(transcript, NO_CUT, cut, &taken);
    assert_true(span_starts(all_taken, buf_view(&taken)));
}

static void transcript_holds(void **state)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf rest;
    CLEANUP(buf_fini) struct buf taken;
    struct transcript t;
    struct error err;

    arena_init(&arena);
    buf_init(&rest, 1 << 20);
    buf_init(&taken, 1 << 20);
    if (!transcript_read(*state, 'C', &arena, &t, &err))
        fail_msg("%s", err.text);
    run(&t, NO_CUT, NO_CUT, &rest);
    if (!transcript_has(&t, SPAN("option whole")))
        for (size_t chunk = 1; chunk < transcript_longest(&t); chunk++)
            run(&t, chunk, NO_CUT, &rest);
    run(&t, NO_CUT, transcript_total(&t), &taken);
    for (size_t cut = 0; cut < transcript_total(&t); cut++)
        run_cut(&t, cut, buf_view(&taken));
}

int main(int argc, char **argv)
{
    return transcript_tests(argc > 1 ? argv[1] : "tests/transcripts/server", transcript_holds);
}
