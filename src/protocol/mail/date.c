/*
 * Dates of header fields, written by our own calendar: strftime speaks the user's language.
 * What others wrote is looked at for its form alone.
 */
#include "protocol/mail/date.h"

#include <stdlib.h>
#include <time.h>

#include "base/text.h"

enum { DAY_MINUTES = 24 * 60 };

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

void date_put(struct buf *to, int64_t utc_ms, int offset_minutes)
{
    static const int64_t last_second = 253402214400; /* 9999-12-31: room for any offset */
    int offset = abs(offset_minutes) < DAY_MINUTES ? offset_minutes : 0;
    time_t at = utc_ms / 1000;
    struct tm clock;

    if (at < 0)
        at = 0;
    if (at > last_second)
        at = last_second;
    if (at + offset * 60 < 0)
        offset = 0;
    at += offset * 60;
    (void)gmtime_r(&at, &clock);
    buf_printf(to, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", days[clock.tm_wday], clock.tm_mday,
               months[clock.tm_mon], clock.tm_year + 1900, clock.tm_hour, clock.tm_min,
               clock.tm_sec, offset < 0 ? '-' : '+', abs(offset) / 60, abs(offset) % 60);
}

/* A word up to `byte`, white space or the end. */
static struct span take_word(struct span *rest, char byte)
{
    struct span word;
    size_t n = 0;

    *rest = span_trim(*rest);
    while (n < rest->n && rest->at[n] != byte && rest->at[n] != ' ' && rest->at[n] != '\t' &&
           rest->at[n] != '\r' && rest->at[n] != '\n')
        n++;
    word = span_first(*rest, n);
    *rest = span_trim(span_rest(*rest, n));
    if (span_starts(*rest, (struct span){ &byte, 1 }))
        *rest = span_rest(*rest, 1);
    return word;
}

static bool is_number(struct span word, size_t least, size_t most, int64_t highest)
{
    int64_t value;

    return word.n >= least && word.n <= most && text_to_integer(word, 0, highest, &value);
}

static bool is_one_of(struct span word, const char (*names)[4], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal_nocase(word, span_of(names[i])))
            return true;
    return false;
}

static bool is_zone(struct span word)
{
    if (word.n == 0)
        return false;
    if (word.at[0] == '+' || word.at[0] == '-')
        return is_number(span_rest(word, 1), 4, 4, 2359);
    for (size_t i = 0; i < word.n; i++)
        if (span_lower(word.at[i]) < 'a' || span_lower(word.at[i]) > 'z')
            return false;
    return word.n <= 5;
}

static bool is_clock(struct span rest)
{
    struct span hour = take_word(&rest, ':');
    struct span minute = take_word(&rest, ':');
    struct span second = take_word(&rest, ' ');

    if (!is_number(hour, 1, 2, 23) || !is_number(minute, 2, 2, 59))
        return false;
    if (is_zone(second) && (rest.n == 0 || rest.at[0] == '('))
        return true;
    return is_number(second, 2, 2, 60) && is_zone(take_word(&rest, '(')) && text_is_ascii(rest);
}

bool date_is_valid(struct span value)
{
    struct span rest = value;
    struct span day = take_word(&rest, ',');
    struct span month;

    if (is_one_of(day, days, 7))
        day = take_word(&rest, ' ');
    month = take_word(&rest, ' ');
    return is_number(day, 1, 2, 31) && is_one_of(month, months, 12) &&
           is_number(take_word(&rest, ' '), 4, 4, 9999) && is_clock(rest);
}
