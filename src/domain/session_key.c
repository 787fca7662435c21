/*
 * A comparison, asked for each mail that is handed to a connection: the texts are mostly the same
 * ones.
 */
#include "domain/session_key.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

static bool same_source(const struct ip *a, const struct ip *b)
{
    return a->version == b->version && (a->version == 0 || ip_equal(a, b));
}

bool session_key_serves(const struct session_key *made, const struct session_key *wanted)
{
    return made->tls >= wanted->tls && same_text(made->hosts, wanted->hosts) &&
           same_text(made->identity, wanted->identity) &&
           same_source(&made->source_v4, &wanted->source_v4) &&
           same_source(&made->source_v6, &wanted->source_v6);
}
