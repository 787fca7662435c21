/*
 * Day after day is asked whether it is one of the rule's. That is a few comparisons, and there are
 * so few days in twelve years that no rule needs to be cleverly expanded.
 */
#include "domain/recurrence.h"

#include "base/zone_rule.h"

#define DAY_MS INT64_C(86400000)

/* A day of the calendar. */
struct date {
    int64_t day; /* since 1 January 1970 */
    int year;
    int month;
    int of_month;
    int of_year;
    int weekday;
    int days_in_month;
    int days_in_year;
};

static void date_of(int64_t day, struct date *date)
{
    struct zone_moment m;

    zone_moment(NULL, day * DAY_MS, &m);
    *date = (struct date){
        .day = day,
        .year = m.year,
        .month = m.month,
        .of_month = m.day,
        .weekday = m.weekday,
        .of_year = (int)(day - zone_days(m.year, 1, 1)) + 1,
        .days_in_month = (int)(zone_days(m.year + m.month / 12, m.month % 12 + 1, 1) -
                               zone_days(m.year, m.month, 1)),
        .days_in_year = (int)(zone_days(m.year + 1, 1, 1) - zone_days(m.year, 1, 1)),
    };
}

static int64_t week_begin(const struct recurrence *r, const struct date *date)
{
    return date->day - (date->weekday - r->rule.week_start + 7) % 7;
}

/* How many periods lie between the start and a day. */
static int64_t periods_since(const struct recurrence *r, const struct date *start,
                             const struct date *date)
{
    switch (r->rule.period) {
    case PERIOD_DAY:
        break;
    case PERIOD_WEEK:
        return (week_begin(r, date) - week_begin(r, start)) / 7;
    case PERIOD_MONTH:
        return (date->year - start->year) * 12 + date->month - start->month;
    case PERIOD_YEAR:
        return date->year - start->year;
    }
    return date->day - start->day;
}

static bool has_nth(const struct nth_bits *bits, int from_begin, int from_end)
{
    return ((bits->first >> from_begin) & 1) != 0 || ((bits->last >> from_end) & 1) != 0;
}

/* The 2nd Tuesday is one of the month, or of the year when a rule for years names no months. */
static bool weekday_fits(const struct recurrence_rule *rule, const struct date *date)
{
    bool of_year = rule->period == PERIOD_YEAR && rule->months == 0;
    int at = of_year ? date->of_year : date->of_month;
    int all = of_year ? date->days_in_year : date->days_in_month;

    return (rule->weekdays >> date->weekday & 1) != 0 ||
           has_nth(&rule->nth[date->weekday], (at - 1) / 7 + 1, (all - at) / 7 + 1);
}

/* What a rule leaves open the start says: its weekday, its day of the month, its month. */
static bool day_fits(const struct recurrence_rule *rule, const struct date *start,
                     const struct date *date)
{
    bool says_days = rule->days.first != 0 || rule->days.last != 0;
    bool says_weekdays = rule->weekdays != 0 || rule->has_nth;
    bool says_none = !says_days && !says_weekdays;

    if (rule->months != 0 && (rule->months >> date->month & 1) == 0)
        return false;
    if (says_days &&
        !has_nth(&rule->days, date->of_month, date->days_in_month - date->of_month + 1))
        return false;
    if (says_weekdays)
        return weekday_fits(rule, date);
    if (says_none && rule->period == PERIOD_WEEK)
        return date->weekday == start->weekday;
    if (says_none && rule->period == PERIOD_YEAR && rule->months == 0 &&
        date->month != start->month)
        return false;
    return !says_none || rule->period == PERIOD_DAY || date->of_month == start->of_month;
}

/* PERIOD_DAY is left: the day itself. */
static void period_of(const struct recurrence *r, const struct date *date, int64_t *ret_first,
                      int64_t *ret_last)
{
    int64_t first = date->day;
    int64_t days = 1;

    if (r->rule.period == PERIOD_WEEK) {
        first = week_begin(r, date);
        days = 7;
    } else if (r->rule.period == PERIOD_MONTH) {
        first = date->day - date->of_month + 1;
        days = date->days_in_month;
    } else if (r->rule.period == PERIOD_YEAR) {
        first = date->day - date->of_year + 1;
        days = date->days_in_year;
    }
    *ret_first = first;
    *ret_last = first + days - 1;
}

