/*
 * Each part of a rule has a reader, found by its name in a table.
 */
#include "domain/recurrence_rule.h"

#include <string.h>

#include "base/text.h"
#include "domain/day_time.h"

static const char *const weekday_names[7] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };

static bool refuse(struct span value, const char *wanted, struct error *err)
{
    return error_set(err, ERROR_INVALID, "\"%.*s\": must be %s", SPAN_ARGS(span_first(value, 40)),
                     wanted);
}

static bool read_period(struct span value, struct recurrence_rule *rule, struct error *err)
{
    static const char *const names[] = { "DAILY", "WEEKLY", "MONTHLY", "YEARLY" };

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (span_equal_nocase(value, span_of(names[i]))) {
            rule->period = (enum recurrence_period)i;
            return true;
        }
    }
    return refuse(value, "DAILY, WEEKLY, MONTHLY or YEARLY (hours of a day are BYHOUR=9,13,17)",
                  err);
}

static bool read_interval(struct span value, struct recurrence_rule *rule, struct error *err)
{
    int64_t n;

    if (!text_to_integer(value, 1, RECURRENCE_INTERVAL_LIMIT, &n))
        return refuse(value, "a number from 1 to 366", err);
    rule->interval = (int)n;
    return true;
}

static bool read_count(struct span value, struct recurrence_rule *rule, struct error *err)
{
    int64_t n;

    if (!text_to_integer(value, 1, RECURRENCE_COUNT_LIMIT, &n))
        return refuse(value, "a number from 1 to 1000", err);
    rule->count = (int)n;
    return true;
}

/* -1: there is none of the name. */
static int weekday_of(struct span name)
{
    for (int i = 0; i < 7; i++)
        if (span_equal_nocase(name, span_of(weekday_names[i])))
            return i;
    return -1;
}

static bool read_week_start(struct span value, struct recurrence_rule *rule, struct error *err)
{
    rule->week_start = weekday_of(value);
    return rule->week_start >= 0 || refuse(value, "a day such as MO", err);
}

/* "3" counts from the beginning, "-1" from the end; never 0. */
static bool read_nth(struct span text, int most, int *ret_nth, bool *ret_from_end)
{
    int64_t n;

    if (span_starts(text, SPAN("+")))
        text = span_rest(text, 1);
    if (!text_to_integer(text, -most, most, &n) || n == 0)
        return false;
    *ret_from_end = n < 0;
    *ret_nth = (int)(n < 0 ? -n : n);
    return true;
}

static void add_nth(struct nth_bits *bits, int nth, bool from_end)
{
    if (from_end)
        bits->last |= UINT64_C(1) << nth;
    else
        bits->first |= UINT64_C(1) << nth;
}

static bool read_day(struct span item, struct recurrence_rule *rule, struct error *err)
{
    struct span name = item.n >= 2 ? span_rest(item, item.n - 2) : item;
    struct span number = span_first(item, item.n - name.n);
    int weekday = weekday_of(name);
    bool from_end = false;
    int nth = 0;

    if (weekday < 0 || (number.n > 0 && !read_nth(number, 53, &nth, &from_end)))
        return refuse(item, "a day such as MO, or 1MO or -1FR: the first Monday, the last Friday",
                      err);
    if (number.n == 0) {
        rule->weekdays |= 1U << weekday;
        return true;
    }
    rule->has_nth = true;
    add_nth(&rule->nth[weekday], nth, from_end);
    return true;
}

static bool read_month_day(struct span item, struct recurrence_rule *rule, struct error *err)
{
    bool from_end;
    int nth;

    if (!read_nth(item, 31, &nth, &from_end))
        return refuse(item, "from 1 to 31, or from -1 (the last day) to -31", err);
    add_nth(&rule->days, nth, from_end);
    return true;
}

static bool read_place(struct span item, struct recurrence_rule *rule, struct error *err)
{
    bool from_end;
    int nth;

    if (!read_nth(item, 366, &nth, &from_end))
        return refuse(item, "from 1 to 366, or from -1 (the last one) to -366", err);
    (from_end ? rule->last_places : rule->places)[nth / 64] |= UINT64_C(1) << (nth % 64);
    rule->has_places = true;
    return true;
}

static bool read_month(struct span item, struct recurrence_rule *rule, struct error *err)
{
    int64_t n;

    if (!text_to_integer(item, 1, 12, &n))
        return refuse(item, "from 1 to 12", err);
    rule->months |= 1U << n;
    return true;
}

static bool read_hour(struct span item, struct recurrence_rule *rule, struct error *err)
{
    int64_t n;

    if (!text_to_integer(item, 0, 23, &n))
        return refuse(item, "from 0 to 23", err);
    rule->hours |= 1U << n;
    return true;
}

static bool read_minute(struct span item, struct recurrence_rule *rule, struct error *err)
{
    int64_t n;

    if (!text_to_integer(item, 0, 59, &n))
        return refuse(item, "from 0 to 59", err);
    rule->minutes |= UINT64_C(1) << n;
    return true;
}

/* "20261130" as day_read has it. */
static bool read_short_day(struct span text, int64_t *ret_day)
{
    char day[DAY_ROOM];

    if (text.n != 8)
        return false;
    memcpy(day, text.at, 4);
    memcpy(day + 5, text.at + 4, 2);
    memcpy(day + 8, text.at + 6, 2);
    day[4] = day[7] = '-';
    return day_read((struct span){ day, 10 }, ret_day);
}

