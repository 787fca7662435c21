/*
 * Reading and writing of small values as text.
 */
#include "base/text.h"

#include <assert.h>
#include <string.h>
#include <time.h>

bool text_is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.at[i] > 127)
            return false;
    return true;
}

static size_t utf8_length_of_lead(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    if (lead >= 0xf0 && lead < 0xf5)
        return 4;
    return 0;
}

size_t text_utf8_length(struct span s, uint32_t *ret_rune)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    size_t n = s.n > 0 ? utf8_length_of_lead((unsigned char)s.at[0]) : 0;
    uint32_t rune;

    if (n == 0 || n > s.n)
        return 0;
    rune = (unsigned char)s.at[0] & lead_bits[n];
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s.at[i] & 0xc0) != 0x80)
            return 0;
        rune = (rune << 6) | ((unsigned char)s.at[i] & 0x3f);
    }
    if (rune < smallest[n] || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        return 0;
    if (ret_rune != NULL)
        *ret_rune = rune;
    return n;
}

/* How many bytes at the start are ASCII, by words of eight: nearly all that is asked about is. */
static size_t ascii_words(struct span s)
{
    size_t n = 0;
    uint64_t word;

    for (; n + sizeof word <= s.n; n += sizeof word) {
        memcpy(&word, s.at + n, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return n;
}

bool text_is_utf8(struct span s)
{
    s = span_rest(s, ascii_words(s));
    while (s.n > 0) {
        size_t n = text_utf8_length(s, NULL);

        if (n == 0)
            return false;
        s = span_rest(s, n);
    }
    return true;
}

bool text_has_control(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.at[i] < 32 || s.at[i] == 127)
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the digits at the start of `s`; false when there are none or they are too many. */
static bool take_digits(struct span *s, int64_t *ret_value)
{
    int64_t value = 0;
    size_t n = 0;

    while (n < s->n && is_digit(s->at[n])) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, s->at[n] - '0', &value))
            return false;
        n++;
    }
    if (n == 0)
        return false;
    *s = span_rest(*s, n);
    *ret_value = value;
    return true;
}

void text_put_visible(struct buf *to, struct span s)
{
    while (s.n > 0) {
        uint32_t rune = 0;
        size_t n = text_utf8_length(s, &rune);

        if (n > 0 && rune >= ' ' && (rune < 127 || rune > 159)) {
            buf_put(to, span_first(s, n));
            s = span_rest(s, n);
        } else {
            buf_printf(to, "\\x%02X", (unsigned char)s.at[0]);
            s = span_rest(s, 1);
        }
    }
}

void text_put_json(struct buf *to, struct span s)
{
    buf_put_byte(to, '"');
    while (s.n > 0) {
        size_t n = text_utf8_length(s, NULL);
        unsigned char c = (unsigned char)s.at[0];

        if (c == '"' || c == '\\')
            buf_printf(to, "\\%c", c);
        else if (c < ' ')
            buf_printf(to, "\\u%04x", c);
        else if (n == 0)
            buf_put(to, SPAN("\xEF\xBF\xBD"));
        else
            buf_put(to, span_first(s, n));
        s = span_rest(s, n > 0 ? n : 1);
    }
    buf_put_byte(to, '"');
}

bool text_to_integer(struct span s, int64_t least, int64_t most, int64_t *ret_value)
{
    bool negative = s.n > 0 && s.at[0] == '-';
    int64_t value;

    if (negative)
        s = span_rest(s, 1);
    if (!take_digits(&s, &value) || s.n > 0)
        return false;
    if (negative)
        value = -value;
    if (value < least || value > most)
        return false;
    *ret_value = value;
    return true;
}

static const struct {
    const char *name;
    int64_t ms;
} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "ms", 1 }, { "m", 60000 }, { "s", 1000 } };

bool text_to_duration(struct span s, int64_t *ret_ms)
{
    int64_t total = 0;

    if (span_equal(s, SPAN("0"))) {
        *ret_ms = 0;
        return true;
    }
    if (s.n == 0)
        return false;
    while (s.n > 0) {
        int64_t value;
        size_t unit = 0;

        if (!take_digits(&s, &value))
            return false;
        while (unit < ARRAY_LENGTH(units) && !span_starts(s, span_of(units[unit].name)))
            unit++;
        if (unit == ARRAY_LENGTH(units) || __builtin_mul_overflow(value, units[unit].ms, &value) ||
            __builtin_add_overflow(total, value, &total))
            return false;
        s = span_rest(s, span_of(units[unit].name).n);
    }
    *ret_ms = total;
    return true;
}

