/*
 * Writing down a session. Lines are put together before they are written, so that a reply that
 * dripped in is one line with the time of its end.
 */
#include "net/smtp_dialogue.h"

#include <inttypes.h>

#include "base/text.h"

enum { LINE_KEPT_MAX = 1000, REST_NOTE_ROOM = 40 };

static const char rest_note[] = "          (the rest is not kept)\n";

void smtp_dialogue_init(struct smtp_dialogue *d, size_t limit)
{
    buf_init(&d->text, limit);
    buf_init(&d->partial, limit > 0 ? LINE_KEPT_MAX : 0);
    d->content_octets = 0;
}

void smtp_dialogue_fini(struct smtp_dialogue *d)
{
    buf_fini(&d->text);
    buf_fini(&d->partial);
}

static bool is_full(const struct smtp_dialogue *d)
{
    return d->text.overflown || d->text.limit == 0;
}

/* A line is written whole or not at all; the first that has no room is where the record ends. */
static void put_line(struct smtp_dialogue *d, int64_t at_ms, const char *who, struct span line)
{
    size_t before = d->text.n;

    if (is_full(d))
        return;
    buf_printf(&d->text, "%5" PRId64 ".%03d %s", at_ms / 1000, (int)(at_ms % 1000), who);
    text_put_visible(&d->text, line);
    buf_put_byte(&d->text, '\n');
    if (!d->text.overflown && d->text.n + REST_NOTE_ROOM <= d->text.limit)
        return;
    buf_cut(&d->text, before);
    d->text.overflown = false;
    buf_put_text(&d->text, rest_note);
    d->text.overflown = true;
}

static void put_content(struct smtp_dialogue *d, int64_t at_ms)
{
    char counted[60];

    if (d->content_octets == 0)
        return;
    (void)snprintf(counted, sizeof(counted), "(%zu octets of content)", d->content_octets);
    d->content_octets = 0;
    put_line(d, at_ms, "C: ", span_of(counted));
}

void smtp_dialogue_server(struct smtp_dialogue *d, int64_t at_ms, struct span bytes)
{
    if (is_full(d))
        return;
    put_content(d, at_ms);
    while (bytes.n > 0) {
        size_t n = span_index(bytes, '\n');

        buf_put(&d->partial, span_first(span_first(bytes, n), LINE_KEPT_MAX - d->partial.n));
        if (n < bytes.n) {
            put_line(d, at_ms, "S: ", span_trim(buf_view(&d->partial)));
            buf_clear(&d->partial);
        }
        bytes = span_rest(bytes, n + 1);
    }
}

void smtp_dialogue_client(struct smtp_dialogue *d, int64_t at_ms, struct span bytes)
{
    if (is_full(d))
        return;
    put_content(d, at_ms);
    while (bytes.n > 0)
        put_line(d, at_ms, "C: ", span_trim(span_take_until(&bytes, '\n')));
}

void smtp_dialogue_content(struct smtp_dialogue *d, int64_t at_ms, struct span bytes)
{
    (void)at_ms;
    d->content_octets += bytes.n;
}

void smtp_dialogue_remark(struct smtp_dialogue *d, int64_t at_ms, const char *remark)
{
    if (is_full(d))
        return;
    put_content(d, at_ms);
    if (d->partial.n > 0)
        put_line(d, at_ms, "S: ", buf_view(&d->partial));
    buf_clear(&d->partial);
    put_line(d, at_ms, "-- ", span_of(remark));
}

struct span smtp_dialogue_view(const struct smtp_dialogue *d)
{
    return buf_view(&d->text);
}
