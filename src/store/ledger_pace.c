/*
 * Two windows of time: the one at hand has just begun as often as not, so the one before it counts
 * too.
 */
#include "store/ledger_pace.h"

enum { WINDOW_MS = 16, DENSE_JOBS = 3 * WINDOW_MS };

void ledger_pace_note(struct ledger_pace *pace, int64_t now_ms)
{
    int64_t window = now_ms / WINDOW_MS;

    if (window != pace->window) {
        pace->before = window == pace->window + 1 ? pace->jobs : 0;
        pace->jobs = 0;
        pace->window = window;
    }
    pace->jobs++;
}

bool ledger_pace_is_dense(const struct ledger_pace *pace, int64_t now_ms)
{
    int64_t ago = now_ms / WINDOW_MS - pace->window;

    if (ago == 0)
        return pace->jobs >= DENSE_JOBS || pace->before >= DENSE_JOBS;
    return ago == 1 && pace->jobs >= DENSE_JOBS;
}
