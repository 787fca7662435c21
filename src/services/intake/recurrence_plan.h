/*
 * A recurrence of the store made ready to be asked for its times.
 */
#ifndef POSTROOM_SERVICES_INTAKE_RECURRENCE_PLAN_H
#define POSTROOM_SERVICES_INTAKE_RECURRENCE_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/holidays.h"
#include "domain/recurrence.h"
#include "store/recurrence.h"

struct recurrence_plan {
    struct recurrence recurrence; /* points into the plan, which must not move */
    struct zone *zone;
    struct holidays holidays;
};

/* recurrence_plan_open reads what the row says; ended with recurrence_plan_close. ERROR_INVALID
 * names the field. */
MUST_USE bool recurrence_plan_open(const struct recurrence_row *row, struct recurrence_plan *plan,
                                   struct error *err);
void recurrence_plan_close(struct recurrence_plan *plan);

/* recurrence_plan_next gives the first time after `after_ms`, 0 when there is none. */
MUST_USE int64_t recurrence_plan_next(const struct recurrence_plan *plan, int64_t after_ms);

/* recurrence_plan_due gives the last times from `first_at`, which is one, to `now_ms`: at most
 * `most`, ascending. What lies more than a year back is passed over. */
enum { RECURRENCE_DUE_MOST = 100 };
MUST_USE size_t recurrence_plan_due(const struct recurrence_plan *plan, int64_t first_at,
                                    int64_t now_ms, size_t most,
                                    int64_t ret_times[RECURRENCE_DUE_MOST]);

#endif
