/*
 * AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN, the two that every client knows; both show the
 * password, so neither is offered in the clear.
 */
#include <string.h>

#include "base/encodings.h"
#include "protocol/smtp/server_internal.h"

static const struct smtp_status parameter_error = { 5, 5, 4 };
static const struct smtp_status syntax_error = { 5, 5, 2 };

void smtp_server_forget(struct smtp_server *s)
{
    struct buf *shown[] = { &s->user, &s->password };

    for (size_t i = 0; i < ARRAY_LENGTH(shown); i++) {
        if (shown[i]->at != NULL)
            explicit_bzero(shown[i]->at, shown[i]->room);
        buf_clear(shown[i]);
    }
}

static void end(struct smtp_server *s)
{
    s->phase = SMTP_SERVER_AT_COMMAND;
}

static void refuse(struct smtp_server *s, const char *text)
{
    end(s);
    smtp_server_forget(s);
    smtp_server_complain(s, SMTP_BAD_SYNTAX, 501, syntax_error, text);
}

static void ask(struct smtp_server *s)
{
    end(s);
    s->question = SMTP_ASK_AUTH;
}

static void await(struct smtp_server *s, enum smtp_auth_step step, const char *challenge)
{
    s->auth_step = step;
    s->phase = SMTP_SERVER_AT_AUTH;
    smtp_server_reply(s, 334, (struct smtp_status){ 0 }, challenge);
}

/* "authorize as, NUL, user, NUL, password"; the first is empty or the user's own name, since nobody
 * acts for another here (RFC 4616 section 2). */
static bool take_plain(struct smtp_server *s, struct span line)
{
    struct span rest;
    struct span as;
    bool fine = base64_read(&s->password, line);

    rest = buf_view(&s->password);
    as = span_take_until(&rest, '\0');
    buf_put(&s->user, span_take_until(&rest, '\0'));
    fine = fine && (as.n == 0 || span_equal(as, buf_view(&s->user))) && s->user.n > 0 &&
           rest.n > 0 && span_index(rest, '\0') == rest.n;
    buf_drop(&s->password, s->password.n - rest.n);
    return fine;
}

static void act(struct smtp_server *s, struct span line)
{
    switch (s->auth_step) {
    case SMTP_AUTH_PLAIN:
        if (take_plain(s, line))
            ask(s);
        else
            refuse(s, "These are no credentials");
        break;
    case SMTP_AUTH_USER:
        if (base64_read(&s->user, line))
            await(s, SMTP_AUTH_PASSWORD, "UGFzc3dvcmQ6");
        else
            refuse(s, "This is no base64");
        break;
    case SMTP_AUTH_PASSWORD:
        if (base64_read(&s->password, line))
            ask(s);
        else
            refuse(s, "This is no base64");
        break;
    }
}

void smtp_server_auth_line(struct smtp_server *s, struct span line)
{
    if (span_equal(line, SPAN("*")))
        refuse(s, "Given up");
    else
        act(s, line);
}

static void begin(struct smtp_server *s, enum smtp_auth_step step, struct span initial)
{
    smtp_server_forget(s);
    s->auth_step = step;
    if (initial.n > 0)
        act(s, span_equal(initial, SPAN("=")) ? SPAN("") : initial);
    else
        await(s, step, step == SMTP_AUTH_USER ? "VXNlcm5hbWU6" : "");
}

void smtp_server_auth(struct smtp_server *s, struct span argument)
{
    struct span mechanism = span_take_until(&argument, ' ');
    struct span initial = span_trim(argument);

    if (!s->options.auth || !s->esmtp || s->known || s->in_mail)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 503, (struct smtp_status){ 5, 5, 1 },
                             "AUTH has no place here");
    else if (!s->secure)
        smtp_server_complain(s, SMTP_BAD_SEQUENCE, 538, (struct smtp_status){ 5, 7, 11 },
                             "Only under TLS: say STARTTLS first");
    else if (span_equal_nocase(mechanism, SPAN("PLAIN")))
        begin(s, SMTP_AUTH_PLAIN, initial);
    else if (span_equal_nocase(mechanism, SPAN("LOGIN")))
        begin(s, SMTP_AUTH_USER, initial);
    else
        smtp_server_complain(s, SMTP_BAD_SYNTAX, 504, parameter_error, "PLAIN and LOGIN are known");
}
