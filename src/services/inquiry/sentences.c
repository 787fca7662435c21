/*
 * The parts of sentences that all inquiries share.
 */
#include "services/inquiry/sentences.h"

#include "base/cleanup.h"
#include "base/text.h"

void sentence_end(struct buf *sentence, json_t *list)
{
    struct span text = buf_view(sentence);

    (void)json_array_append_new(list, json_stringn(text.at, text.n));
    buf_clear(sentence);
}

void sentence_put_moment(struct buf *to, int64_t utc_ms)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 40);
    text_put_time(&text, utc_ms);
    buf_printf(to, "%.19sZ", buf_text(&text)); /* seconds are enough for people */
}

/* Two units are enough for people: "2h10m", not "2h10m44s". */
static int64_t rounded(int64_t ms)
{
    const int64_t minute = 60000;
    int64_t unit = ms < 10 * minute ? 1000 : minute;

    if (ms >= 48 * 60 * minute)
        unit = 60 * minute;
    return (ms + unit / 2) / unit * unit;
}

void sentence_put_distance(struct buf *to, int64_t utc_ms, int64_t now_ms)
{
    int64_t off = rounded(utc_ms > now_ms ? utc_ms - now_ms : now_ms - utc_ms);

    sentence_put_moment(to, utc_ms);
    if (off == 0) {
        buf_put_text(to, " (now)");
        return;
    }
    buf_put_text(to, utc_ms > now_ms ? " (in " : " (");
    text_put_duration(to, off);
    buf_put_text(to, utc_ms > now_ms ? ")" : " ago)");
}
