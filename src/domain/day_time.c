/*
 * Reading and writing them.
 */
#include "domain/day_time.h"

#include <stdio.h>

#include "base/text.h"
#include "base/zone.h"
#include "base/zone_rule.h"

enum { YEAR_LEAST = 2000, YEAR_MOST = 2999 };

static bool read_number(struct span text, int least, int most, int *ret_number)
{
    int64_t number;

    if (text.n == 0 || text.at[0] == '-' || !text_to_integer(text, least, most, &number))
        return false;
    *ret_number = (int)number;
    return true;
}

bool day_time_read(struct span text, int *ret_minute)
{
    struct span hours = span_first(text, span_index(text, ':'));
    struct span minutes = span_rest(text, hours.n + 1);
    int hour;
    int minute;

    if (hours.n > 2 || minutes.n != 2 || !read_number(hours, 0, 23, &hour) ||
        !read_number(minutes, 0, 59, &minute))
        return false;
    *ret_minute = hour * 60 + minute;
    return true;
}

bool day_read(struct span text, int64_t *ret_day)
{
    struct zone_moment moment;
    int64_t days;
    int year;
    int month;
    int day;

    if (text.n != 10 || text.at[4] != '-' || text.at[7] != '-' ||
        !read_number(span_first(text, 4), YEAR_LEAST, YEAR_MOST, &year) ||
        !read_number(span_first(span_rest(text, 5), 2), 1, 12, &month) ||
        !read_number(span_rest(text, 8), 1, 31, &day))
        return false;
    days = zone_days(year, month, day);
    zone_moment(NULL, days * 86400000, &moment);
    if (moment.day != day) /* a 31st of a month that has none */
        return false;
    *ret_day = days;
    return true;
}

void day_put(int64_t day, char text[DAY_ROOM])
{
    struct zone_moment m;

    zone_moment(NULL, day * 86400000, &m);
    (void)snprintf(text, DAY_ROOM, "%04u-%02u-%02u", (unsigned)m.year % 10000,
                   (unsigned)m.month % 100, (unsigned)m.day % 100);
}
