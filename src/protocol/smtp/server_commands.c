/*
 * The commands of the SMTP server: RFC 5321, 4.1; parameters of MAIL and RCPT by RFC 1870, 6152,
 * 6531, 3461 and 2852; BDAT by RFC 3030.
 */
#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/smtp/path.h"
#include "protocol/smtp/server_internal.h"
#include "protocol/smtp/xtext.h"

enum { ENVID_MOST = 100, BY_MOST = 999999999 };

static const struct smtp_status sequence_error = { 5, 5, 1 };
static const struct smtp_status parameter_error = { 5, 5, 4 };

/* A command that ends a group: nothing may follow it before its answer (RFC 2920, 3.1). */
static void end_group(struct smtp_server *s, enum smtp_violation ahead)
{
    s->ahead = ahead;
}

static void put_limit(struct buf *to, const char *name, uint32_t value)
{
    if (value > 0)
        buf_printf(to, " %s=%" PRIu32, name, value);
}

static void put_limits(struct buf *to, const struct smtp_capabilities *o)
{
    buf_put(to, SPAN("250-LIMITS"));
    put_limit(to, "MAILMAX", o->mail_limit);
    put_limit(to, "RCPTMAX", o->recipient_limit);
    put_limit(to, "RCPTDOMAINMAX", o->domain_limit);
    buf_put(to, SPAN("\r\n"));
}

static bool is_over(const struct smtp_server *s, uint32_t count, uint32_t limit)
{
    return s->options.offers.limits && limit > 0 && count >= limit;
}

static void refuse_over_limit(struct smtp_server *s)
{
    smtp_server_complain(s, SMTP_OVER_TOLD_LIMIT, 452, (struct smtp_status){ 4, 5, 3 },
                         "More than was told");
}

static void put_offers(struct smtp_server *s)
{
    const struct smtp_capabilities *o = &s->options.offers;
    struct buf *to = &s->out;

    buf_printf(to, "250-%s\r\n", s->options.name);
    if (o->pipelining)
        buf_put(to, SPAN("250-PIPELINING\r\n"));
    if (o->size && o->size_limit > 0)
        buf_printf(to, "250-SIZE %" PRIu64 "\r\n", o->size_limit);
    else if (o->size)
        buf_put(to, SPAN("250-SIZE\r\n"));
    if (o->starttls && !s->secure)
        buf_put(to, SPAN("250-STARTTLS\r\n"));
    if (s->options.auth && s->secure)
        buf_put(to, SPAN("250-AUTH PLAIN LOGIN\r\n"));
    if (o->eight_bit)
        buf_put(to, SPAN("250-8BITMIME\r\n"));
    if (o->smtputf8)
        buf_put(to, SPAN("250-SMTPUTF8\r\n"));
    if (o->enhanced_status)
        buf_put(to, SPAN("250-ENHANCEDSTATUSCODES\r\n"));
    if (o->chunking)
        buf_put(to, SPAN("250-CHUNKING\r\n"));
    if (o->dsn)
        buf_put(to, SPAN("250-DSN\r\n"));
    if (o->deliver_by && o->deliver_by_min > 0)
        buf_printf(to, "250-DELIVERBY %" PRId64 "\r\n", o->deliver_by_min);
    else if (o->deliver_by)
        buf_put(to, SPAN("250-DELIVERBY\r\n"));
    if (o->limits)
        put_limits(to, o);
    buf_put(to, SPAN("250 HELP\r\n"));
}

static bool take_hello(struct smtp_server *s, struct span argument)
{
    if (argument.n == 0 || text_has_control(argument)) {
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, parameter_error, "A name is needed");
        return false;
    }
    buf_clear(&s->hello);
    buf_put(&s->hello, argument);
    smtp_server_reset(s);
    return true;
}

static void do_ehlo(struct smtp_server *s, struct span argument)
{
    end_group(s, SMTP_PIPELINED_AFTER_GROUP);
    if (!take_hello(s, argument))
        return;
    s->esmtp = true;
    put_offers(s);
}

static void do_helo(struct smtp_server *s, struct span argument)
{
    end_group(s, SMTP_PIPELINED_AFTER_GROUP);
    if (!take_hello(s, argument))
        return;
    s->esmtp = false;
    smtp_server_reply(s, 250, (struct smtp_status){ 0 }, s->options.name);
}

