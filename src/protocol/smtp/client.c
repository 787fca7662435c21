/*
 * The SMTP client's machine: it takes replies out of the server's bytes, hands each to the step
 * that it answers, and says what may be said. The steps themselves are in client_steps.c.
 *
 * Two cursors walk the same path: `sending` runs ahead through a group when the server offers
 * PIPELINING, `awaiting` follows reply by reply; `in_flight` is the distance between them. One
 * reply is consumed by exactly one command. A reply to a command whose bytes have not left yet
 * answers nothing we said: the session is broken off.
 */
#include "protocol/smtp/client.h"

#include <assert.h>

#include "base/alloc.h"
#include "protocol/smtp/client_internal.h"

struct smtp_timeouts smtp_timeouts_default(void)
{
    return (struct smtp_timeouts){ .ms = {
                                       [SMTP_STAGE_CONNECT] = 60 * 1000,
                                       [SMTP_STAGE_GREETING] = 300 * 1000,
                                       [SMTP_STAGE_EHLO] = 300 * 1000,
                                       [SMTP_STAGE_HELO] = 300 * 1000,
                                       [SMTP_STAGE_STARTTLS] = 120 * 1000,
                                       [SMTP_STAGE_HANDSHAKE] = 60 * 1000,
                                       [SMTP_STAGE_RSET] = 60 * 1000,
                                       [SMTP_STAGE_MAIL] = 300 * 1000,
                                       [SMTP_STAGE_RCPT] = 300 * 1000,
                                       [SMTP_STAGE_DATA] = 120 * 1000,
                                       [SMTP_STAGE_CONTENT] = 180 * 1000,
                                       [SMTP_STAGE_DOT] = 600 * 1000,
                                       [SMTP_STAGE_LONE_DOT] = 600 * 1000,
                                       [SMTP_STAGE_QUIT] = 10 * 1000,
                                   } };
}

struct smtp_client *smtp_client_new(const struct smtp_client_options *options)
{
    struct smtp_client *c = NEW(struct smtp_client);

    assert(options->helo != NULL && options->helo[0] != '\0');
    c->helo = alloc_text(options->helo);
    c->tls_policy = options->tls;
    c->apart = options->apart;
    c->chunk_above = options->chunk_above;
    c->timeouts = options->timeouts;
    c->sending = SMTP_STAGE_DONE;
    c->awaiting = SMTP_STAGE_CONNECT;
    smtp_reply_parser_init(&c->parser);
    buf_init(&c->out, SMTP_CLIENT_OUT_LIMIT);
    return c;
}

void smtp_client_free(struct smtp_client *c)
{
    if (c == NULL)
        return;
    buf_fini(&c->out);
    smtp_domain_set_fini(&c->domains);
    alloc_free(c->helo);
    alloc_free(c);
}

static enum smtp_want want(const struct smtp_client *c)
{
    switch ((int)c->awaiting) {
    case SMTP_STAGE_HANDSHAKE:
        return SMTP_WANT_TLS;
    case SMTP_STAGE_READY:
        return SMTP_WANT_MAIL;
    case SMTP_STAGE_CONTENT:
        return SMTP_WANT_CONTENT;
    case SMTP_STAGE_DONE:
        return SMTP_WANT_CLOSE;
    default:
        return SMTP_WANT_READ;
    }
}

/* Behind content commands may stand as far as content may. */
static size_t room_for_commands(const struct smtp_client *c)
{
    return c->awaiting == SMTP_STAGE_DOT ? SMTP_CLIENT_OUT_MOST : SMTP_CLIENT_COMMANDS_MOST;
}

static void say_what_may_be_said(struct smtp_client *c)
{
    while (c->sending != SMTP_STAGE_DONE && c->out.n < room_for_commands(c)) {
        enum smtp_stage next = smtp_client_step(c->sending)->say(c);

        c->in_flight++;
        c->unsent++;
        c->sending = c->offers.pipelining ? next : SMTP_STAGE_DONE;
    }
}

/* Begins with the mail at hand; when nobody is left to send it to, it is over at once. */
static void begin(struct smtp_client *c)
{
    smtp_client_refuse_locally(c, c->mail);
    c->next_to_say = smtp_client_rcpt_from(c->mail, 0);
    smtp_client_take_up(c);
    c->turn++;
    if (c->next_to_say < c->mail->to_count)
        c->awaiting = c->used ? SMTP_STAGE_RSET : SMTP_STAGE_MAIL;
}

/* What was lined up moves up when the mail before it is over. */
static void move_up(struct smtp_client *c)
{
    while (c->awaiting == SMTP_STAGE_READY && c->next != NULL) {
        c->mail = c->next;
        c->next = NULL;
        begin(c);
    }
    if (c->awaiting == SMTP_STAGE_DONE && c->next != NULL) {
        smtp_client_leave_untried(c->next);
        c->next = NULL;
    }
}

