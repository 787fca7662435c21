/*
 * Addresses and TLS as people read them in `trace`.
 */
#include "services/delivery/mailing_way.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"

static void put_ip(const struct ip *ip, char *to, size_t size)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 64);
    if (ip->version != 0)
        ip_put(&text, ip);
    span_copy(buf_view(&text), to, size);
}

static void put_tls(const struct tls_facts *facts, char *to, size_t size)
{
    if (facts == NULL)
        to[0] = '\0';
    else
        (void)snprintf(to, size, "%s %s%s, certificate %s%s", facts->version, facts->cipher,
                       facts->resumed ? ", resumed" : "",
                       facts->verified ? "good" : "not verified: ", facts->problem);
}

void mailing_way_set(struct mailing_way *way, const char *site, const char *host,
                     const struct ip *ip, const struct ip *source, const struct tls_facts *tls)
{
    span_copy(span_of(site), way->site, sizeof way->site);
    span_copy(span_of(host), way->host, sizeof way->host);
    put_ip(ip, way->ip, sizeof way->ip);
    put_ip(source, way->source, sizeof way->source);
    put_tls(tls, way->tls, sizeof way->tls);
}
