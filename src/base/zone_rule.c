/*
 * TZ strings: POSIX.1-2017, 8.3, with the hours up to 167 of RFC 9636, 3.3.1. Rules are yearly, so
 * a moment is judged by the changes of its own year. Not the leap seconds and not the file around
 * it (zone.c).
 */
#include "base/zone_rule.h"

#include <string.h>

enum { DAY = 86400, HOUR = 3600, HOURS_MOST = 167, CHANGE_TIME = 2 * HOUR };

static bool take_char(struct span *in, char c)
{
    if (in->n == 0 || in->at[0] != c)
        return false;
    *in = span_rest(*in, 1);
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_quoted(char c)
{
    return is_letter(c) || is_digit(c) || c == '+' || c == '-';
}

/* "CET", or "<+0545>". */
static bool take_name(struct span *in, struct zone_type *type)
{
    bool quoted = take_char(in, '<');
    size_t n = 0;

    while (n < in->n && (quoted ? is_quoted(in->at[n]) : is_letter(in->at[n])))
        n++;
    if (n < 3 || n >= sizeof type->name)
        return false;
    memcpy(type->name, in->at, n);
    *in = span_rest(*in, n);
    return !quoted || take_char(in, '>');
}

static bool take_number(struct span *in, int least, int most, int *ret_number)
{
    int number = 0;
    size_t n = 0;

    while (n < in->n && n < 3 && is_digit(in->at[n]))
        number = number * 10 + (in->at[n++] - '0');
    if (n == 0 || number < least || number > most)
        return false;
    *in = span_rest(*in, n);
    *ret_number = number;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct span *in, int hours_most, int32_t *ret_seconds)
{
    bool negative = take_char(in, '-');
    int hours;
    int minutes = 0;
    int seconds = 0;

    if (!negative)
        (void)take_char(in, '+');
    if (!take_number(in, 0, hours_most, &hours))
        return false;
    if (take_char(in, ':')) {
        if (!take_number(in, 0, 59, &minutes) ||
            (take_char(in, ':') && !take_number(in, 0, 59, &seconds)))
            return false;
    }
    *ret_seconds = (hours * HOUR + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
}

/* POSIX counts offsets to the west. */
static bool take_offset(struct span *in, struct zone_type *type)
{
    int32_t west;

    if (!take_time(in, 24, &west) || west <= -DAY || west >= DAY)
        return false;
    type->offset = -west;
    return true;
}

static bool take_day(struct span *in, struct zone_yearly *yearly)
{
    if (take_char(in, 'M')) {
        yearly->form = 'M';
        return take_number(in, 1, 12, &yearly->month) && take_char(in, '.') &&
               take_number(in, 1, 5, &yearly->week) && take_char(in, '.') &&
               take_number(in, 0, 6, &yearly->day);
    }
    if (take_char(in, 'J')) {
        yearly->form = 'J';
        return take_number(in, 1, 365, &yearly->day);
    }
    yearly->form = 'n';
    return take_number(in, 0, 365, &yearly->day);
}

static bool take_yearly(struct span *in, struct zone_yearly *yearly)
{
    yearly->time = CHANGE_TIME;
    return take_char(in, ',') && take_day(in, yearly) &&
           (!take_char(in, '/') || take_time(in, HOURS_MOST, &yearly->time));
}

bool zone_rule_read(struct span text, struct zone_rule *ret_rule)
{
    struct zone_rule rule = { .has_summer = false };
    struct span in = text;

    if (!take_name(&in, &rule.standard) || !take_offset(&in, &rule.standard))
        return false;
    if (in.n > 0) {
        rule.has_summer = true;
        if (!take_name(&in, &rule.summer))
            return false;
        rule.summer.offset = rule.standard.offset + HOUR;
        if (in.n > 0 && in.at[0] != ',' && !take_offset(&in, &rule.summer))
            return false;
        if (!take_yearly(&in, &rule.begins) || !take_yearly(&in, &rule.ends) || in.n > 0)
            return false;
    }
    *ret_rule = rule;
    return true;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* The civil calendar and back: H. Hinnant's algorithms, eras of 400 years that begin in March. */
int64_t zone_days(int64_t year, int month, int day)
{
    int64_t shifted = year - (month <= 2);
    int64_t era = floor_divide(shifted, 400);
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t zone_year(int64_t days)
{
    int64_t year = 1970 + floor_divide(days * 400, 146097);

    while (zone_days(year, 1, 1) > days)
        year--;
    while (zone_days(year + 1, 1, 1) <= days)
        year++;
    return year;
}

/* The given weekday of a month's week; 1 January 1970 was a Thursday. */
static int64_t weekday_of_month(int64_t year, const struct zone_yearly *yearly)
{
    int64_t first = zone_days(year, yearly->month, 1);
    int64_t next =
        yearly->month < 12 ? zone_days(year, yearly->month + 1, 1) : zone_days(year + 1, 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7;
    int64_t day = first + (yearly->day - weekday + 7) % 7 + 7 * (int64_t)(yearly->week - 1);

    return day < next ? day : day - 7;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t change_at(const struct zone_yearly *yearly, int64_t year, int32_t offset)
{
    int64_t days;

    if (yearly->form == 'M')
        days = weekday_of_month(year, yearly);
    else if (yearly->form == 'J')
        days = zone_days(year, 1, 1) + yearly->day - 1 + (yearly->day > 59 && is_leap(year));
    else
        days = zone_days(year, 1, 1) + yearly->day;
    return days * DAY + yearly->time - offset;
}

const struct zone_type *zone_rule_at(const struct zone_rule *rule, int64_t seconds)
{
    int64_t year;
    int64_t begins;
    int64_t ends;
    bool summer;

    if (!rule->has_summer)
        return &rule->standard;
    year = zone_year(floor_divide(seconds + rule->standard.offset, DAY));
    begins = change_at(&rule->begins, year, rule->standard.offset);
    ends = change_at(&rule->ends, year, rule->summer.offset);
    summer =
        begins < ends ? seconds >= begins && seconds < ends : seconds >= begins || seconds < ends;
    return summer ? &rule->summer : &rule->standard;
}
