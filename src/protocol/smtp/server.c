/*
 * The SMTP server's machine: lines and content out of the client's bytes, replies and questions
 * in their order. The commands are in server_commands.c.
 *
 * Strict where leniency does harm: content ends at CR LF . CR LF alone, bytes between STARTTLS
 * and the handshake end the session. Elsewhere it goes on and notes the violation.
 */
#include "protocol/smtp/server.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/text.h"
#include "protocol/smtp/server_internal.h"

static const struct smtp_status no_status = { 0 };

struct smtp_server *smtp_server_new(const struct smtp_server_options *options)
{
    struct smtp_server *s = NEW(struct smtp_server);

    s->options = *options;
    s->question = SMTP_ASK_GREETING;
    s->ahead = SMTP_EARLY_TALKER;
    buf_init(&s->out, SMTP_SERVER_OUT_LIMIT);
    buf_init(&s->line, SMTP_SERVER_LINE_MAX);
    buf_init(&s->hello, SMTP_SERVER_LINE_MAX);
    buf_init(&s->content, options->content_max);
    buf_init(&s->user, SMTP_SERVER_LINE_MAX);
    buf_init(&s->password, SMTP_SERVER_LINE_MAX);
    s->secure = options->secure;
    arena_init(&s->arena);
    return s;
}

void smtp_server_free(struct smtp_server *s)
{
    if (s == NULL)
        return;
    buf_fini(&s->out);
    buf_fini(&s->line);
    buf_fini(&s->hello);
    buf_fini(&s->content);
    smtp_server_forget(s);
    buf_fini(&s->user);
    buf_fini(&s->password);
    smtp_domain_set_fini(&s->domains);
    arena_fini(&s->arena);
    alloc_free(s->to);
    alloc_free(s->wishes);
    alloc_free(s);
}

void smtp_server_reset(struct smtp_server *s)
{
    s->in_mail = false;
    s->envelope = (struct smtp_envelope){ .to = s->to, .wishes = s->wishes };
    s->chunk_refused = false;
    arena_reset(&s->arena);
    buf_clear(&s->content);
}

void smtp_server_reply(struct smtp_server *s, int code, struct smtp_status status, const char *text)
{
    if (status.class != 0)
        buf_printf(&s->out, "%d %u.%u.%u %s\r\n", code, status.class, status.subject, status.detail,
                   text);
    else
        buf_printf(&s->out, "%d %s\r\n", code, text);
    if (code == 421 || s->out.overflown)
        s->phase = SMTP_SERVER_AT_END;
}

void smtp_server_complain(struct smtp_server *s, enum smtp_violation violation, int code,
                          struct smtp_status status, const char *text)
{
    s->violations.count[violation]++;
    s->errors++;
    if (s->options.errors_max > 0 && s->errors > s->options.errors_max)
        smtp_server_reply(s, 421, (struct smtp_status){ 4, 7, 0 }, "Too many errors");
    else
        smtp_server_reply(s, code, status, text);
}

static enum smtp_server_want want(const struct smtp_server *s)
{
    if (s->phase == SMTP_SERVER_AT_END)
        return SMTP_SERVER_CLOSE;
    if (s->question != SMTP_ASK_NOTHING)
        return SMTP_SERVER_ANSWER;
    return s->phase == SMTP_SERVER_AT_TLS ? SMTP_SERVER_TLS : SMTP_SERVER_READ;
}

/* Bytes are there before the answer to what came before them is out. */
static void note_ahead(struct smtp_server *s)
{
    if (s->ahead == SMTP_VIOLATIONS || s->ahead_noted)
        return;
    s->violations.count[s->ahead]++;
    s->ahead_noted = true;
}

static void act_on_line(struct smtp_server *s, struct span line, bool more)
{
    s->ahead =
        s->options.offers.pipelining && s->esmtp ? SMTP_VIOLATIONS : SMTP_PIPELINING_NOT_OFFERED;
    s->ahead_noted = false;
    if (line.n > 0 && line.at[line.n - 1] == '\r')
        line.n--;
    else
        s->violations.count[SMTP_COMMAND_ENDED_BY_LF]++;
    if (s->phase == SMTP_SERVER_AT_AUTH)
        smtp_server_auth_line(s, line);
    else
        smtp_server_command(s, line);
    if (more)
        note_ahead(s);
}