static void do_starttls(struct smtp_server *s, struct span argument)
{
    end_group(s, SMTP_PLAINTEXT_AFTER_STARTTLS);
    if (argument.n > 0)
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, parameter_error, "STARTTLS stands alone");
    else if (s->secure || !s->options.offers.starttls || !s->esmtp)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 503, sequence_error, "TLS is not offered");
    else {
        smtp_server_reply(s, 220, (struct smtp_status){ 2, 0, 0 }, "Ready to start TLS");
        s->ahead = SMTP_VIOLATIONS; /* noted when the bytes are met, where it ends the session */
        s->phase = SMTP_SERVER_AT_TLS;
    }
}

/* The path after "FROM:" or "TO:": cuts it off `rest`. False when there is none that is fit. */
static bool take_path(struct span *rest, struct span keyword, struct span *ret_path)
{
    bool quoted = false;
    size_t i = 0;

    if (!span_starts_nocase(*rest, keyword))
        return false;
    *rest = span_trim(span_rest(*rest, keyword.n));
    if (!span_starts(*rest, SPAN("<")))
        return false;
    *rest = span_rest(*rest, 1);
    while (i < rest->n && (quoted || rest->at[i] != '>')) {
        if (rest->at[i] == '"')
            quoted = !quoted;
        else if (rest->at[i] == '\\')
            i++;
        i++;
    }
    if (i >= rest->n)
        return false;
    *ret_path = span_first(*rest, i);
    *rest = span_rest(*rest, i + 1);
    return rest->n == 0 || rest->at[0] == ' ';
}

static bool not_offered(struct smtp_server *s)
{
    smtp_server_complain(s, SMTP_PARAMETER_NOT_OFFERED, 555, parameter_error,
                         "Parameter not offered");
    return false;
}

static bool take_size(struct smtp_server *s, struct span value)
{
    int64_t size;

    if (!s->options.offers.size)
        return not_offered(s);
    if (!text_to_integer(value, 0, INT64_MAX, &size)) {
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, parameter_error, "SIZE is no number");
        return false;
    }
    s->envelope.size = (uint64_t)size;
    if (s->envelope.size <= s->options.content_max)
        return true;
    smtp_server_complain(s, SMTP_SIZE_OVER_OFFER, 552, (struct smtp_status){ 5, 3, 4 },
                         "Message too large");
    return false;
}

static bool wrong_parameter(struct smtp_server *s, const char *text)
{
    smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, parameter_error, text);
    return false;
}

static bool take_envid(struct smtp_server *s, struct span value)
{
    CLEANUP(buf_fini) struct buf decoded;

    buf_init(&decoded, ENVID_MOST);
    if (!s->options.offers.dsn)
        return not_offered(s);
    if (value.n == 0 || value.n > ENVID_MOST || !xtext_read(&decoded, value))
        return wrong_parameter(s, "ENVID is no xtext of 1 to 100 octets");
    s->envelope.envid = arena_copy(&s->arena, value);
    return true;
}

/* BY=seconds;R or N, each with a T for traces; only N may be over already. */
static bool take_by(struct smtp_server *s, struct span value)
{
    struct span mode = value;
    struct span number = span_take_until(&mode, ';');
    int64_t seconds;

    if (!s->options.offers.deliver_by)
        return not_offered(s);
    if (span_ends(mode, SPAN("T")) || span_ends(mode, SPAN("t")))
        mode.n--;
    s->envelope.by_returns = span_equal_nocase(mode, SPAN("R"));
    if (!text_to_integer(number, -BY_MOST, BY_MOST, &seconds) ||
        !(s->envelope.by_returns || span_equal_nocase(mode, SPAN("N"))) ||
        (s->envelope.by_returns && seconds <= 0))
        return wrong_parameter(s, "BY is no time and mode");
    s->envelope.deliver_by_s = seconds;
    if (!s->envelope.by_returns || seconds >= s->options.offers.deliver_by_min)
        return true;
    smtp_server_complain(s, SMTP_BY_UNDER_MINIMUM, 553, (struct smtp_status){ 5, 4, 7 },
                         "Not in so short a time");
    return false;
}

/* One parameter of MAIL; false when it was refused. */
static bool take_mail_parameter(struct smtp_server *s, struct span parameter)
{
    struct span value = parameter;
    struct span name = span_take_until(&value, '=');
    const struct smtp_capabilities *o = &s->options.offers;

    if (!s->esmtp)
        return not_offered(s);
    if (span_equal_nocase(name, SPAN("SIZE")))
        return take_size(s, value);
    if (span_equal_nocase(name, SPAN("ENVID")))
        return take_envid(s, value);
    if (span_equal_nocase(name, SPAN("BY")))
        return take_by(s, value);
    if (span_equal_nocase(name, SPAN("RET")) && o->dsn)
        return smtp_return_read(value, &s->envelope.returns) ||
               wrong_parameter(s, "RET is neither FULL nor HDRS");
    if (span_equal_nocase(parameter, SPAN("BODY=8BITMIME")) && o->eight_bit)
        s->envelope.eight_bit = true;
    else if (span_equal_nocase(name, SPAN("SMTPUTF8")) && o->smtputf8)
        s->envelope.utf8 = true;
    else if (!(span_equal_nocase(parameter, SPAN("BODY=7BIT")) && o->eight_bit) &&
             !(span_equal_nocase(name, SPAN("AUTH")) && s->options.auth)) /* RFC 4954, 5 */
        return not_offered(s);
    return true;
}

