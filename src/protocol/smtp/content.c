/*
 * Transparency: RFC 5321, 4.5.2. A bare LF or CR is never sent and never repaired: a repair here
 * would break signatures, and servers that end content at LF . LF are how mail is smuggled.
 */
#include "protocol/smtp/content.h"

#include <string.h>

static const char *line_fault(struct span line)
{
    if (line.n == 0 || line.at[line.n - 1] != '\r')
        return "a line ends in LF without CR";
    line.n--;
    if (line.n > SMTP_CONTENT_LINE_MAX)
        return "a line is longer than 998 octets";
    return span_index(line, '\r') < line.n ? "a CR stands without LF" : NULL;
}

const char *smtp_content_fault(struct span content)
{
    const char *fault = NULL;

    if (span_index(content, '\0') < content.n)
        return "a NUL stands in the content";
    while (content.n > 0 && fault == NULL) {
        size_t n = span_index(content, '\n');

        if (n < content.n)
            fault = line_fault(span_first(content, n));
        else if (span_index(content, '\r') < content.n)
            fault = "a CR stands without LF";
        else if (content.n > SMTP_CONTENT_LINE_MAX)
            fault = "a line is longer than 998 octets";
        content = span_rest(content, n + 1);
    }
    return fault;
}

void smtp_content_start(struct smtp_content *c, struct span content)
{
    *c = (struct smtp_content){ .rest = content, .at_line_start = true };
}

void smtp_content_start_chunk(struct smtp_content *c, struct span content)
{
    *c = (struct smtp_content){ .rest = content, .is_chunk = true };
}

static void put_chunk(struct smtp_content *c, struct buf *to, size_t most)
{
    struct span run = span_first(c->rest, to->n < most ? most - to->n : 0);

    buf_put(to, run);
    c->rest = span_rest(c->rest, run.n);
    c->ended = c->rest.n == 0;
}

/* The bytes up to and with the LF before a dot, or all there is room for. Dots are looked for, not
 * the pair: the search for one byte is many times as fast. */
static struct span run_before_dot(struct span rest, size_t room)
{
    struct span run = span_first(rest, room);

    for (size_t at = 1; at < run.n; at++) {
        at += span_index(span_rest(run, at), '.');
        if (at < run.n && run.at[at - 1] == '\n')
            return span_first(run, at);
    }
    return run;
}

void smtp_content_put(struct smtp_content *c, struct buf *to, size_t most)
{
    if (c->is_chunk) {
        put_chunk(c, to, most);
        return;
    }
    while (c->rest.n > 0 && to->n < most) {
        struct span run;

        if (c->at_line_start && c->rest.at[0] == '.')
            buf_put_byte(to, '.');
        run = run_before_dot(c->rest, most - to->n + 1);
        buf_put(to, run);
        c->rest = span_rest(c->rest, run.n);
        c->at_line_start = run.at[run.n - 1] == '\n';
    }
    if (c->rest.n > 0 || c->ended)
        return;
    buf_put(to, c->at_line_start ? SPAN(".\r\n") : SPAN("\r\n.\r\n"));
    c->ended = true;
}
