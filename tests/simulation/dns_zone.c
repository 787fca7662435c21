/*
 * A zone in memory.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "tests/simulation/dns_zone_internal.h"
#include "tests/simulation/world_internal.h"

enum { TTL_S = 300, ALIASES_MOST = 8 };

static struct zone_entry *find(const char *name, enum dns_type type)
{
    LIST_EACH (&world()->zone, link) {
        struct zone_entry *entry = CONTAINER_OF(link, struct zone_entry, link);

        if (entry->type == type && strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

static struct zone_entry *obtain(const char *name, enum dns_type type)
{
    struct zone_entry *entry = find(name, type);

    if (entry != NULL)
        return entry;
    entry = NEW(struct zone_entry);
    (void)snprintf(entry->name, sizeof(entry->name), "%s", name);
    entry->type = type;
    entry->ttl_s = TTL_S;
    entry->delay_ms = -1;
    list_append(&world()->zone, &entry->link);
    return entry;
}

void dns_zone_free(struct simulation *sim)
{
    LIST_EACH (&sim->zone, link) {
        list_remove(link);
        alloc_free(CONTAINER_OF(link, struct zone_entry, link));
    }
}

void sim_dns_set(struct simulation *sim, const char *name, enum dns_type type, const char *text)
{
    struct zone_entry *entry = obtain(name, type);
    int n = snprintf(entry->text, sizeof(entry->text), "%s", *text != '\0' ? text : "nodata");

    (void)sim;
    assert(n < (int)sizeof(entry->text));
    (void)n;
}

enum { TYPE_CNAME = 5 };

void sim_dns_alias(struct simulation *sim, const char *name, const char *target)
{
    sim_dns_set(sim, name, (enum dns_type)TYPE_CNAME, target);
}

void sim_dns_ttl(struct simulation *sim, const char *name, enum dns_type type, uint32_t seconds)
{
    (void)sim;
    obtain(name, type)->ttl_s = seconds;
}

void sim_dns_delay(struct simulation *sim, const char *name, enum dns_type type, int64_t ms)
{
    (void)sim;
    obtain(name, type)->delay_ms = ms;
}

unsigned sim_dns_asked(const struct simulation *sim, const char *name, enum dns_type type)
{
    const struct zone_entry *entry = find(name, type);

    (void)sim;
    return entry != NULL ? entry->asked : 0;
}

struct zone_entry *dns_zone_ask(const char *name, enum dns_type type)
{
    struct zone_entry *entry = obtain(name, type);

    entry->asked++;
    return entry;
}

static bool exists(const char *name)
{
    LIST_EACH (&world()->zone, link) {
        struct zone_entry *entry = CONTAINER_OF(link, struct zone_entry, link);

        if (strcmp(entry->name, name) == 0 && entry->text[0] != '\0' &&
            strcmp(entry->text, "nxdomain") != 0)
            return true;
    }
    return false;
}

static void read_mx(struct span text, struct dns_record *record)
{
    struct span preference = span_take_until(&text, ' ');
    struct span name = span_trim(text);
    int64_t number = 0;
    bool good = text_to_integer(preference, 0, UINT16_MAX, &number);

    assert(good && name.n > 0);
    (void)good;
    record->preference = (uint16_t)number;
    if (!span_equal(name, SPAN(".")))
        (void)snprintf(record->name, sizeof(record->name), "%.*s", SPAN_ARGS(name));
}

static void read_records(struct dns_answer *answer, const struct zone_entry *entry)
{
    struct span rest = span_of(entry->text);

    answer->status = DNS_OK;
    answer->records = alloc_array(DNS_RECORDS_LIMIT, sizeof(struct dns_record));
    while (rest.n > 0 && answer->count < DNS_RECORDS_LIMIT) {
        struct span text = span_trim(span_take_until(&rest, ','));
        struct dns_record *record = &answer->records[answer->count++];

        if (entry->type == DNS_MX) {
            read_mx(text, record);
        } else {
            bool good = ip_parse(text, &record->ip);

            assert(good);
            (void)good;
        }
    }
}

static void read_entry(struct dns_answer *answer, const struct zone_entry *entry)
{
    answer->ttl_s = entry->ttl_s;
    for (int status = DNS_NODATA; status <= DNS_TIMEOUT; status++)
        if (strcmp(entry->text, dns_status_name((enum dns_status)status)) == 0) {
            answer->status = (enum dns_status)status;
            return;
        }
    read_records(answer, entry);
}

struct dns_answer dns_zone_answer(const char *name, enum dns_type type)
{
    struct dns_answer answer = { .status = DNS_NXDOMAIN, .ttl_s = TTL_S };
    const struct zone_entry *alias = NULL;
    const struct zone_entry *entry;

    for (int i = 0; i < ALIASES_MOST; i++) {
        alias = find(name, (enum dns_type)TYPE_CNAME);
        if (alias == NULL)
            break;
        name = alias->text;
    }
    (void)snprintf(answer.canonical, sizeof(answer.canonical), "%s", name);
    entry = find(name, type);
    if (alias != NULL)
        answer.status = DNS_SERVFAIL; /* a loop */
    else if (entry != NULL && entry->text[0] != '\0')
        read_entry(&answer, entry);
    else if (exists(name))
        answer.status = DNS_NODATA;
    if (dns_answer_is_soft(&answer))
        (void)snprintf(answer.problem, sizeof(answer.problem), "so the zone says");
    return answer;
}
