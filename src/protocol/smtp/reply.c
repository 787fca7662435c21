/*
 * Replies out of a stream of bytes: RFC 5321, 4.2 and 4.2.1; enhanced status RFC 2034 and 3463.
 *
 * Taken as they are found in the world: a line may end in LF alone, a reply may be a bare code.
 * Refused as no reply at all: another first digit than 2 to 5, lines of one reply that differ in
 * their code, anything over a limit. What a reply means is not decided here.
 */
#include "protocol/smtp/reply.h"

#include <string.h>

#include "base/text.h"

void smtp_reply_parser_init(struct smtp_reply_parser *p)
{
    /* The text is not cleared: text_n says how much of it is there. */
    p->reply.code = 0;
    p->reply.status = (struct smtp_status){ 0 };
    p->reply.text_n = 0;
    p->reply.text_cut = false;
    p->lines = 0;
    p->line_n = 0;
    p->total_n = 0;
    p->line_start = 0;
    p->place = SMTP_REPLY_AT_CODE;
    p->line_code = 0;
    p->last_line = false;
    p->fault = NULL;
}

static void text_append(struct smtp_reply *r, struct span bytes)
{
    size_t room = sizeof(r->text) - r->text_n;
    struct span kept = span_first(bytes, room);

    if (kept.n > 0)
        memcpy(r->text + r->text_n, kept.at, kept.n);
    r->text_n = (uint16_t)(r->text_n + kept.n);
    if (kept.n < bytes.n)
        r->text_cut = true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of one to three digits, as a status is made of. */
static bool take_number(struct span *text, uint16_t *ret_number)
{
    uint16_t number = 0;
    size_t n = 0;

    while (n < text->n && n < 4 && is_digit(text->at[n]))
        number = (uint16_t)(number * 10 + (text->at[n++] - '0'));
    if (n == 0 || n > 3)
        return false;
    *text = span_rest(*text, n);
    *ret_number = number;
    return true;
}

static bool take_dot(struct span *text)
{
    if (text->n == 0 || text->at[0] != '.')
        return false;
    *text = span_rest(*text, 1);
    return true;
}

static bool ends_status(struct span rest)
{
    char c;

    if (rest.n == 0)
        return true;
    c = rest.at[0];
    return !is_digit(c) && c != '.' && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

bool smtp_status_take(struct span *text, struct smtp_status *ret_status)
{
    struct span rest = *text;
    struct smtp_status status;

    if (!take_number(&rest, &status.class) || !take_dot(&rest) ||
        !take_number(&rest, &status.subject) || !take_dot(&rest) ||
        !take_number(&rest, &status.detail) || !ends_status(rest))
        return false;
    if (status.class != 2 && status.class != 4 && status.class != 5)
        return false;
    while (rest.n > 0 && (rest.at[0] == ' ' || rest.at[0] == '\t'))
        rest = span_rest(rest, 1);
    *text = rest;
    *ret_status = status;
    return true;
}

static bool status_equal(struct smtp_status a, struct smtp_status b)
{
    return a.class == b.class && a.subject == b.subject && a.detail == b.detail;
}

/* The first status stands for the reply; the same one is taken out of every line. One whose class
 * contradicts the code is no status but the server's words. */
static void line_take_status(struct smtp_reply_parser *p)
{
    struct smtp_reply *r = &p->reply;
    struct span line = { r->text + p->line_start, r->text_n - p->line_start };
    struct span rest = line;
    struct smtp_status status;

    if (!smtp_status_take(&rest, &status) || status.class != r->code / 100)
        return;
    if (r->status.class == 0)
        r->status = status;
    if (!status_equal(r->status, status))
        return;
    memmove(r->text + p->line_start, rest.at, rest.n);
    r->text_n = (uint16_t)(p->line_start + rest.n);
}

static void line_end(struct smtp_reply_parser *p)
{
    struct smtp_reply *r = &p->reply;

    while (r->text_n > p->line_start && r->text[r->text_n - 1] == '\r')
        r->text_n--;
    if (p->lines == 0)
        r->code = p->line_code;
    else if (r->code != p->line_code)
        p->fault = "the lines of the reply differ in their codes";
    line_take_status(p);
    p->lines++;
    if (!p->last_line && p->lines >= SMTP_REPLY_LINES_MAX)
        p->fault = "the reply has too many lines";
    if (!p->last_line)
        text_append(r, SPAN("\n"));
    p->line_start = r->text_n;
    p->line_n = 0;
    p->line_code = 0;
    p->place = SMTP_REPLY_AT_CODE;
}

static void take_code_byte(struct smtp_reply_parser *p, char c)
{
    bool first = p->line_n == 1;

    if (!is_digit(c) || (first && (c < '2' || c > '5'))) {
        p->fault = "the line does not begin with a reply code";
        return;
    }
    p->line_code = p->line_code * 10 + (c - '0');
    if (p->line_n == 3)
        p->place = SMTP_REPLY_AFTER_CODE;
}

static void take_mark_byte(struct smtp_reply_parser *p, char c)
{
    p->last_line = c != '-';
    if (c == '-' || c == ' ')
        p->place = SMTP_REPLY_AT_TEXT;
    else if (c == '\r')
        p->place = SMTP_REPLY_AT_LF;
    else if (c == '\n')
        line_end(p);
    else
        p->fault = "no blank, dash or line end after the reply code";
}

static void count(struct smtp_reply_parser *p, size_t n)
{
    p->line_n += n;
    p->total_n += n;
    if (p->line_n > SMTP_REPLY_LINE_MAX)
        p->fault = "a line of the reply is too long";
    else if (p->total_n > SMTP_REPLY_TOTAL_MAX)
        p->fault = "the reply is too long";
}

/* Text runs to the next LF or to the end of the input: taken in one piece. */
static void take_text(struct smtp_reply_parser *p, struct span *in)
{
    size_t n = span_index(*in, '\n');
    bool ended = n < in->n;

    text_append(&p->reply, span_first(*in, n));
    *in = span_rest(*in, ended ? n + 1 : n);
    count(p, ended ? n + 1 : n);
    if (ended && p->fault == NULL)
        line_end(p);
}

static void take_byte(struct smtp_reply_parser *p, struct span *in)
{
    char c = in->at[0];

    *in = span_rest(*in, 1);
    count(p, 1);
    if (p->fault != NULL)
        return;
    if (p->place == SMTP_REPLY_AT_CODE)
        take_code_byte(p, c);
    else if (p->place == SMTP_REPLY_AFTER_CODE)
        take_mark_byte(p, c);
    else if (c == '\n')
        line_end(p);
    else
        p->fault = "no line end after the reply code";
}

/* What is shown of bytes that are no reply: the line's own bytes as far as they are at hand. */
static void break_reply(struct smtp_reply_parser *p, struct span line, struct smtp_reply *ret_reply)
{
    const char *fault = p->fault;

    line = span_trim(span_first(line, span_index(line, '\n')));
    *ret_reply = smtp_reply_make(0, (struct smtp_status){ 0 }, line);
    smtp_reply_parser_init(p);
    p->fault = fault;
}

static bool complete(const struct smtp_reply_parser *p)
{
    return p->place == SMTP_REPLY_AT_CODE && p->lines > 0 && p->last_line && p->line_n == 0;
}

enum smtp_reply_take smtp_reply_take(struct smtp_reply_parser *p, struct span *in,
                                     struct smtp_reply *ret_reply)
{
    struct span line = *in;

    while (in->n > 0 && p->fault == NULL) {
        if (p->line_n == 0)
            line = *in;
        if (p->place == SMTP_REPLY_AT_TEXT)
            take_text(p, in);
        else
            take_byte(p, in);
        if (p->fault != NULL)
            break;
        if (complete(p)) {
            *ret_reply = p->reply;
            smtp_reply_parser_init(p);
            return SMTP_REPLY_TAKEN;
        }
    }
    if (p->fault == NULL)
        return SMTP_REPLY_MORE;
    break_reply(p, line, ret_reply);
    return SMTP_REPLY_BROKEN;
}

bool smtp_reply_begun(const struct smtp_reply_parser *p)
{
    return p->total_n > 0;
}

struct smtp_reply smtp_reply_make(int code, struct smtp_status status, struct span text)
{
    struct smtp_reply r;

    r.code = code;
    r.status = status;
    r.text_n = 0;
    r.text_cut = false;
    text_append(&r, text);
    return r;
}

int smtp_reply_class(const struct smtp_reply *r)
{
    return r->code / 100;
}

struct span smtp_reply_text(const struct smtp_reply *r)
{
    return (struct span){ r->text, r->text_n };
}

void smtp_reply_put(struct buf *to, const struct smtp_reply *r)
{
    struct span text = smtp_reply_text(r);

    if (r->code != 0)
        buf_printf(to, "%03d ", r->code);
    if (r->status.class != 0)
        buf_printf(to, "%u.%u.%u ", r->status.class, r->status.subject, r->status.detail);
    while (text.n > 0) {
        text_put_visible(to, span_take_until(&text, '\n'));
        if (text.n > 0)
            buf_put_byte(to, ' ');
    }
}
