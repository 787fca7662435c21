/*
 * From the MX answer to the hosts whose addresses are asked for.
 */
#include "domain/mx_hosts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum { PREFERENCE_NONE = UINT16_MAX + 1 };

void mx_finding_set(struct mx_finding *finding, enum mx_verdict verdict, const char *status,
                    const char *format, ...)
{
    va_list args;

    finding->verdict = verdict;
    (void)snprintf(finding->status, sizeof(finding->status), "%s", status);
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, args);
    va_end(args);
}

void mx_finding_set_soft(struct mx_finding *finding, const char *what, const char *name,
                         const struct dns_answer *answer)
{
    bool explained = answer->problem[0] != '\0';

    mx_finding_set(finding, MX_DEFERRED, "4.4.3", "looking up %s of %s: %s%s%s%s", what, name,
                   dns_status_name(answer->status), explained ? " (" : "", answer->problem,
                   explained ? ")" : "");
}

static bool is_own_name(const struct mx_rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->own_name_count; i++)
        if (strcmp(rules->own_names[i], name) == 0)
            return true;
    return false;
}

static bool is_ip(const char *name)
{
    struct ip ip;

    return ip_parse(span_of(name), &ip);
}

static int by_name_and_preference(const void *a, const void *b)
{
    const struct dns_record *one = *(const struct dns_record *const *)a;
    const struct dns_record *other = *(const struct dns_record *const *)b;
    int order = strcmp(one->name, other->name);

    return order != 0 ? order : (int)one->preference - (int)other->preference;
}

/* Collects the records that name a host, in order of names, each host once with its best
 * preference. An address where a name belongs is passed over (RFC 1035 allows names alone). */
static size_t collect(const struct dns_answer *mx, const struct dns_record **ret_records)
{
    size_t kept = 0;
    size_t n = 0;

    for (size_t i = 0; i < mx->count && n < DNS_RECORDS_LIMIT; i++)
        if (mx->records[i].name[0] != '\0' && !is_ip(mx->records[i].name))
            ret_records[n++] = &mx->records[i];
    // cppcheck-suppress uninitvar ; the loop above has set the first n
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is sorted */
    qsort(ret_records, n, sizeof(*ret_records), by_name_and_preference);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(ret_records[kept - 1]->name, ret_records[i]->name) != 0)
            ret_records[kept++] = ret_records[i];
    return kept;
}

/* FNV-1a: spreads, does not resist an enemy; he could list the same hosts as well. */
static uint64_t digest_of(struct span bytes)
{
    uint64_t digest = 0xcbf29ce484222325U;

    for (size_t i = 0; i < bytes.n; i++)
        digest = (digest ^ (unsigned char)bytes.at[i]) * 0x100000001b3U;
    return digest;
}

/* The names joined; when that is too long, its beginning and a digest of the whole. */
static void put_site_key(const struct dns_record *const *records, size_t n, char *ret_key)
{
    CLEANUP(buf_fini) struct buf key;

    buf_init(&key, DNS_RECORDS_LIMIT * sizeof(records[0]->name));
    for (size_t i = 0; i < n; i++)
        buf_printf(&key, "%s%s", i > 0 ? "," : "", records[i]->name);
    if (key.n > MX_SITE_KEY_MOST) {
        uint64_t digest = digest_of(buf_view(&key));

        buf_cut(&key, MX_SITE_KEY_MOST - 17);
        buf_printf(&key, "~%016" PRIx64, digest);
    }
    memcpy(ret_key, buf_text(&key), key.n + 1);
}

/* Sorts by preference, equal ones at random. */
static void order_records(const struct dns_record **records, size_t n, struct random *random)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = random_below(random, i);
        const struct dns_record *kept = records[i - 1];

        records[i - 1] = records[other];
        records[other] = kept;
    }
    for (size_t i = 1; i < n; i++) {
        const struct dns_record *record = records[i];
        size_t at = i;

        for (; at > 0 && records[at - 1]->preference > record->preference; at--)
            records[at] = records[at - 1];
        records[at] = record;
    }
}

static void add_host(struct mx_hosts *hosts, const char *name, uint16_t preference)
{
    struct mx_host *host = &hosts->host[hosts->count++];

    (void)snprintf(host->name, sizeof(host->name), "%s", name);
    host->preference = preference;
}

static void take_hosts(struct mx_hosts *hosts, const struct dns_record *const *records, size_t n,
                       const struct mx_rules *rules)
{
    unsigned ours = PREFERENCE_NONE;

    for (size_t i = 0; i < n; i++)
        if (records[i]->preference < ours && is_own_name(rules, records[i]->name))
            ours = records[i]->preference;
    for (size_t i = 0; i < n && hosts->count < MX_HOSTS_MOST; i++)
        if (records[i]->preference < ours)
            add_host(hosts, records[i]->name, records[i]->preference);
    hosts->cut_at_us = ours != PREFERENCE_NONE;
}

static void read_records(const char *domain, const struct dns_answer *mx,
                         const struct mx_rules *rules, struct random *random,
                         struct mx_hosts *hosts)
{
    const struct dns_record *records[DNS_RECORDS_LIMIT];
    size_t n = collect(mx, records);
    bool all_null = true;

    for (size_t i = 0; i < mx->count; i++)
        all_null = all_null && mx->records[i].name[0] == '\0';
    if (all_null) {
        mx_finding_set(&hosts->finding, MX_FAILED, "5.1.10", "%s accepts no mail (null MX)",
                       domain);
        return;
    }
    if (n == 0) {
        mx_finding_set(&hosts->finding, MX_FAILED, "5.4.4", "the MX records of %s name no host",
                       domain);
        return;
    }
    put_site_key(records, n, hosts->site_key);
    order_records(records, n, random);
    take_hosts(hosts, records, n, rules);
    if (hosts->count == 0)
        mx_finding_set(&hosts->finding, MX_FAILED, "5.4.6",
                       "we are the best mail host of %s ourselves", domain);
}

/* Without MX records the domain itself is its only host. */
static void take_domain(const char *domain, const struct mx_rules *rules, struct mx_hosts *hosts)
{
    if (is_own_name(rules, domain))
        mx_finding_set(&hosts->finding, MX_FAILED, "5.4.6", "we are %s ourselves", domain);
    else
        add_host(hosts, domain, 0);
}

static void set_no_domain(const char *domain, struct mx_finding *finding)
{
    mx_finding_set(finding, MX_FAILED, "5.1.2", "the domain %s does not exist", domain);
    finding->is_absence = true;
}

void mx_hosts_find(const char *domain, const struct dns_answer *mx, const struct mx_rules *rules,
                   struct random *random, struct mx_hosts *ret_hosts)
{
    *ret_hosts = (struct mx_hosts){ .finding = { .verdict = MX_TRY } };
    (void)snprintf(ret_hosts->site_key, sizeof(ret_hosts->site_key), "%s", domain);
    if (dns_answer_is_soft(mx))
        mx_finding_set_soft(&ret_hosts->finding, "the MX", domain, mx);
    else if (mx->status == DNS_NXDOMAIN)
        set_no_domain(domain, &ret_hosts->finding);
    else if (mx->status == DNS_NODATA || mx->count == 0)
        take_domain(domain, rules, ret_hosts);
    else
        read_records(domain, mx, rules, random, ret_hosts);
}