static bool take_rcpt_parameter(struct smtp_server *s, struct span parameter)
{
    struct span value = parameter;
    struct span name = span_take_until(&value, '=');

    if (!s->esmtp || !s->options.offers.dsn)
        return not_offered(s);
    if (span_equal_nocase(name, SPAN("NOTIFY")))
        return smtp_notify_read(value, &s->wish.notify) ||
               wrong_parameter(s, "NOTIFY is neither NEVER nor of SUCCESS, FAILURE and DELAY");
    if (!span_equal_nocase(name, SPAN("ORCPT")))
        return not_offered(s);
    if (!smtp_orcpt_is_valid(value))
        return wrong_parameter(s, "ORCPT is no type and address in xtext");
    s->wish.orcpt = arena_copy(&s->arena, value);
    return true;
}

static bool take_parameters(struct smtp_server *s, struct span rest,
                            bool (*take)(struct smtp_server *s, struct span parameter))
{
    for (;;) {
        struct span parameter;

        rest = span_trim(rest);
        if (rest.n == 0)
            return true;
        parameter = span_take_until(&rest, ' ');
        if (!take(s, parameter))
            return false;
    }
}

static void do_mail(struct smtp_server *s, struct span argument)
{
    struct span path;

    if (s->hello.n == 0 && !s->options.any_hello)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 503, sequence_error, "Say EHLO first");
    else if (s->in_mail)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 503, sequence_error, "Sender already given");
    else if (is_over(s, s->mails, s->options.offers.mail_limit))
        refuse_over_limit(s);
    else if (!take_path(&argument, SPAN("FROM:"), &path) || (path.n > 0 && !smtp_path_safe(path)))
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, (struct smtp_status){ 5, 1, 7 },
                             "No such form of a sender");
    else {
        smtp_server_reset(s);
        if (!take_parameters(s, argument, take_mail_parameter))
            return;
        if (!s->envelope.utf8 && !text_is_ascii(path))
            s->violations.count[SMTP_UTF8_NOT_DECLARED]++;
        s->mails++;
        s->envelope.from = arena_copy(&s->arena, path);
        s->question = SMTP_ASK_MAIL;
    }
}

static bool is_given(const struct smtp_server *s, struct span path)
{
    for (size_t i = 0; i < s->envelope.to_count; i++) {
        struct span other = s->to[i];
        size_t at = span_last_index(path, '@');

        if (other.n == path.n && span_equal(span_first(other, at), span_first(path, at)) &&
            span_equal_nocase(span_rest(other, at), span_rest(path, at)))
            return true;
    }
    return false;
}

static void add_recipient(struct smtp_server *s, struct span path)
{
    if (is_given(s, path))
        s->violations.count[SMTP_RECIPIENT_TWICE]++;
    if (!s->envelope.utf8 && !text_is_ascii(path))
        s->violations.count[SMTP_UTF8_NOT_DECLARED]++;
    if (s->envelope.to_count == s->to_room) {
        s->to_room = s->to_room > 0 ? 2 * s->to_room : 4;
        s->to = alloc_grow(s->to, s->to_room * sizeof(*s->to));
        s->wishes = alloc_grow(s->wishes, s->to_room * sizeof(*s->wishes));
    }
    s->wishes[s->envelope.to_count] = s->wish;
    s->envelope.wishes = s->wishes;
    s->to[s->envelope.to_count++] = arena_copy(&s->arena, path);
    s->envelope.to = s->to;
    s->question = SMTP_ASK_RCPT;
}

static bool is_recipient(struct span path)
{
    return smtp_path_safe(path) || span_equal_nocase(path, SPAN("postmaster"));
}

