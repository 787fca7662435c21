/*
 * The steps of the talk: what we say at each stage and what we do with the answer. The table at
 * the end is the protocol: RFC 5321, 4.1 and 4.3; groups of commands RFC 2920, 3.1; STARTTLS
 * RFC 3207; SIZE RFC 1870; CHUNKING RFC 3030; SMTPUTF8 RFC 6531; DSN RFC 3461; DELIVERBY RFC 2852.
 *
 * A handler sees whole replies of which exactly one belongs to it. 421 never gets here.
 */
#include <inttypes.h>

#include "base/text.h"
#include "protocol/smtp/client_internal.h"
#include "protocol/smtp/xtext.h"

static bool is_class(const struct smtp_reply *r, int class)
{
    return smtp_reply_class(r) == class;
}

/* A 3yz stands only as the answer to DATA. */
static bool is_refusal(const struct smtp_reply *r)
{
    return is_class(r, 4) || is_class(r, 5);
}

static enum smtp_stage hear_greeting(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 2))
        return SMTP_STAGE_EHLO;
    if (is_refusal(r))
        return smtp_client_part(c, SMTP_CAUSE_REPLY, r);
    return smtp_client_break(c, r, "a greeting cannot have this code");
}

static enum smtp_stage say_ehlo(struct smtp_client *c)
{
    buf_printf(&c->out, "EHLO %s\r\n", c->helo);
    return SMTP_STAGE_DONE;
}

static enum smtp_stage say_helo(struct smtp_client *c)
{
    buf_printf(&c->out, "HELO %s\r\n", c->helo);
    return SMTP_STAGE_DONE;
}

static enum smtp_stage tls_missing(struct smtp_client *c)
{
    struct smtp_reply r = smtp_reply_make(451, (struct smtp_status){ 4, 7, 10 },
                                          SPAN("TLS is required and the server offers none"));

    return smtp_client_part(c, SMTP_CAUSE_TLS_MISSING, &r);
}

static enum smtp_stage after_hello(struct smtp_client *c)
{
    if (c->secure || c->tls_policy == SMTP_TLS_NEVER)
        return SMTP_STAGE_READY;
    if (c->offers.starttls)
        return SMTP_STAGE_STARTTLS;
    return c->tls_policy == SMTP_TLS_REQUIRED ? tls_missing(c) : SMTP_STAGE_READY;
}

static enum smtp_stage hear_ehlo(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 2)) {
        c->offers = smtp_capabilities_read(r);
        return after_hello(c);
    }
    if (is_class(r, 5))
        return SMTP_STAGE_HELO;
    if (is_class(r, 4))
        return smtp_client_part(c, SMTP_CAUSE_REPLY, r);
    return smtp_client_break(c, r, "this code cannot answer EHLO");
}

static enum smtp_stage hear_helo(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 2))
        return after_hello(c);
    if (is_refusal(r))
        return smtp_client_part(c, SMTP_CAUSE_REPLY, r);
    return smtp_client_break(c, r, "this code cannot answer HELO");
}

static enum smtp_stage say_starttls(struct smtp_client *c)
{
    buf_put(&c->out, SPAN("STARTTLS\r\n"));
    return SMTP_STAGE_DONE;
}

static enum smtp_stage hear_starttls(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 2))
        return SMTP_STAGE_HANDSHAKE;
    if (is_refusal(r))
        return smtp_client_part(c, SMTP_CAUSE_TLS, r);
    return smtp_client_break(c, r, "this code cannot answer STARTTLS");
}

static enum smtp_stage say_rset(struct smtp_client *c)
{
    buf_put(&c->out, SPAN("RSET\r\n"));
    return SMTP_STAGE_MAIL;
}

static enum smtp_stage hear_rset(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 2)) {
        c->used = false;
        return SMTP_STAGE_MAIL;
    }
    return smtp_client_break(c, r, "RSET was not granted");
}

/* The mail whose commands are being said: the one lined up, once its turn at the wire has come. */
static struct smtp_mail *mail_said(const struct smtp_client *c)
{
    return c->next_said ? c->next : c->mail;
}

static bool mail_needs_utf8(const struct smtp_mail *m)
{
    if (m->utf8_headers || !text_is_ascii(m->from))
        return true;
    for (size_t i = 0; i < m->to_count; i++)
        if (!smtp_result_settled(&m->results[i]) && !text_is_ascii(m->to[i]))
            return true;
    return false;
}

/* UTF-8 in header fields is 8-bit content too: RFC 6531, 3.6. */
static bool mail_is_8bit(const struct smtp_client *c, const struct smtp_mail *m)
{
    return m->eight_bit || (m->utf8_headers && c->offers.eight_bit);
}

/* RFC 3461: of a failure with the header alone, for the report names our envelope. */
static bool asks_for_reports(const struct smtp_client *c, const struct smtp_mail *m)
{
    return c->offers.dsn && m->envid.n > 0;
}

/* An address in other letters would need a type of its own (RFC 6533): it goes without. */
static void put_original(struct buf *to, struct span recipient)
{
    if (!text_is_ascii(recipient))
        return;
    buf_put(to, SPAN(" ORCPT=rfc822;"));
    xtext_put(to, recipient);
}