static void refuse_long_line(struct smtp_server *s)
{
    smtp_server_complain(s, SMTP_COMMAND_LINE_TOO_LONG, 500, (struct smtp_status){ 5, 5, 2 },
                         "Line too long");
}

/* A line that came in one piece is acted on where it lies; others are put together first. */
static void take_line(struct smtp_server *s, struct span *in)
{
    size_t n = span_index(*in, '\n');
    bool ended = n < in->n;
    struct span piece = span_first(*in, n);

    *in = span_rest(*in, ended ? n + 1 : n);
    if (s->line.n + piece.n > SMTP_SERVER_LINE_MAX)
        s->skipping = true;
    if (!s->skipping && (!ended || s->line.n > 0))
        buf_put(&s->line, piece);
    if (!ended)
        return;
    if (s->skipping)
        refuse_long_line(s);
    else
        act_on_line(s, s->line.n > 0 ? buf_view(&s->line) : piece, in->n > 0);
    s->skipping = false;
    buf_clear(&s->line);
}

static void note_content_faults(struct smtp_server *s)
{
    struct span content = buf_view(&s->content);

    if (!s->envelope.eight_bit && !text_is_ascii(content))
        s->violations.count[SMTP_EIGHT_BIT_NOT_DECLARED]++;
    if (span_index(content, '\0') < content.n)
        s->violations.count[SMTP_NUL_IN_DATA]++;
}

/* All content is here. What was too large is refused without a question. */
static void content_complete(struct smtp_server *s, bool more)
{
    s->phase = SMTP_SERVER_AT_COMMAND;
    s->ahead = SMTP_PIPELINING_NOT_OFFERED;
    s->ahead_noted = false;
    if (s->options.offers.pipelining && s->esmtp)
        s->ahead = SMTP_VIOLATIONS; /* RFC 2920, 3.1 lets the next group follow the content */
    if (more)
        note_ahead(s);
    if (s->content.overflown) {
        if (s->options.offers.size)
            s->violations.count[SMTP_SIZE_OVER_OFFER]++;
        smtp_server_reply(s, 552, (struct smtp_status){ 5, 3, 4 }, "Message too large");
        smtp_server_reset(s);
        return;
    }
    note_content_faults(s);
    s->question = SMTP_ASK_CONTENT;
}

static void take_content(struct smtp_server *s, struct span *in)
{
    if (smtp_unstuff_take(&s->unstuff, in, &s->content, &s->violations))
        content_complete(s, in->n > 0);
}

static void take_chunk(struct smtp_server *s, struct span *in)
{
    struct span piece = span_first(*in, s->chunk_left < in->n ? (size_t)s->chunk_left : in->n);

    *in = span_rest(*in, piece.n);
    s->chunk_left -= piece.n;
    if (!s->chunk_refused)
        buf_put(&s->content, piece);
    if (s->chunk_left > 0)
        return;
    s->phase = SMTP_SERVER_AT_COMMAND;
    if (s->chunk_refused)
        smtp_server_reply(s, 503, (struct smtp_status){ 5, 5, 1 }, "No recipients, chunk dropped");
    else if (s->chunk_last)
        content_complete(s, in->n > 0);
    else
        smtp_server_reply(s, 250, (struct smtp_status){ 2, 0, 0 }, "Chunk taken");
}

/* Bytes in the clear behind STARTTLS: whoever put them there is not heard. */
static void refuse_injection(struct smtp_server *s, struct span *in)
{
    s->violations.count[SMTP_PLAINTEXT_AFTER_STARTTLS]++;
    s->phase = SMTP_SERVER_AT_END;
    *in = span_rest(*in, in->n);
}

/* A chunk of no octets is complete without a byte. */
static bool may_go_on(const struct smtp_server *s, struct span in)
{
    bool empty_chunk = s->phase == SMTP_SERVER_AT_CHUNK && s->chunk_left == 0;

    return (in.n > 0 || empty_chunk) && s->question == SMTP_ASK_NOTHING &&
           s->phase != SMTP_SERVER_AT_END;
}

