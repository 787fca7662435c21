/*
 * Where a try went, in texts for the record.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_MAILING_WAY_H
#define POSTROOM_SERVICES_DELIVERY_MAILING_WAY_H

#include "base/ip.h"
#include "io/tls.h"

struct mailing_way {
    char host[256];
    char site[256]; /* key of the host's */
    char ip[64];
    char source[64]; /* "" when it was not connected */
    char tls[256];   /* "" in the clear */
};

/* mailing_way_set fills it; `source` of version 0 and NULL facts leave their texts empty. */
void mailing_way_set(struct mailing_way *way, const char *site, const char *host,
                     const struct ip *ip, const struct ip *source, const struct tls_facts *tls);

#endif
