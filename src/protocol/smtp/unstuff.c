/*
 * The receiving half of transparency: RFC 5321, 4.5.2, read strictly: 2.3.8 and 4.1.1.4 allow
 * no other line end than CR LF, and whoever is lenient here lets mail be smuggled.
 */
#include "protocol/smtp/unstuff.h"

#include "protocol/smtp/content.h"

void smtp_unstuff_start(struct smtp_unstuff *u)
{
    *u = (struct smtp_unstuff){ .place = SMTP_LINE_START };
}

static void end_line(struct smtp_unstuff *u, struct smtp_violations *v, bool proper)
{
    if (u->line_n > SMTP_CONTENT_LINE_MAX + 2)
        v->count[SMTP_LINE_OVER_998]++;
    if (!proper)
        v->count[SMTP_BARE_LF_IN_DATA]++;
    u->after_bare_lf = !proper;
    u->place = proper ? SMTP_LINE_START : SMTP_LINE_INSIDE;
    u->line_n = 0;
    u->last = '\n';
}

/* A run of bytes inside a line, up to its LF or to the end of the input. */
static void take_run(struct smtp_unstuff *u, struct span *in, struct buf *to,
                     struct smtp_violations *v)
{
    size_t n = span_index(*in, '\n');
    bool ended = n < in->n;
    struct span run = span_first(*in, n);
    char before = n > 0 ? run.at[n - 1] : u->last;

    if (u->after_bare_lf && run.n > 0 && run.at[0] == '.')
        v->count[SMTP_SMUGGLING_LF_DOT]++;
    if ((u->last == '\r' && run.n > 0) || (run.n > 0 && span_index(run, '\r') < run.n - 1))
        v->count[SMTP_BARE_CR_IN_DATA]++;
    u->after_bare_lf = false;
    buf_put(to, span_first(*in, ended ? n + 1 : n));
    u->line_n += ended ? n + 1 : n;
    u->last = before;
    *in = span_rest(*in, ended ? n + 1 : n);
    if (ended)
        end_line(u, v, before == '\r');
}

/* The first byte of a line, or one after a dot there; gives true at the end of the content. */
static bool take_start(struct smtp_unstuff *u, struct span *in, struct buf *to,
                       struct smtp_violations *v)
{
    char c = in->at[0];

    if (u->place == SMTP_LINE_START) {
        u->place = c == '.' ? SMTP_LINE_DOT : SMTP_LINE_INSIDE;
        *in = span_rest(*in, c == '.' ? 1 : 0);
        return false;
    }
    if (u->place == SMTP_LINE_DOT && c == '\r') {
        u->place = SMTP_LINE_DOT_CR;
        *in = span_rest(*in, 1);
        return false;
    }
    if (u->place == SMTP_LINE_DOT_CR && c == '\n') {
        *in = span_rest(*in, 1);
        return true;
    }
    /* The line goes on: its dot was one that was put before it, or should have been. */
    if (u->place == SMTP_LINE_DOT_CR) {
        buf_put_byte(to, '\r');
        u->line_n = 1;
        u->last = '\r';
    }
    if (c == '\n')
        v->count[SMTP_SMUGGLING_LF_DOT]++;
    if (u->place == SMTP_LINE_DOT_CR || c != '.')
        v->count[SMTP_DOT_NOT_STUFFED]++;
    u->place = SMTP_LINE_INSIDE;
    return false;
}

bool smtp_unstuff_take(struct smtp_unstuff *u, struct span *in, struct buf *to,
                       struct smtp_violations *violations)
{
    while (in->n > 0) {
        if (u->place == SMTP_LINE_INSIDE)
            take_run(u, in, to, violations);
        else if (take_start(u, in, to, violations))
            return true;
    }
    return false;
}