static void do_rcpt(struct smtp_server *s, struct span argument)
{
    struct span path;

    s->wish = (struct smtp_recipient_wish){ .notify = 0 };
    if (!s->in_mail)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 503, sequence_error, "No sender given");
    else if (!take_path(&argument, SPAN("TO:"), &path) || !is_recipient(path))
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, (struct smtp_status){ 5, 1, 3 },
                             "No such form of a recipient");
    else if (s->envelope.to_count >= s->options.recipients_max)
        smtp_server_reply(s, 452, (struct smtp_status){ 4, 5, 3 }, "Too many recipients");
    else if (is_over(s, (uint32_t)s->envelope.to_count, s->options.offers.recipient_limit) ||
             (s->options.offers.limits &&
              !smtp_domain_set_admit(&s->domains, path, s->options.offers.domain_limit)))
        refuse_over_limit(s);
    else if (take_parameters(s, argument, take_rcpt_parameter))
        add_recipient(s, path);
}

static void do_data(struct smtp_server *s, struct span argument)
{
    end_group(s, SMTP_DATA_BEFORE_354);
    if (argument.n > 0)
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, parameter_error, "DATA stands alone");
    else if (!s->in_mail)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 503, sequence_error, "No sender given");
    else if (s->envelope.to_count == 0)
        smtp_server_reply(s, 554, sequence_error, "No valid recipients");
    else
        s->question = SMTP_ASK_DATA;
}

/* A chunk follows its command at once, whatever we think of it: it is taken or dropped. */
static void do_bdat(struct smtp_server *s, struct span argument)
{
    struct span size = span_take_until(&argument, ' ');
    int64_t octets;

    s->ahead = SMTP_VIOLATIONS;
    if (!text_to_integer(size, 0, INT64_MAX, &octets) ||
        (argument.n > 0 && !span_equal_nocase(span_trim(argument), SPAN("LAST")))) {
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, parameter_error, "No such form of BDAT");
        return;
    }
    if (!s->options.offers.chunking)
        s->violations.count[SMTP_CHUNKING_NOT_OFFERED]++;
    s->chunk_left = (uint64_t)octets;
    s->chunk_last = argument.n > 0;
    s->chunk_refused = !s->options.offers.chunking || s->envelope.to_count == 0;
    s->phase = SMTP_SERVER_AT_CHUNK;
}

static void do_auth(struct smtp_server *s, struct span argument)
{
    end_group(s, SMTP_PIPELINED_AFTER_GROUP);
    smtp_server_auth(s, argument);
}

static void do_rset(struct smtp_server *s, struct span argument)
{
    (void)argument;
    smtp_server_reset(s);
    smtp_server_reply(s, 250, (struct smtp_status){ 2, 0, 0 }, "Reset");
}

static void do_noop(struct smtp_server *s, struct span argument)
{
    (void)argument;
    end_group(s, SMTP_PIPELINED_AFTER_GROUP);
    smtp_server_reply(s, 250, (struct smtp_status){ 2, 0, 0 }, "Nothing done");
}

static void do_vrfy(struct smtp_server *s, struct span argument)
{
    (void)argument;
    end_group(s, SMTP_PIPELINED_AFTER_GROUP);
    smtp_server_reply(s, 252, (struct smtp_status){ 2, 5, 0 }, "Send mail and see");
}

static void do_help(struct smtp_server *s, struct span argument)
{
    (void)argument;
    smtp_server_reply(s, 214, (struct smtp_status){ 2, 0, 0 }, "See RFC 5321");
}

static void do_quit(struct smtp_server *s, struct span argument)
{
    (void)argument;
    end_group(s, SMTP_PIPELINED_AFTER_GROUP);
    smtp_server_reply(s, 221, (struct smtp_status){ 2, 0, 0 }, "Goodbye");
    s->phase = SMTP_SERVER_AT_END;
}

/* clang-format off */
static const struct {
    const char *verb;
    void (*act)(struct smtp_server *s, struct span argument);
} commands[] = {
    { "MAIL",     do_mail },
    { "RCPT",     do_rcpt },
    { "DATA",     do_data },
    { "EHLO",     do_ehlo },
    { "RSET",     do_rset },
    { "QUIT",     do_quit },
    { "STARTTLS", do_starttls },
    { "BDAT",     do_bdat },
    { "AUTH",     do_auth },
    { "HELO",     do_helo },
    { "NOOP",     do_noop },
    { "VRFY",     do_vrfy },
    { "HELP",     do_help },
};
/* clang-format on */

void smtp_server_command(struct smtp_server *s, struct span line)
{
    struct span verb = span_take_until(&line, ' ');

    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (!span_equal_nocase(verb, span_of(commands[i].verb)))
            continue;
        commands[i].act(s, span_trim(line));
        return;
    }
    smtp_server_complain(s, SMTP_UNKNOWN_COMMAND, 500, sequence_error, "Unknown command");
}
