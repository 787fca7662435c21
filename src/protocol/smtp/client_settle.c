/*
 * How recipients and sessions end: each result is written here and only once. What we found
 * ourselves (lost, out of step, too large) is written as a reply of our own making, so that the
 * ledger has one form for both.
 */
#include <inttypes.h>

#include "base/text.h"
#include "protocol/smtp/client_internal.h"
#include "protocol/smtp/path.h"

bool smtp_client_dot_sent(const struct smtp_client *c)
{
    return c->awaiting == SMTP_STAGE_DOT && c->content.ended && c->content_waits == 0;
}

/* Until its dot is handed over, content is still being written. */
static enum smtp_stage stage_of(const struct smtp_client *c)
{
    if (c->awaiting == SMTP_STAGE_DOT && !smtp_client_dot_sent(c))
        return SMTP_STAGE_CONTENT;
    return c->awaiting;
}

static void write_result(const struct smtp_client *c, struct smtp_result *to, enum smtp_cause cause,
                         const struct smtp_reply *r)
{
    to->cause = cause;
    to->stage = stage_of(c);
    to->dot_sent = smtp_client_dot_sent(c) && cause != SMTP_CAUSE_CHUNKING;
    to->reply = *r;
}

void smtp_client_settle(struct smtp_client *c, size_t i, enum smtp_cause cause,
                        const struct smtp_reply *r)
{
    struct smtp_result *result = &c->mail->results[i];

    if (!smtp_result_settled(result))
        write_result(c, result, cause, r);
}

void smtp_client_settle_all(struct smtp_client *c, enum smtp_cause cause,
                            const struct smtp_reply *r)
{
    if (c->mail == NULL)
        return;
    for (size_t i = 0; i < c->mail->to_count; i++)
        smtp_client_settle(c, i, cause, r);
    c->accepted_count = 0;
}

/* A host that drops what stands behind a dot answers the dot, and then not the next MAIL, or out of
 * step. A connection lost there says less: many hosts end a session after a mail. */
static bool lost_the_group(const struct smtp_client *c, enum smtp_cause cause)
{
    return c->awaiting == SMTP_STAGE_MAIL && c->is_behind && cause != SMTP_CAUSE_LOST;
}

/* What we did that a plain client does not, when the session broke, is left off next time. */
static void note_what_broke(struct smtp_client *c, enum smtp_cause cause)
{
    bool broke =
        cause == SMTP_CAUSE_LOST || cause == SMTP_CAUSE_TIMEOUT || cause == SMTP_CAUSE_PROTOCOL;

    if (!broke)
        return;
    c->avoid.group = c->avoid.group || lost_the_group(c, cause);
    if (c->awaiting != SMTP_STAGE_DOT)
        return;
    c->avoid.chunking = c->avoid.chunking || c->is_chunk;
    c->avoid.group = c->avoid.group || c->next_said;
}

enum smtp_stage smtp_client_end(struct smtp_client *c, enum smtp_cause cause,
                                const struct smtp_reply *r)
{
    if (!smtp_result_settled(&c->ending))
        write_result(c, &c->ending, cause, r);
    note_what_broke(c, cause);
    smtp_client_settle_all(c, cause, r);
    buf_clear(&c->out);
    c->content_waits = 0;
    c->chunk_command = 0;
    c->next_said = false;
    c->in_flight = 0;
    return SMTP_STAGE_DONE;
}

enum smtp_stage smtp_client_break(struct smtp_client *c, const struct smtp_reply *r,
                                  const char *fault)
{
    struct buf text;
    struct smtp_reply ours;

    buf_init(&text, 2 * SMTP_REPLY_TEXT_MAX);
    buf_printf(&text, "%s: ", fault);
    smtp_reply_put(&text, r);
    ours = smtp_reply_make(451, (struct smtp_status){ 4, 5, 0 }, buf_view(&text));
    buf_fini(&text);
    return smtp_client_end(c, SMTP_CAUSE_PROTOCOL, &ours);
}