/* RFC 2920, 3.1: the content may be the first of a group. Only with a server that has shown that
 * it gets through a mail: if it loses us here, one mail more is in doubt than needs to be. */
static bool may_say_next(const struct smtp_client *c)
{
    return c->awaiting == SMTP_STAGE_DOT && c->content.ended && c->next != NULL && !c->next_said &&
           c->offers.pipelining && c->proven && !c->apart;
}

static void say_next(struct smtp_client *c)
{
    if (!may_say_next(c))
        return;
    smtp_client_refuse_locally(c, c->next);
    c->next_to_say = smtp_client_rcpt_from(c->next, 0);
    if (c->next_to_say >= c->next->to_count)
        return; /* nobody to send it to: it will be told in its turn */
    c->next_said = true;
    c->sending = SMTP_STAGE_MAIL;
}

/* Every command is answered: what comes next on the path may be said, if anything is to be. */
static void go_on(struct smtp_client *c)
{
    move_up(c);
    if (c->in_flight == 0 && smtp_client_step(c->awaiting)->say != NULL)
        c->sending = c->awaiting;
    if (c->awaiting == SMTP_STAGE_DONE)
        c->sending = SMTP_STAGE_DONE;
    if (c->awaiting == SMTP_STAGE_DONE || c->awaiting == SMTP_STAGE_READY)
        c->mail = NULL;
    if (c->awaiting == SMTP_STAGE_READY && c->out.n == 0)
        buf_fini(&c->out); /* an idle session costs little */
    say_next(c);
    say_what_may_be_said(c);
}

/* Stages at which a reply may come though no command waits for one. */
static bool may_speak_unasked(const struct smtp_client *c)
{
    return c->awaiting == SMTP_STAGE_CONTENT;
}

static void hear(struct smtp_client *c, const struct smtp_reply *r)
{
    const struct smtp_step *step = smtp_client_step(c->awaiting);

    c->turn++;
    if (r->code == 421)
        c->awaiting = smtp_client_end(c, SMTP_CAUSE_REPLY, r);
    else if (c->in_flight > c->unsent || may_speak_unasked(c)) {
        c->in_flight -= c->in_flight > 0;
        c->awaiting = step->hear(c, r);
    } else
        c->awaiting = smtp_client_break(c, r, "a reply to nothing we asked");
    go_on(c);
}

enum smtp_want smtp_client_feed(struct smtp_client *c, struct span in)
{
    struct smtp_reply r;

    while (in.n > 0 && c->awaiting != SMTP_STAGE_DONE) {
        enum smtp_reply_take taken;

        if (c->awaiting == SMTP_STAGE_HANDSHAKE) {
            r = smtp_reply_make(0, (struct smtp_status){ 0 }, span_first(in, 200));
            c->awaiting = smtp_client_break(c, &r, "bytes in the clear after the 220 to STARTTLS");
            break;
        }
        taken = smtp_reply_take(&c->parser, &in, &r);
        if (taken == SMTP_REPLY_MORE)
            break;
        if (taken == SMTP_REPLY_TAKEN)
            hear(c, &r);
        else
            c->awaiting = smtp_client_break(c, &r, c->parser.fault);
    }
    go_on(c);
    return want(c);
}

enum smtp_want smtp_client_connected(struct smtp_client *c)
{
    assert(c->awaiting == SMTP_STAGE_CONNECT);
    c->awaiting = SMTP_STAGE_GREETING;
    c->in_flight = 1; /* the greeting is owed to us unasked */
    c->turn++;
    return want(c);
}

struct span smtp_client_output(const struct smtp_client *c)
{
    return buf_view(&c->out);
}

struct smtp_output_parts smtp_client_output_parts(const struct smtp_client *c)
{
    struct span out = buf_view(&c->out);
    struct span content = span_first(out, c->content_waits);

    return (struct smtp_output_parts){ .before = span_first(content, c->chunk_command),
                                       .content = span_rest(content, c->chunk_command),
                                       .behind = span_rest(out, c->content_waits) };
}

static void put_content(struct smtp_client *c)
{
    if (c->awaiting != SMTP_STAGE_DOT || c->content.ended)
        return;
    smtp_content_put(&c->content, &c->out, SMTP_CLIENT_OUT_MOST);
    c->content_waits = c->out.n; /* commands come behind it only when it has ended */
}

/* A command is a line: as many have left as line ends did. */
static void count_sent(struct smtp_client *c, struct span bytes)
{
    for (size_t i = 0; i < bytes.n && c->unsent > 0; i++)
        c->unsent -= bytes.at[i] == '\n';
}

enum smtp_want smtp_client_sent(struct smtp_client *c, size_t n)
{
    size_t content = n < c->content_waits ? n : c->content_waits;

