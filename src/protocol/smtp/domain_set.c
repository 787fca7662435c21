/*
 * A few names, looked through one by one. Letters are compared without regard to case.
 */
#include "protocol/smtp/domain_set.h"

#include "base/alloc.h"

bool smtp_domain_set_admit(struct smtp_domain_set *set, struct span address, uint32_t most)
{
    struct span domain = span_rest(address, span_last_index(address, '@') + 1);

    if (most == 0)
        return true;
    for (size_t i = 0; i < set->n; i++)
        if (span_equal_nocase(span_of(set->names[i]), domain))
            return true;
    if (set->n >= most || set->n == SMTP_DOMAIN_SET_MOST)
        return false;
    set->names[set->n] = alloc_zeroed(domain.n + 1);
    span_copy(domain, set->names[set->n++], domain.n + 1);
    return true;
}

void smtp_domain_set_fini(struct smtp_domain_set *set)
{
    while (set->n > 0)
        alloc_free(set->names[--set->n]);
}