/* clang-format off */
static const char *const awaited[SMTP_STAGES] = {
    [SMTP_STAGE_GREETING]  = "the greeting",
    [SMTP_STAGE_EHLO]      = "the answer to EHLO",
    [SMTP_STAGE_HELO]      = "the answer to HELO",
    [SMTP_STAGE_STARTTLS]  = "the answer to STARTTLS",
    [SMTP_STAGE_HANDSHAKE] = "the TLS handshake",
    [SMTP_STAGE_READY]     = "the next message",
    [SMTP_STAGE_RSET]      = "the answer to RSET",
    [SMTP_STAGE_MAIL]      = "the answer to MAIL",
    [SMTP_STAGE_RCPT]      = "the answer to RCPT",
    [SMTP_STAGE_DATA]      = "the answer to DATA",
    [SMTP_STAGE_CONTENT]   = "the server to take the content",
    [SMTP_STAGE_DOT]       = "the answer to the content",
    [SMTP_STAGE_LONE_DOT]  = "the answer to the lone dot",
    [SMTP_STAGE_QUIT]      = "the answer to QUIT",
    [SMTP_STAGE_DONE]      = "nothing",
};
/* clang-format on */

static void put_loss(struct buf *to, enum smtp_cause cause, enum smtp_stage stage)
{
    if (stage == SMTP_STAGE_CONNECT)
        buf_put_text(to, cause == SMTP_CAUSE_TIMEOUT ? "connecting timed out" : "cannot connect");
    else if (cause == SMTP_CAUSE_TIMEOUT)
        buf_printf(to, "timed out while waiting for %s", awaited[stage]);
    else if (cause == SMTP_CAUSE_TLS)
        buf_put_text(to, "the TLS handshake failed");
    else
        buf_printf(to, "connection lost while waiting for %s", awaited[stage]);
}

enum smtp_stage smtp_client_lose(struct smtp_client *c, enum smtp_cause cause, const char *why)
{
    bool tls = cause == SMTP_CAUSE_TLS;
    struct smtp_status status = { 4, tls ? 7 : 4, tls ? 5 : 2 };
    struct buf text;
    struct smtp_reply ours;

    buf_init(&text, 2 * SMTP_REPLY_TEXT_MAX);
    if (why == NULL || cause == SMTP_CAUSE_TIMEOUT || stage_of(c) != SMTP_STAGE_CONNECT)
        put_loss(&text, cause, stage_of(c));
    if (why != NULL)
        buf_printf(&text, "%s%s", text.n > 0 ? ": " : "", why);
    if (smtp_reply_begun(&c->parser)) {
        buf_put_text(&text, "; a reply had begun: ");
        smtp_reply_put(&text, &c->parser.reply);
    }
    ours = smtp_reply_make(451, status, buf_view(&text));
    buf_fini(&text);
    return smtp_client_end(c, cause, &ours);
}

enum smtp_stage smtp_client_part(struct smtp_client *c, enum smtp_cause cause,
                                 const struct smtp_reply *r)
{
    write_result(c, &c->ending, cause, r);
    return SMTP_STAGE_QUIT;
}

/* Settles a recipient about whom nothing was said to the server. */
static void settle_unsaid(struct smtp_result *result, enum smtp_cause cause,
                          const struct smtp_reply *r)
{
    if (!smtp_result_settled(result))
        *result = (struct smtp_result){ .cause = cause, .stage = SMTP_STAGE_READY, .reply = *r };
}

static void refuse_all(struct smtp_mail *m, enum smtp_cause cause, int code,
                       struct smtp_status status, const char *text)
{
    struct smtp_reply r = smtp_reply_make(code, status, span_of(text));

    for (size_t i = 0; i < m->to_count; i++)
        settle_unsaid(&m->results[i], cause, &r);
}

static void open_all(struct smtp_mail *m)
{
    for (size_t i = 0; i < m->to_count; i++)
        m->results[i].cause = SMTP_CAUSE_NONE;
}

void smtp_client_leave_untried(struct smtp_mail *mail)
{
    open_all(mail);
    refuse_all(mail, SMTP_CAUSE_UNTRIED, 451, (struct smtp_status){ 4, 4, 2 },
               "not tried: the session ended with the mail before it");
}

