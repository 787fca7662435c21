/*
 * The list holds addresses and domains in the forms they are compared in: an entry with an @ is
 * an address.
 */
#include "domain/staging.h"

bool staging_allows(const struct settings *settings, struct span normal, struct span domain)
{
    if (settings->deliver != DELIVER_ONLY)
        return true;
    for (size_t i = 0; i < settings->deliver_only.count; i++) {
        struct span entry = span_of(settings->deliver_only.at[i]);

        if (span_equal(entry, span_index(entry, '@') < entry.n ? normal : domain))
            return true;
    }
    return false;
}

const char *staging_domain(const struct settings *settings, const char *domain)
{
    return settings->deliver == DELIVER_REDIRECT ? settings->deliver_redirect_domain : domain;
}