/* RFC 2852: less than the server's minimum would only be refused. Without BY the mail may well
 * arrive in time, and up to here our own deadline holds. */
static bool asks_for_time(const struct smtp_client *c, const struct smtp_mail *m)
{
    return c->offers.deliver_by && m->deliver_by_s > 0 &&
           m->deliver_by_s >= c->offers.deliver_by_min;
}

void smtp_client_take_up(struct smtp_client *c)
{
    c->mail_accepted = false;
    c->accepted_count = 0;
    c->next_to_answer = smtp_client_rcpt_from(c->mail, 0);
}

static enum smtp_stage say_mail(struct smtp_client *c)
{
    const struct smtp_mail *m = mail_said(c);

    c->mails_said++;
    buf_printf(&c->out, "MAIL FROM:<%.*s>", SPAN_ARGS(m->from));
    if (c->offers.size && m->size > 0)
        buf_printf(&c->out, " SIZE=%" PRIu64, m->size);
    if (mail_is_8bit(c, m))
        buf_put(&c->out, SPAN(" BODY=8BITMIME"));
    if (mail_needs_utf8(m))
        buf_put(&c->out, SPAN(" SMTPUTF8"));
    if (asks_for_reports(c, m)) {
        buf_put(&c->out, SPAN(" RET=HDRS ENVID="));
        xtext_put(&c->out, m->envid);
    }
    if (asks_for_time(c, m))
        buf_printf(&c->out, " BY=%" PRId64 ";R", m->deliver_by_s);
    buf_put(&c->out, SPAN("\r\n"));
    return SMTP_STAGE_RCPT;
}

/* What was pipelined after a refused MAIL must still be answered before we may go on. */
static enum smtp_stage hear_mail(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 2)) {
        c->is_behind = false;
        c->mail_accepted = true;
        c->used = true;
        return SMTP_STAGE_RCPT;
    }
    if (r->code == 503)
        return smtp_client_end(c, SMTP_CAUSE_REPLY, r);
    if (!is_refusal(r))
        return smtp_client_break(c, r, "this code cannot answer MAIL");
    c->is_behind = false;
    smtp_client_settle_all(c, SMTP_CAUSE_REPLY, r);
    return c->in_flight > 0 ? SMTP_STAGE_RCPT : SMTP_STAGE_READY;
}

/* A recipient the server has never heard of. */
static bool is_kept_back(const struct smtp_result *r)
{
    return r->cause == SMTP_CAUSE_UNFIT_ADDRESS || r->cause == SMTP_CAUSE_TOO_LARGE ||
           r->cause == SMTP_CAUSE_NEEDS_UTF8 || r->cause == SMTP_CAUSE_NEEDS_8BIT ||
           r->cause == SMTP_CAUSE_NO_ROOM;
}

size_t smtp_client_rcpt_from(const struct smtp_mail *mail, size_t i)
{
    while (i < mail->to_count && is_kept_back(&mail->results[i]))
        i++;
    return i;
}

bool smtp_client_chunks(const struct smtp_client *c, const struct smtp_mail *mail)
{
    return c->offers.chunking && c->chunk_above > 0 && mail->size >= c->chunk_above;
}

static enum smtp_stage say_rcpt(struct smtp_client *c)
{
    const struct smtp_mail *m = mail_said(c);

    struct span to = m->to[c->next_to_say];

    buf_printf(&c->out, "RCPT TO:<%.*s>", SPAN_ARGS(to));
    if (asks_for_reports(c, m)) {
        buf_put(&c->out, SPAN(" NOTIFY=FAILURE"));
        put_original(&c->out, to);
    }
    buf_put(&c->out, SPAN("\r\n"));
    c->next_to_say = smtp_client_rcpt_from(m, c->next_to_say + 1);
    if (c->next_to_say < m->to_count)
        return SMTP_STAGE_RCPT;
    return smtp_client_chunks(c, m) ? SMTP_STAGE_DONE : SMTP_STAGE_DATA;
}

static enum smtp_stage after_rcpt(struct smtp_client *c)
{
    c->next_to_answer = smtp_client_rcpt_from(c->mail, c->next_to_answer + 1);
    if (c->next_to_answer < c->mail->to_count)
        return SMTP_STAGE_RCPT;
    if (c->accepted_count > 0 && smtp_client_chunks(c, c->mail))
        return SMTP_STAGE_CONTENT;
    return c->accepted_count > 0 || c->in_flight > 0 ? SMTP_STAGE_DATA : SMTP_STAGE_READY;
}

static enum smtp_stage hear_rcpt(struct smtp_client *c, const struct smtp_reply *r)
{
    if (!c->mail_accepted)
        return after_rcpt(c);
    if (r->code == 503)
        return smtp_client_end(c, SMTP_CAUSE_REPLY, r);
    if (is_class(r, 3))
        return smtp_client_break(c, r, "this code cannot answer RCPT");
    if (is_class(r, 2))
        c->accepted_count++;
    else
        smtp_client_settle(c, c->next_to_answer, SMTP_CAUSE_REPLY, r);
    return after_rcpt(c);
}