static void refuse_large(const struct smtp_client *c, struct smtp_mail *m)
{
    struct buf text;

    buf_init(&text, 200);
    buf_printf(&text, "the message has %" PRIu64 " octets, the server takes at most %" PRIu64,
               m->size, c->offers.size_limit);
    refuse_all(m, SMTP_CAUSE_TOO_LARGE, 552, (struct smtp_status){ 5, 3, 4 }, buf_text(&text));
    buf_fini(&text);
}

static void refuse_one(struct smtp_mail *m, size_t i, enum smtp_cause cause, const char *text)
{
    bool unfit = cause == SMTP_CAUSE_UNFIT_ADDRESS;
    struct smtp_status status = { 5, unfit ? 1 : 6, unfit ? 3 : 7 };
    struct smtp_reply r = smtp_reply_make(553, status, span_of(text));

    settle_unsaid(&m->results[i], cause, &r);
}

static void leave_no_room(struct smtp_result *result, const char *limit, uint32_t value)
{
    char text[100];
    struct smtp_reply r;

    (void)snprintf(text, sizeof text, "the server told the limit %s=%" PRIu32, limit, value);
    r = smtp_reply_make(452, (struct smtp_status){ 4, 5, 3 }, span_of(text));
    settle_unsaid(result, SMTP_CAUSE_NO_ROOM, &r);
}

/* RFC 9422: what is told is kept to, and what does not fit goes in another session. */
static void keep_to_limits(struct smtp_client *c, struct smtp_mail *m)
{
    const struct smtp_capabilities *o = &c->offers;
    uint32_t recipients = 0;

    for (size_t i = 0; i < m->to_count; i++) {
        struct smtp_result *result = &m->results[i];

        if (smtp_result_settled(result))
            continue;
        if (o->mail_limit > 0 && c->mails_said >= o->mail_limit)
            leave_no_room(result, "MAILMAX", o->mail_limit);
        else if (o->recipient_limit > 0 && recipients >= o->recipient_limit)
            leave_no_room(result, "RCPTMAX", o->recipient_limit);
        else if (!smtp_domain_set_admit(&c->domains, m->to[i], o->domain_limit))
            leave_no_room(result, "RCPTDOMAINMAX", o->domain_limit);
        recipients++;
    }
}

static void refuse_recipients(const struct smtp_client *c, struct smtp_mail *m)
{
    for (size_t i = 0; i < m->to_count; i++) {
        if (!smtp_path_safe(m->to[i]))
            refuse_one(m, i, SMTP_CAUSE_UNFIT_ADDRESS, "the address cannot stand in a command");
        else if (!c->offers.smtputf8 && !text_is_ascii(m->to[i]))
            refuse_one(m, i, SMTP_CAUSE_NEEDS_UTF8, "the server does not offer SMTPUTF8");
    }
}

void smtp_client_refuse_locally(struct smtp_client *c, struct smtp_mail *m)
{
    open_all(m);
    if (m->from.n > 0 && !smtp_path_safe(m->from))
        refuse_all(m, SMTP_CAUSE_UNFIT_ADDRESS, 553, (struct smtp_status){ 5, 1, 7 },
                   "the sender's address cannot stand in a command");
    else if (c->offers.size && c->offers.size_limit > 0 && m->size > c->offers.size_limit)
        refuse_large(c, m);
    else if (!c->offers.smtputf8 && (m->utf8_headers || !text_is_ascii(m->from)))
        refuse_all(m, SMTP_CAUSE_NEEDS_UTF8, 553, (struct smtp_status){ 5, 6, 7 },
                   "the server does not offer SMTPUTF8");
    else if (!c->offers.eight_bit && m->eight_bit)
        refuse_all(m, SMTP_CAUSE_NEEDS_8BIT, 554, (struct smtp_status){ 5, 6, 3 },
                   "the server does not offer 8BITMIME");
    else
        refuse_recipients(c, m);
    keep_to_limits(c, m);
}
