/*
 * From the texts of a row to what can be reckoned with.
 */
#include "services/intake/recurrence_plan.h"

#include <string.h>

#define YEAR_MS (INT64_C(366) * 86400000)

static bool read_holidays(struct span text, struct holidays *holidays, struct error *err)
{
    json_t *days = json_loadb(text.at, text.n, 0, NULL);
    bool ok = true;
    size_t i;
    json_t *day;

    json_array_foreach (days, i, day) {
        ok = ok && holidays_read(holidays, span_of(json_string_value(day)), err);
    }
    json_decref(days);
    return ok || error_wrap(err, "holidays");
}

bool recurrence_plan_open(const struct recurrence_row *row, struct recurrence_plan *plan,
                          struct error *err)
{
    struct recurrence *r = &plan->recurrence;

    memset(plan, 0, sizeof *plan);
    if (!recurrence_rule_read(row->rule, &r->rule, err))
        return error_wrap(err, "rule");
    if (!read_holidays(row->holidays, &plan->holidays, err))
        return false;
    if (row->zone.at != NULL) {
        plan->zone = zone_open(row->zone);
        if (plan->zone == NULL)
            return error_set(err, ERROR_INVALID,
                             "zone: there is no \"%.*s\": give a name such as Europe/Vienna",
                             SPAN_ARGS(span_first(row->zone, 60)));
    }
    r->zone = plan->zone;
    r->start_day = row->start_day;
    r->start_minute = (int)row->start_minute;
    r->start_ms = row->start_ms;
    r->until_ms = row->until_ms;
    r->holidays = plan->holidays.at;
    r->holiday_count = plan->holidays.n;
    return true;
}

void recurrence_plan_close(struct recurrence_plan *plan)
{
    zone_free(plan->zone);
    plan->zone = NULL;
}

int64_t recurrence_plan_next(const struct recurrence_plan *plan, int64_t after_ms)
{
    int64_t at;

    return recurrence_next(&plan->recurrence, after_ms, &at) ? at : 0;
}

/* The latest push out the oldest. */
size_t recurrence_plan_due(const struct recurrence_plan *plan, int64_t first_at, int64_t now_ms,
                           size_t most, int64_t ret_times[RECURRENCE_DUE_MOST])
{
    size_t n = 0;
    int64_t at = first_at;

    if (at < now_ms - YEAR_MS)
        at = recurrence_plan_next(plan, now_ms - YEAR_MS);
    for (; at != 0 && at <= now_ms; at = recurrence_plan_next(plan, at)) {
        if (n == most)
            memmove(ret_times, ret_times + 1, --n * sizeof ret_times[0]);
        ret_times[n++] = at;
    }
    return n;
}
