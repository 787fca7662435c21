/*
 * Each try on the heap: the hosts of a mail seldom fail.
 */
#include "services/delivery/host_tries.h"

#include "base/alloc.h"
#include "services/delivery/outcome_policy.h"

static bool says_more(const struct host_try *latest, const struct host_try *best)
{
    if (latest->is_idle != best->is_idle)
        return best->is_idle;
    return !outcome_outlasts(&best->outcome, &latest->outcome);
}

void host_tries_add(struct host_tries *tries, const struct host_try *one)
{
    if (tries->n == HOST_TRIES_MOST)
        return;
    tries->at[tries->n] = NEW(struct host_try);
    *tries->at[tries->n] = *one;
    if (tries->n == 0 || says_more(one, tries->at[tries->best]))
        tries->best = tries->n;
    tries->n++;
}

bool host_tries_take_best(struct host_tries *tries, struct host_try *ret_best)
{
    struct host_try *best = tries->at[tries->best];

    if (tries->n == 0)
        return false;
    *ret_best = *best;
    tries->n--;
    for (size_t i = tries->best; i < tries->n; i++)
        tries->at[i] = tries->at[i + 1];
    tries->best = 0;
    alloc_free(best);
    return true;
}

void host_tries_clear(struct host_tries *tries)
{
    for (size_t i = 0; i < tries->n; i++)
        alloc_free(tries->at[i]);
    tries->n = 0;
    tries->best = 0;
}