static int count_fitting(const struct recurrence *r, const struct date *start, int64_t first,
                         int64_t last)
{
    int count = 0;

    for (int64_t day = first; day <= last; day++) {
        struct date date;

        date_of(day, &date);
        count += day_fits(&r->rule, start, &date);
    }
    return count;
}

/* BYSETPOS: the day's place among those of its period. */
static bool place_fits(const struct recurrence *r, const struct date *start,
                       const struct date *date)
{
    int64_t first;
    int64_t last;
    int before;
    int after;

    if (!r->rule.has_places)
        return true;
    period_of(r, date, &first, &last);
    before = count_fitting(r, start, first, date->day);
    after = count_fitting(r, start, date->day, last);
    return (r->rule.places[before / 64] >> (before % 64) & 1) != 0 ||
           (r->rule.last_places[after / 64] >> (after % 64) & 1) != 0;
}

static bool is_holiday(const struct recurrence *r, int64_t day)
{
    size_t low = 0;
    size_t high = r->holiday_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->holidays[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->holiday_count && r->holidays[low] == day;
}

/* The last moment that rule and recurrence allow. */
static int64_t end_of(const struct recurrence *r)
{
    int64_t end = r->rule.until_ms;

    if (end == 0 && r->rule.until_day > 0)
        end = zone_find(r->zone, r->rule.until_day, r->rule.until_minute);
    if (end == 0 || (r->until_ms > 0 && r->until_ms < end))
        end = r->until_ms;
    return end > 0 ? end : INT64_MAX;
}

/* A walk over the days. */
struct walk {
    const struct recurrence *r;
    struct date start;
    uint64_t hours;
    uint64_t minutes;
    int64_t after_ms;
    int64_t end_ms;
    int64_t last_ms; /* the time before, which two of the clocks may be */
    int64_t counted;
    bool is_over;
};

static void walk_begin(struct walk *w, const struct recurrence *r, int64_t after_ms)
{
    *w = (struct walk){
        .r = r,
        .hours = r->rule.hours != 0 ? r->rule.hours : UINT64_C(1) << (r->start_minute / 60),
        .minutes = r->rule.minutes != 0 ? r->rule.minutes : UINT64_C(1) << (r->start_minute % 60),
        .after_ms = after_ms,
        .end_ms = end_of(r),
        .last_ms = INT64_MIN,
    };
    date_of(r->start_day, &w->start);
}

/* One time of the rule: is it the one that is looked for? */
static bool meet(struct walk *w, int64_t at, bool is_free)
{
    const struct recurrence_rule *rule = &w->r->rule;

    if (at <= w->last_ms || at < w->r->start_ms || w->is_over)
        return false;
    w->last_ms = at;
    w->counted++;
    w->is_over = at > w->end_ms || (rule->count > 0 && w->counted >= rule->count);
    return at > w->after_ms && at <= w->end_ms && !is_free;
}

static bool meet_day(struct walk *w, int64_t day, int64_t *ret_at)
{
    bool is_free = is_holiday(w->r, day);

    for (int hour = 0; hour < 24; hour++) {
        if ((w->hours >> hour & 1) == 0)
            continue;
        for (int minute = 0; minute < 60; minute++) {
            int64_t at;

            if ((w->minutes >> minute & 1) == 0)
                continue;
            at = zone_find(w->r->zone, day, hour * 60 + minute);
            if (!meet(w, at, is_free))
                continue;
            *ret_at = at;
            return true;
        }
    }
    return false;
}

static bool is_day_of(const struct walk *w, int64_t day)
{
    struct date date;

    date_of(day, &date);
    return periods_since(w->r, &w->start, &date) % w->r->rule.interval == 0 &&
           day_fits(&w->r->rule, &w->start, &date) && place_fits(w->r, &w->start, &date);
}

bool recurrence_next(const struct recurrence *r, int64_t after_ms, int64_t *ret_at)
{
    struct walk w;
    int64_t today = after_ms / DAY_MS - 2; /* local days are no more than that behind */
    int64_t first = today > r->start_day ? today : r->start_day;
    int64_t last = first + RECURRENCE_DAYS_AHEAD;

    walk_begin(&w, r, after_ms);
    if (r->rule.count > 0)
        first = r->start_day; /* all count */
    for (int64_t day = first; day <= last && !w.is_over; day++)
        if (is_day_of(&w, day) && meet_day(&w, day, ret_at))
            return true;
    return false;
}