static enum smtp_stage say_data(struct smtp_client *c)
{
    buf_put(&c->out, SPAN("DATA\r\n"));
    return SMTP_STAGE_DONE;
}

static enum smtp_stage hear_data(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_class(r, 3))
        return c->accepted_count > 0 ? SMTP_STAGE_CONTENT : SMTP_STAGE_LONE_DOT;
    if (is_class(r, 2))
        return smtp_client_break(c, r, "this code cannot answer DATA");
    if (r->code == 503 && c->accepted_count > 0)
        return smtp_client_end(c, SMTP_CAUSE_REPLY, r);
    smtp_client_settle_all(c, SMTP_CAUSE_REPLY, r);
    return SMTP_STAGE_READY;
}

/* Lesson of those who offer CHUNKING and do not know it: they read the content as commands. Nothing
 * of it counts, and the session is left at once. After any other refusal servers disagree about
 * what state they are in, so it ends too. */
static enum smtp_stage hear_chunk_refused(struct smtp_client *c, const struct smtp_reply *r)
{
    bool unknown = r->code >= 500 && r->code <= 504;

    c->avoid.chunking = c->avoid.chunking || unknown;
    return smtp_client_end(c, unknown ? SMTP_CAUSE_CHUNKING : SMTP_CAUSE_REPLY, r);
}

/* Heard before all content was handed over, a reply can be only a refusal; it stands, and the
 * session is of no use, for the server is somewhere in the middle of the content. */
static enum smtp_stage hear_early(struct smtp_client *c, const struct smtp_reply *r)
{
    if (is_refusal(r) && c->awaiting == SMTP_STAGE_DOT && c->is_chunk)
        return hear_chunk_refused(c, r);
    if (is_refusal(r))
        return smtp_client_end(c, SMTP_CAUSE_REPLY, r);
    return smtp_client_break(c, r, "an answer before the content was sent");
}

static enum smtp_stage hear_dot(struct smtp_client *c, const struct smtp_reply *r)
{
    if (!smtp_client_dot_sent(c))
        return hear_early(c, r);
    if (is_class(r, 3))
        return smtp_client_break(c, r, "this code cannot answer the content");
    if (is_refusal(r) && c->is_chunk)
        return hear_chunk_refused(c, r);
    if (r->code == 503)
        return smtp_client_end(c, SMTP_CAUSE_REPLY, r);
    c->used = false;
    c->proven = c->proven || is_class(r, 2);
    smtp_client_settle_all(c, SMTP_CAUSE_REPLY, r);
    if (!c->next_said)
        return SMTP_STAGE_READY;
    c->mail = c->next;
    c->next = NULL;
    c->next_said = false;
    c->is_behind = true;
    smtp_client_take_up(c);
    return SMTP_STAGE_MAIL;
}

static enum smtp_stage say_lone_dot(struct smtp_client *c)
{
    buf_put(&c->out, SPAN(".\r\n"));
    return SMTP_STAGE_DONE;
}

/* Whatever the answer, nobody was accepted and nothing is delivered: RFC 2920, 3.1. A server
 * that answered so oddly gets no second transaction. */
static enum smtp_stage hear_lone_dot(struct smtp_client *c, const struct smtp_reply *r)
{
    (void)c;
    (void)r;
    return SMTP_STAGE_QUIT;
}

static enum smtp_stage say_quit(struct smtp_client *c)
{
    buf_put(&c->out, SPAN("QUIT\r\n"));
    return SMTP_STAGE_DONE;
}

static enum smtp_stage hear_quit(struct smtp_client *c, const struct smtp_reply *r)
{
    (void)c;
    (void)r;
    return SMTP_STAGE_DONE;
}

/* clang-format off */
static const struct smtp_step steps[SMTP_STAGES] = {
    /* stage                    we say          the server answers */
    [SMTP_STAGE_GREETING]  = { NULL,            hear_greeting },
    [SMTP_STAGE_EHLO]      = { say_ehlo,        hear_ehlo },
    [SMTP_STAGE_HELO]      = { say_helo,        hear_helo },
    [SMTP_STAGE_STARTTLS]  = { say_starttls,    hear_starttls },
    [SMTP_STAGE_RSET]      = { say_rset,        hear_rset },
    [SMTP_STAGE_MAIL]      = { say_mail,        hear_mail },
    [SMTP_STAGE_RCPT]      = { say_rcpt,        hear_rcpt },
    [SMTP_STAGE_DATA]      = { say_data,        hear_data },
    [SMTP_STAGE_CONTENT]   = { NULL,            hear_early },
    [SMTP_STAGE_DOT]       = { NULL,            hear_dot },
    [SMTP_STAGE_LONE_DOT]  = { say_lone_dot,    hear_lone_dot },
    [SMTP_STAGE_QUIT]      = { say_quit,        hear_quit },
};
/* clang-format on */

const struct smtp_step *smtp_client_step(enum smtp_stage stage)
{
    return &steps[stage];
}
