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

struct zone_key {
    const char *name;
    enum dns_type type;
};

static bool same_key(const struct table_node *node, const void *key)
{
    const struct zone_entry *entry = CONTAINER_OF(node, const struct zone_entry, by_name);
    const struct zone_key *wanted = key;

    return entry->type == wanted->type && strcmp(entry->name, wanted->name) == 0;
}

static struct zone_entry *find(const char *name, enum dns_type type)
{
    const struct zone_key key = { name, type };
    struct table_node *node = table_find(&world()->zone, table_hash(span_of(name)), same_key, &key);

    return node == NULL ? NULL : CONTAINER_OF(node, struct zone_entry, by_name);
}

static struct zone_entry *obtain(const char *name, enum dns_type type)
{
    struct zone_entry *entry = find(name, type);

    if (entry != NULL)
        return entry;
    entry = NEW(struct zone_entry);
    entry->name = alloc_text(name);
    entry->type = type;
    entry->ttl_s = TTL_S;
    entry->delay_ms = -1;
    table_put(&world()->zone, &entry->by_name, table_hash(span_of(name)));
    return entry;
}

void dns_zone_free(struct simulation *sim)
{
    for (size_t i = 0; i < sim->zone.room; i++) {
        struct table_node *node = sim->zone.buckets[i];

        while (node != NULL) {
            struct zone_entry *entry = CONTAINER_OF(node, struct zone_entry, by_name);

            node = node->next;
            alloc_free(entry->name);
            alloc_free(entry->text);
            alloc_free(entry);
        }
    }
    table_fini(&sim->zone);
}

void sim_dns_set(struct simulation *sim, const char *name, enum dns_type type, const char *text)
{
    struct zone_entry *entry = obtain(name, type);

    (void)sim;
    alloc_free(entry->text);
    entry->text = alloc_text(*text != '\0' ? text : "nodata");
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

static bool exists_with(const struct table_node *node, const void *name)
{
    const struct zone_entry *entry = CONTAINER_OF(node, const struct zone_entry, by_name);

    return strcmp(entry->name, name) == 0 && entry->text != NULL &&
           strcmp(entry->text, "nxdomain") != 0;
}

static bool exists(const char *name)
{
    return table_find(&world()->zone, table_hash(span_of(name)), exists_with, name) != NULL;
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
    else if (entry != NULL && entry->text != NULL)
        read_entry(&answer, entry);
    else if (exists(name))
        answer.status = DNS_NODATA;
    if (dns_answer_is_soft(&answer))
        (void)snprintf(answer.problem, sizeof(answer.problem), "so the zone says");
    return answer;
}
