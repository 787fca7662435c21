/*
 * Of a calendar's events only DTSTART, DTEND and RRULE are looked at; what else it holds is
 * whatever it is.
 */
#include "domain/holidays.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "domain/day_time.h"
#include "domain/recurrence.h"

enum { EVENT_DAYS_MOST = 366, YEARS_AHEAD = 10, TIMES_MOST = HOLIDAYS_LIMIT + 1, RULES_MOST = 100 };

bool holidays_add(struct holidays *holidays, int64_t day, struct error *err)
{
    size_t i = holidays->n;

    while (i > 0 && holidays->at[i - 1] > day)
        i--;
    if (i > 0 && holidays->at[i - 1] == day)
        return true;
    if (holidays->n == HOLIDAYS_LIMIT)
        return error_set(err, ERROR_LIMIT, "at most %d days", HOLIDAYS_LIMIT);
    memmove(&holidays->at[i + 1], &holidays->at[i], (holidays->n - i) * sizeof holidays->at[0]);
    holidays->at[i] = day;
    holidays->n++;
    return true;
}

static bool add_days(struct holidays *holidays, int64_t first, int64_t last, struct error *err)
{
    if (last - first >= EVENT_DAYS_MOST)
        return error_set(err, ERROR_LIMIT, "lasts more than a year");
    for (int64_t day = first; day <= last; day++)
        if (!holidays_add(holidays, day, err))
            return false;
    return true;
}

bool holidays_read(struct holidays *holidays, struct span text, struct error *err)
{
    size_t dots = span_find(text, SPAN(".."));
    struct span rest = dots < text.n ? span_rest(text, dots + 2) : text;
    int64_t first;
    int64_t last;

    if (!day_read(span_first(text, dots), &first) || !day_read(rest, &last) || last < first)
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\": must be a day such as 2026-12-25, or 2026-12-24..2026-12-26",
                         SPAN_ARGS(span_first(text, 40)));
    return add_days(holidays, first, last, err);
}

/* One event on its way in. */
struct event {
    bool is_open;
    bool is_inside; /* something in it, such as an alarm */
    int64_t first;  /* 0: it has none, or has a time of day */
    int64_t end;    /* the day after the last; 0: not said */
    struct recurrence_rule rule;
    bool has_rule;
};

/* A calendar on its way in. */
struct calendar {
    struct holidays *holidays;
    int64_t from_day;
    struct event event;
    int rules;
};

/* Lines that begin with a blank go on with the line before (section 3.1). */
static void unfold(struct span calendar, struct buf *to)
{
    while (calendar.n > 0) {
        struct span line = span_take_until(&calendar, '\n');

        if (span_ends(line, SPAN("\r")))
            line = span_first(line, line.n - 1);
        if (line.n > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
            line = span_rest(line, 1);
        else
            buf_put_byte(to, '\n');
        buf_put(to, line);
    }
}

/* The value of a property, whatever its parameters; at == NULL when the line is another. */
static struct span value_of(struct span line, const char *name)
{
    struct span value = line;
    struct span head = span_take_until(&value, ':');

    if (!span_equal_nocase(span_take_until(&head, ';'), span_of(name)))
        return (struct span){ NULL, 0 };
    return value;
}

static void read_day_of(struct span value, int64_t *day)
{
    int64_t read;
    int minute;
    bool is_utc;

    if (value.n == 8 && recurrence_stamp_read(value, &read, &minute, &is_utc))
        *day = read;
}

static bool take_times(struct calendar *calendar, int64_t length, struct error *err)
{
    const struct event *event = &calendar->event;
    struct recurrence recurrence = { .rule = event->rule, .start_day = event->first };
    int64_t until = (calendar->from_day + YEARS_AHEAD * 366) * 86400000;
    int64_t at = (calendar->from_day - EVENT_DAYS_MOST) * 86400000;

    if (calendar->rules++ == RULES_MOST)
        return error_set(err, ERROR_LIMIT, "at most %d events with a rule", RULES_MOST);
    if (event->rule.has_places)
        return error_set(err, ERROR_INVALID, "BYSETPOS is not understood in calendars");
    for (int i = 0; i < TIMES_MOST && recurrence_next(&recurrence, at, &at) && at < until; i++)
        if (!add_days(calendar->holidays, at / 86400000, at / 86400000 + length, err))
            return false;
    return true;
}

static bool end_event(struct calendar *calendar, struct error *err)
{
    const struct event *event = &calendar->event;
    int64_t length = event->end > event->first ? event->end - event->first - 1 : 0;

    if (event->first == 0)
        return true;
    return event->has_rule ? take_times(calendar, length, err)
                           : add_days(calendar->holidays, event->first, event->first + length, err);
}

static bool read_property(struct event *event, struct span line, struct error *err)
{
    struct span rule = value_of(line, "RRULE");

    read_day_of(value_of(line, "DTSTART"), &event->first);
    read_day_of(value_of(line, "DTEND"), &event->end);
    if (value_of(line, "DURATION").at != NULL)
        return error_set(err, ERROR_INVALID, "DURATION is not understood: say it by DTEND");
    event->has_rule |= rule.at != NULL;
    return rule.at == NULL || recurrence_rule_read(rule, &event->rule, err);
}

static bool read_line(struct calendar *calendar, struct span line, struct error *err)
{
    struct event *event = &calendar->event;
    bool ends = span_starts_nocase(line, SPAN("END:"));

    if (span_equal_nocase(line, SPAN("BEGIN:VEVENT"))) {
        *event = (struct event){ .is_open = true };
        return true;
    }
    if (!event->is_open)
        return true;
    if (event->is_inside || span_starts_nocase(line, SPAN("BEGIN:"))) {
        event->is_inside = !ends;
        return true;
    }
    if (!ends)
        return read_property(event, line, err);
    event->is_open = false;
    return end_event(calendar, err);
}

bool holidays_read_calendar(struct holidays *holidays, struct span text, int64_t from_day,
                            struct error *err)
{
    struct calendar calendar = { .holidays = holidays, .from_day = from_day };
    CLEANUP(buf_fini) struct buf lines;
    struct span rest;

    buf_init(&lines, HOLIDAY_CALENDAR_LIMIT + 1);
    if (text.n > HOLIDAY_CALENDAR_LIMIT)
        return error_set(err, ERROR_LIMIT, "a calendar has at most %d bytes",
                         HOLIDAY_CALENDAR_LIMIT);
    if (!span_starts_nocase(text, SPAN("BEGIN:VCALENDAR")))
        return error_set(err, ERROR_INVALID, "is no calendar: it must begin with BEGIN:VCALENDAR");
    unfold(text, &lines);
    rest = buf_view(&lines);
    while (rest.n > 0) {
        struct span line = span_take_until(&rest, '\n');

        if (!read_line(&calendar, line, err))
            return error_wrap(err, "\"%.*s\"", SPAN_ARGS(span_first(line, 60)));
    }
    return true;
}