bool recurrence_stamp_read(struct span text, int64_t *ret_day, int *ret_minute, bool *ret_is_utc)
{
    struct span time = span_rest(text, 9);
    int64_t number;

    if (!read_short_day(span_first(text, 8), ret_day))
        return false;
    *ret_is_utc = false;
    *ret_minute = 24 * 60 - 1;
    if (text.n == 8)
        return true;
    *ret_is_utc = span_ends(time, SPAN("Z"));
    time = span_first(time, time.n - *ret_is_utc);
    if (text.at[8] != 'T' || time.n != 6 || !text_to_integer(time, 0, 235960, &number) ||
        number / 100 % 100 > 59)
        return false;
    *ret_minute = (int)(number / 10000 * 60 + number / 100 % 100);
    return true;
}

static bool read_until(struct span value, struct recurrence_rule *rule, struct error *err)
{
    bool is_utc;

    if (!recurrence_stamp_read(value, &rule->until_day, &rule->until_minute, &is_utc))
        return refuse(value, "a day or a time such as 20261231 or 20261231T235959Z", err);
    if (is_utc)
        rule->until_ms = (rule->until_day * 24 * 60 + rule->until_minute) * 60000;
    return true;
}

static const struct part {
    const char *name;
    bool is_list; /* divided by commas: `read` is called for each item */
    bool (*read)(struct span value, struct recurrence_rule *rule, struct error *err);
} parts[] = {
    { "FREQ", false, read_period },         { "INTERVAL", false, read_interval },
    { "COUNT", false, read_count },         { "UNTIL", false, read_until },
    { "WKST", false, read_week_start },     { "BYDAY", true, read_day },
    { "BYMONTHDAY", true, read_month_day }, { "BYMONTH", true, read_month },
    { "BYSETPOS", true, read_place },       { "BYHOUR", true, read_hour },
    { "BYMINUTE", true, read_minute },
};

static bool read_value(const struct part *part, struct span value, struct recurrence_rule *rule,
                       struct error *err)
{
    if (!part->is_list)
        return part->read(value, rule, err);
    do {
        if (!part->read(span_take_until(&value, ','), rule, err))
            return false;
    } while (value.n > 0);
    return true;
}

static bool read_part(struct span text, unsigned *seen, struct recurrence_rule *rule,
                      struct error *err)
{
    struct span name = span_take_until(&text, '=');

    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (!span_equal_nocase(name, span_of(parts[i].name)))
            continue;
        if ((*seen & 1U << i) != 0)
            return error_set(err, ERROR_INVALID, "%s: stands there twice", parts[i].name);
        *seen |= 1U << i;
        return read_value(&parts[i], text, rule, err) || error_wrap(err, "%s", parts[i].name);
    }
    return error_set(err, ERROR_INVALID,
                     "\"%.*s\": is no part of a rule; there are FREQ, INTERVAL, COUNT, UNTIL, "
                     "WKST, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, BYHOUR and BYMINUTE",
                     SPAN_ARGS(span_first(name, 40)));
}

/* What RFC 5545 does not allow together, and what is not understood. */
static bool check_whole(const struct recurrence_rule *rule, struct error *err)
{
    bool has_days = rule->days.first != 0 || rule->days.last != 0;
    bool is_long = rule->period == PERIOD_MONTH || rule->period == PERIOD_YEAR;

    if (rule->count > 0 && rule->until_day > 0)
        return error_set(err, ERROR_INVALID, "COUNT and UNTIL do not go together");
    if (rule->has_nth && !is_long)
        return error_set(err, ERROR_INVALID,
                         "BYDAY: a number before the day needs FREQ=MONTHLY or YEARLY");
    if (has_days && rule->period == PERIOD_WEEK)
        return error_set(err, ERROR_INVALID, "BYMONTHDAY does not go with FREQ=WEEKLY");
    if (rule->has_places && rule->period == PERIOD_DAY)
        return error_set(err, ERROR_INVALID, "BYSETPOS does not go with FREQ=DAILY");
    if (rule->has_places &&
        (__builtin_popcount(rule->hours) > 1 || __builtin_popcountll(rule->minutes) > 1))
        return error_set(err, ERROR_INVALID, "BYSETPOS needs one time of each day");
    return true;
}

bool recurrence_rule_read(struct span text, struct recurrence_rule *ret_rule, struct error *err)
{
    struct recurrence_rule rule = { .interval = 1, .week_start = 1 };
    unsigned seen = 0;

    if (text.n > RECURRENCE_RULE_LIMIT)
        return error_set(err, ERROR_LIMIT, "a rule has at most %d bytes", RECURRENCE_RULE_LIMIT);
    if (span_starts_nocase(text, SPAN("RRULE:")))
        text = span_rest(text, 6);
    do {
        if (!read_part(span_take_until(&text, ';'), &seen, &rule, err))
            return false;
    } while (text.n > 0);
    if ((seen & 1) == 0)
        return error_set(err, ERROR_INVALID, "FREQ: is missing");
    if (!check_whole(&rule, err))
        return false;
    *ret_rule = rule;
    return true;
}