void text_put_duration(struct buf *to, int64_t ms)
{
    static const size_t order[] = { 0, 1, 3, 4, 2 };

    if (ms <= 0) {
        buf_put_text(to, "0s");
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        int64_t count = ms / units[order[i]].ms;

        if (count > 0)
            buf_printf(to, "%lld%s", (long long)count, units[order[i]].name);
        ms %= units[order[i]].ms;
    }
}

static bool take_number(struct span *s, size_t digits, int64_t most, int *ret_value)
{
    struct span part = span_first(*s, digits);
    int64_t value;

    if (part.n < digits || !take_digits(&part, &value) || part.n > 0 || value > most)
        return false;
    *s = span_rest(*s, digits);
    *ret_value = (int)value;
    return true;
}

static bool take_byte(struct span *s, char byte)
{
    if (s->n == 0 || s->at[0] != byte)
        return false;
    *s = span_rest(*s, 1);
    return true;
}

static bool take_date(struct span *s, struct tm *t)
{
    if (!take_number(s, 4, 9999, &t->tm_year) || !take_byte(s, '-') ||
        !take_number(s, 2, 12, &t->tm_mon) || !take_byte(s, '-') ||
        !take_number(s, 2, 31, &t->tm_mday) || t->tm_mon == 0 || t->tm_mday == 0)
        return false;
    t->tm_year -= 1900;
    t->tm_mon -= 1;
    return true;
}

/* Fractions beyond milliseconds are dropped. */
static bool take_fraction(struct span *s, int *ret_ms)
{
    int scale = 100;

    if (s->n == 0 || !is_digit(s->at[0]))
        return false;
    *ret_ms = 0;
    while (s->n > 0 && is_digit(s->at[0])) {
        *ret_ms += (s->at[0] - '0') * scale;
        scale /= 10;
        *s = span_rest(*s, 1);
    }
    return true;
}

static bool take_time_of_day(struct span *s, struct tm *t, int *ret_ms)
{
    if (!take_number(s, 2, 23, &t->tm_hour) || !take_byte(s, ':') ||
        !take_number(s, 2, 59, &t->tm_min))
        return false;
    if (!take_byte(s, ':'))
        return true;
    if (!take_number(s, 2, 60, &t->tm_sec))
        return false;
    return !take_byte(s, '.') || take_fraction(s, ret_ms);
}

static bool take_zone(struct span *s, int64_t *ret_offset_ms)
{
    int hours = 0;
    int minutes = 0;
    bool west;

    if (take_byte(s, 'Z') || take_byte(s, 'z'))
        return true;
    west = s->n > 0 && s->at[0] == '-';
    if (!take_byte(s, '+') && !take_byte(s, '-'))
        return false;
    if (!take_number(s, 2, 23, &hours) || !take_byte(s, ':') || !take_number(s, 2, 59, &minutes))
        return false;
    *ret_offset_ms = (hours * 60LL + minutes) * 60000 * (west ? -1 : 1);
    return true;
}

bool text_to_time(struct span s, int64_t *ret_utc_ms)
{
    struct tm t = { 0 };
    struct tm normal;
    int ms = 0;
    int64_t offset_ms = 0;
    time_t seconds;

    if (!take_date(&s, &t) || !(take_byte(&s, 'T') || take_byte(&s, 't') || take_byte(&s, ' ')) ||
        !take_time_of_day(&s, &t, &ms) || !take_zone(&s, &offset_ms) || s.n > 0)
        return false;
    normal = t;
    seconds = timegm(&normal);
    if (normal.tm_mday != t.tm_mday) /* a 31st of a month that has none */
        return false;
    *ret_utc_ms = (int64_t)seconds * 1000 + ms - offset_ms;
    return true;
}

void text_put_time(struct buf *to, int64_t utc_ms)
{
    int64_t ms = ((utc_ms % 1000) + 1000) % 1000;
    time_t seconds = (time_t)((utc_ms - ms) / 1000);
    struct tm t;

    if (gmtime_r(&seconds, &t) == NULL) {
        buf_put_text(to, "?");
        return;
    }
    buf_printf(to, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
               t.tm_hour, t.tm_min, t.tm_sec, (int)ms);
}
