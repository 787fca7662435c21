/*
 * Dates of header fields, written by our own calendar: strftime speaks the user's language. Not a
 * reader of dates.
 */
#include "protocol/mail/date.h"

#include <stdlib.h>
#include <time.h>

enum { DAY_MINUTES = 24 * 60 };

void date_put(struct buf *to, int64_t utc_ms, int offset_minutes)
{
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
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
