/*
 * Foreign words come in here: each goes on one line and in ASCII.
 */
#include "services/intake/report_text.h"

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "protocol/mail/date.h"
#include "protocol/smtp/xtext.h"

enum {
    WORDS_MOST = 700, /* of a server, on its line */
    BOUNDARY_BYTES = 12,
    BOUNDARY_ROOM = 60,
    DECODED_MOST = 500,
    UNSAID_MOST = 20 * 1024, /* returned whole unless the sender says how */
    WHOLE_MOST = 200 * 1024,
    HEADER_MOST = 64 * 1024
};

static void put_clean(struct buf *to, struct span words)
{
    for (size_t i = 0; i < words.n && i < WORDS_MOST; i++) {
        unsigned char c = (unsigned char)words.at[i];

        buf_put_byte(to, c >= 127 ? '?' : c < ' ' ? ' ' : words.at[i]);
    }
}

static void put_field(struct buf *to, const char *name, struct span value)
{
    if (value.n == 0)
        return;
    buf_put_text(to, name);
    put_clean(to, value);
    buf_put_text(to, "\r\n");
}

static void put_date_field(struct buf *to, const char *name, int64_t at)
{
    buf_put_text(to, name);
    date_put(to, at, 0);
    buf_put_text(to, "\r\n");
}

static void put_decoded_field(struct buf *to, const char *name, struct span xtext)
{
    CLEANUP(buf_fini) struct buf decoded;

    buf_init(&decoded, DECODED_MOST);
    if (xtext_read(&decoded, xtext))
        put_field(to, name, buf_view(&decoded));
}

static bool any_failed(const struct report *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (!r->recipients[i].is_relayed)
            return true;
    return false;
}

/* A name that stands nowhere in the message. */
static void make_boundary(struct buf *to)
{
    unsigned char bytes[BOUNDARY_BYTES];

    random_secret(bytes, sizeof bytes);
    buf_put_text(to, "=_report_");
    base32_put(to, (struct span){ (const char *)bytes, sizeof bytes });
}

static void put_part(struct buf *to, const char *boundary, const char *type)
{
    buf_printf(to, "--%s\r\nContent-Type: %s\r\n\r\n", boundary, type);
}

static void put_header(struct buf *to, const struct report *r, const char *boundary)
{
    buf_printf(to, "From: Mail system <%s>\r\nTo: <", r->settings->sender_address);
    put_clean(to, r->about->mail_from);
    buf_printf(to, ">\r\nSubject: %s\r\n",
               any_failed(r) ? "Your mail could not be delivered" : "Your mail was passed on");
    buf_printf(to, "In-Reply-To: <%.*s>\r\nReferences: <%.*s>\r\n", SPAN_ARGS(r->about->message_id),
               SPAN_ARGS(r->about->message_id));
    buf_put_text(to, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
    buf_printf(to,
               "Content-Type: multipart/report; report-type=delivery-status;\r\n"
               "\tboundary=\"%s\"\r\n\r\n",
               boundary);
}

/* ---- for people ---- */

static void put_sentence(struct buf *to, const struct report_recipient *recipient)
{
    buf_put_text(to, "  ");
    put_clean(to, recipient->address);
    buf_put_text(to, recipient->is_relayed ? ": passed on" : ": not delivered");
    if (!recipient->is_relayed && recipient->text.n > 0) {
        buf_put_text(to, "\r\n    ");
        put_clean(to, recipient->text);
    }
    buf_put_text(to, "\r\n");
}

static void put_words(struct buf *to, const struct report *r)
{
    buf_printf(to, "This is the mail system of %s.\r\n\r\n", r->settings->hostname);
    buf_put_text(to, "What became of your mail:\r\n\r\n");
    for (size_t i = 0; i < r->count; i++)
        put_sentence(to, &r->recipients[i]);
    if (any_failed(r))
        buf_put_text(to, "\r\nIt is not tried again where it was not delivered.\r\n");
    else
        buf_put_text(to, "\r\nThe servers it was passed on to may not tell you more.\r\n");
}

/* ---- for programs ---- */

static void put_recipient(struct buf *to, const struct report_recipient *recipient)
{
    struct span address = recipient->orcpt;
    struct span type = span_take_until(&address, ';');

    buf_put_text(to, "\r\n");
    if (recipient->orcpt.n > 0) {
        CLEANUP(buf_fini) struct buf name;

        buf_init(&name, BOUNDARY_ROOM + DECODED_MOST);
        buf_printf(&name, "Original-Recipient: %.*s; ", SPAN_ARGS(type));
        put_decoded_field(to, buf_text(&name), address);
    }
    put_field(to, "Final-Recipient: rfc822; ", recipient->address);
    put_field(to, "Action: ", recipient->is_relayed ? SPAN("relayed") : SPAN("failed"));
    put_field(to, "Status: ", span_of(recipient->status));
    put_field(to, "Remote-MTA: dns; ", recipient->host);
    put_field(to, "Diagnostic-Code: smtp; ", recipient->diagnostic);
    put_date_field(to, "Last-Attempt-Date: ", recipient->at);
}

static void put_status(struct buf *to, const struct report *r)
{
    put_field(to, "Reporting-MTA: dns; ", span_of(r->settings->hostname));
    if (r->about->envid.n > 0)
        put_decoded_field(to, "Original-Envelope-Id: ", r->about->envid);
    put_date_field(to, "Arrival-Date: ", r->about->made_at);
    for (size_t i = 0; i < r->count; i++)
        put_recipient(to, &r->recipients[i]);
}

/* ---- what it is about ---- */

/* RFC 3461, 6.2: the whole message comes back only with a failure. */
static bool returns_whole(const struct report *r)
{
    if (!any_failed(r) || r->returns == SMTP_RETURN_HEADERS)
        return false;
    return r->content.n <= (r->returns == SMTP_RETURN_WHOLE ? WHOLE_MOST : UNSAID_MOST);
}

static void put_original(struct buf *to, const struct report *r, const char *boundary)
{
    size_t end = span_find(r->content, SPAN("\r\n\r\n"));

    if (r->content.n == 0 || r->about->needs_smtputf8)
        return;
    if (returns_whole(r)) {
        put_part(to, boundary, "message/rfc822");
        buf_put(to, r->content);
    } else if (end <= HEADER_MOST) {
        put_part(to, boundary, "text/rfc822-headers");
        buf_put(to, span_first(r->content, end + 2));
    }
    buf_put_text(to, "\r\n");
}

void report_text_put(struct buf *to, const struct report *report)
{
    CLEANUP(buf_fini) struct buf boundary;

    buf_init(&boundary, BOUNDARY_ROOM);
    make_boundary(&boundary);
    put_header(to, report, buf_text(&boundary));
    put_part(to, buf_text(&boundary), "text/plain; charset=us-ascii");
    put_words(to, report);
    buf_put_text(to, "\r\n");
    put_part(to, buf_text(&boundary), "message/delivery-status");
    put_status(to, report);
    buf_put_text(to, "\r\n");
    put_original(to, report, buf_text(&boundary));
    buf_printf(to, "--%s--\r\n", buf_text(&boundary));
}