enum smtp_server_want smtp_server_feed(struct smtp_server *s, struct span *in)
{
    if (in->n > 0 && (s->question != SMTP_ASK_NOTHING || s->out.n > 0))
        note_ahead(s);
    while (may_go_on(s, *in)) {
        if (s->phase == SMTP_SERVER_AT_CONTENT)
            take_content(s, in);
        else if (s->phase == SMTP_SERVER_AT_CHUNK)
            take_chunk(s, in);
        else if (s->phase == SMTP_SERVER_AT_TLS)
            refuse_injection(s, in);
        else
            take_line(s, in);
    }
    return want(s);
}

enum smtp_question smtp_server_question(const struct smtp_server *s)
{
    return s->question;
}

static void granted(struct smtp_server *s, enum smtp_question question)
{
    if (question == SMTP_ASK_MAIL)
        s->in_mail = true;
    if (question == SMTP_ASK_AUTH)
        s->known = true;
    if (question != SMTP_ASK_DATA)
        return;
    s->phase = SMTP_SERVER_AT_CONTENT;
    smtp_unstuff_start(&s->unstuff);
}

static void refused(struct smtp_server *s, enum smtp_question question)
{
    if (question == SMTP_ASK_GREETING)
        s->phase = SMTP_SERVER_AT_END;
    else if (question == SMTP_ASK_MAIL)
        smtp_server_reset(s);
    else if (question == SMTP_ASK_RCPT)
        s->envelope.to_count--;
}

enum smtp_server_want smtp_server_answer(struct smtp_server *s, int code, struct smtp_status status,
                                         const char *text)
{
    enum smtp_question question = s->question;

    assert(question != SMTP_ASK_NOTHING);
    s->question = SMTP_ASK_NOTHING;
    smtp_server_reply(s, code, status, text);
    if (code / 100 == (question == SMTP_ASK_DATA ? 3 : 2))
        granted(s, question);
    else
        refused(s, question);
    if (question == SMTP_ASK_CONTENT)
        smtp_server_reset(s);
    if (question == SMTP_ASK_AUTH)
        smtp_server_forget(s);
    return want(s);
}

static const struct {
    int code;
    struct smtp_status status;
    const char *text;
} usual[] = {
    [SMTP_ASK_AUTH] = { 235, { 2, 7, 0 }, "Welcome" },
    [SMTP_ASK_MAIL] = { 250, { 2, 1, 0 }, "Sender ok" },
    [SMTP_ASK_RCPT] = { 250, { 2, 1, 5 }, "Recipient ok" },
    [SMTP_ASK_DATA] = { 354, { 0 }, "Go ahead, end with a dot" },
    [SMTP_ASK_CONTENT] = { 250, { 2, 0, 0 }, "Message taken" },
};

enum smtp_server_want smtp_server_accept(struct smtp_server *s)
{
    char greeting[300];

    if (s->question != SMTP_ASK_GREETING)
        return smtp_server_answer(s, usual[s->question].code, usual[s->question].status,
                                  usual[s->question].text);
    (void)snprintf(greeting, sizeof(greeting), "%s ESMTP", s->options.name);
    return smtp_server_answer(s, 220, no_status, greeting);
}

struct span smtp_server_output(const struct smtp_server *s)
{
    return buf_view(&s->out);
}

void smtp_server_sent(struct smtp_server *s, size_t n)
{
    buf_drop(&s->out, n);
}

enum smtp_server_want smtp_server_tls_done(struct smtp_server *s)
{
    assert(s->phase == SMTP_SERVER_AT_TLS);
    s->phase = SMTP_SERVER_AT_COMMAND;
    s->secure = true;
    s->esmtp = false;
    s->known = false;
    buf_clear(&s->hello);
    smtp_server_reset(s);
    return want(s);
}

struct span smtp_server_user(const struct smtp_server *s)
{
    return buf_view(&s->user);
}

struct span smtp_server_password(const struct smtp_server *s)
{
    return buf_view(&s->password);
}

bool smtp_server_is_secure(const struct smtp_server *s)
{
    return s->secure;
}

bool smtp_server_is_known(const struct smtp_server *s)
{
    return s->known;
}

const struct smtp_envelope *smtp_server_envelope(const struct smtp_server *s)
{
    return &s->envelope;
}

struct span smtp_server_content(const struct smtp_server *s)
{
    return buf_view(&s->content);
}

struct span smtp_server_hello(const struct smtp_server *s)
{
    return buf_view(&s->hello);
}

const struct smtp_violations *smtp_server_violations(const struct smtp_server *s)
{
    return &s->violations;
}
