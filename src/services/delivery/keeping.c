/*
 * A short array: nobody has many orders at a time, and mostly none.
 */
#include "services/delivery/keeping.h"

static void drop(struct keeping *k, size_t i)
{
    k->at[i] = k->at[--k->n];
}

void keeping_take(struct keeping *k, const struct dialogue_keep *keep)
{
    for (size_t i = 0; i < k->n; i++)
        if (span_equal(span_of(k->at[i].name), keep->name)) {
            k->at[i].until = keep->until;
            return;
        }
    if (k->n == DIALOGUE_KEEPS_MOST || keep->name.n >= KEEPING_NAME_ROOM)
        return;
    span_copy(keep->name, k->at[k->n].name, KEEPING_NAME_ROOM);
    k->at[k->n++].until = keep->until;
}

static bool is_among(const char *name, const struct span *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (names[i].n > 0 && span_equal_nocase(span_of(name), names[i]))
            return true;
    return false;
}

bool keeping_wants(struct keeping *k, const struct span *names, size_t n, int64_t now_ms)
{
    for (size_t i = k->n; i > 0; i--)
        if (k->at[i - 1].until <= now_ms)
            drop(k, i - 1);
    for (size_t i = 0; i < k->n; i++)
        if (is_among(k->at[i].name, names, n))
            return true;
    return false;
}