    count_sent(c, span_rest(span_first(buf_view(&c->out), n), content));
    c->content_waits -= content;
    c->chunk_command -= n < c->chunk_command ? n : c->chunk_command;
    buf_drop(&c->out, n);
    if (n == 0)
        return want(c);
    if (c->awaiting == SMTP_STAGE_DOT)
        c->turn++;
    put_content(c);
    say_next(c);
    say_what_may_be_said(c);
    return want(c);
}

enum smtp_want smtp_client_tls_done(struct smtp_client *c)
{
    assert(c->awaiting == SMTP_STAGE_HANDSHAKE);
    c->secure = true;
    c->offers = (struct smtp_capabilities){ 0 };
    c->awaiting = SMTP_STAGE_EHLO;
    c->turn++;
    go_on(c);
    return want(c);
}

enum smtp_want smtp_client_start(struct smtp_client *c, struct smtp_mail *mail)
{
    assert(c->awaiting == SMTP_STAGE_READY);
    c->mail = mail;
    begin(c);
    go_on(c);
    return want(c);
}

enum smtp_want smtp_client_follow(struct smtp_client *c, struct smtp_mail *mail)
{
    assert(c->next == NULL);
    c->next = mail;
    go_on(c);
    return want(c);
}

bool smtp_client_withdraw(struct smtp_client *c)
{
    if (c->next == NULL || c->next_said)
        return false;
    c->next = NULL;
    return true;
}

bool smtp_client_holds(const struct smtp_client *c, const struct smtp_mail *mail)
{
    return c->mail == mail || c->next == mail;
}

/* RFC 3030: all of it in one chunk, the last. */
static void start_content(struct smtp_client *c, struct span content)
{
    c->is_chunk = smtp_client_chunks(c, c->mail);
    if (!c->is_chunk) {
        smtp_content_start(&c->content, content);
        return;
    }
    buf_printf(&c->out, "BDAT %zu LAST\r\n", content.n);
    c->chunk_command = c->out.n;
    smtp_content_start_chunk(&c->content, content);
}

enum smtp_want smtp_client_content(struct smtp_client *c, struct span content)
{
    const char *fault = smtp_content_fault(content);
    struct smtp_reply r;

    assert(c->awaiting == SMTP_STAGE_CONTENT);
    c->turn++;
    if (fault != NULL) {
        r = smtp_reply_make(554, (struct smtp_status){ 5, 6, 0 }, span_of(fault));
        c->awaiting = smtp_client_end(c, SMTP_CAUSE_UNFIT_CONTENT, &r);
    } else {
        c->awaiting = SMTP_STAGE_DOT;
        c->in_flight = 1;
        start_content(c, content);
        put_content(c);
    }
    go_on(c);
    return want(c);
}

enum smtp_want smtp_client_withhold(struct smtp_client *c)
{
    struct smtp_reply r =
        smtp_reply_make(451, (struct smtp_status){ 4, 0, 0 }, SPAN("not sent: withheld by us"));

    assert(!smtp_client_dot_sent(c));
    if (c->awaiting != SMTP_STAGE_DONE)
        c->awaiting = smtp_client_end(c, SMTP_CAUSE_WITHHELD, &r);
    go_on(c);
    return want(c);
}

enum smtp_want smtp_client_quit(struct smtp_client *c)
{
    assert(c->awaiting == SMTP_STAGE_READY);
    c->awaiting = SMTP_STAGE_QUIT;
    c->turn++;
    go_on(c);
    return want(c);
}

enum smtp_want smtp_client_lost(struct smtp_client *c, enum smtp_cause cause, const char *why)
{
    if (c->awaiting == SMTP_STAGE_QUIT)
        c->awaiting = SMTP_STAGE_DONE; /* QUIT without an answer is no failure */
    else if (c->awaiting != SMTP_STAGE_DONE)
        c->awaiting = smtp_client_lose(c, cause, why);
    go_on(c);
    return want(c);
}

struct smtp_wait smtp_client_wait(const struct smtp_client *c)
{
    enum smtp_stage stage = c->awaiting;
    int64_t ms;

    if (stage == SMTP_STAGE_DOT && !smtp_client_dot_sent(c))
        stage = SMTP_STAGE_CONTENT;
    ms = c->timeouts.ms[stage];
    if (stage == SMTP_STAGE_READY || stage == SMTP_STAGE_DONE || c->awaiting == SMTP_STAGE_CONTENT)
        ms = 0; /* it is our side that is waited for */
    return (struct smtp_wait){ .stage = stage, .turn = c->turn, .ms = ms };
}

const struct smtp_capabilities *smtp_client_offers(const struct smtp_client *c)
{
    return &c->offers;
}

struct smtp_avoid smtp_client_avoid(const struct smtp_client *c)
{
    return c->avoid;
}

const struct smtp_result *smtp_client_ending(const struct smtp_client *c)
{
    return &c->ending;
}
