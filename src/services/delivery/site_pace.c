/*
 * Proportional feedback with hysteresis: steps of 1/N either way, gathered until they make a whole
 * connection, so that noise of both signs cancels out.
 */
#include "services/delivery/site_pace.h"

#define MINUTE_MS 60000.0

/* A burst of a second's worth, and one at least. */
static double most_saved(int64_t rate)
{
    double second = (double)rate / 60.0;

    return second > 1.0 ? second : 1.0;
}

int64_t pace_wait(struct pace_allowance *allowance, int64_t rate, int64_t now_ms)
{
    double most = most_saved(rate);
    double missing;

    if (rate == 0)
        return 0;
    if (allowance->rate != rate) {
        allowance->saved = allowance->rate == 0 || allowance->saved > most ? 1.0 : allowance->saved;
        allowance->rate = rate;
        allowance->at_ms = now_ms;
    }
    allowance->saved += (double)(now_ms - allowance->at_ms) * (double)rate / MINUTE_MS;
    allowance->saved = allowance->saved > most ? most : allowance->saved;
    allowance->at_ms = now_ms;
    missing = 1.0 - allowance->saved;
    return missing <= 0.0 ? 0 : (int64_t)(missing * MINUTE_MS / (double)rate) + 1;
}

void pace_take(struct pace_allowance *allowance)
{
    if (allowance->rate != 0)
        allowance->saved -= 1.0;
}

void site_pace_start(struct site_pace *pace)
{
    pace->window = PACE_START;
    pace->credit = 0.0;
    pace->debt = 0.0;
}

void site_pace_probe(struct site_pace *pace)
{
    pace->window = 1.0;
    pace->credit = 0.0;
    pace->debt = 0.0;
}

void site_pace_well(struct site_pace *pace, int64_t open, int64_t limit)
{
    pace->debt -= 1.0 / pace->window;
    if (pace->debt < 0.0)
        pace->debt = 0.0;
    if (open < site_pace_window(pace, limit) || pace->window >= (double)limit)
        return; /* not all of them are used: this proves nothing about more */
    pace->credit += 1.0 / pace->window;
    if (pace->credit < 1.0)
        return;
    pace->window += 1.0;
    pace->credit = 0.0;
}

void site_pace_badly(struct site_pace *pace)
{
    pace->credit = 0.0;
    pace->debt += 1.0 / pace->window;
    if (pace->debt < 1.0)
        return;
    pace->debt = 0.0;
    pace->window -= 1.0;
    if (pace->window < 1.0)
        pace->window = 1.0;
}

int64_t site_pace_window(const struct site_pace *pace, int64_t limit)
{
    int64_t window = (int64_t)pace->window;

    if (limit > 0 && window > limit)
        window = limit;
    return window < 1 ? 1 : window;
}
