/*
 * Entries in a table by address and in a list by age. Each trouble of an entry has its own time and
 * its own count; a count that was not added to for long starts anew. What to make of the marks is
 * the business of host_order.
 */
#include "services/delivery/host_memory.h"

#include "base/alloc.h"
#include "base/list.h"
#include "base/table.h"

#define MINUTES(n) ((n)*INT64_C(60000))
#define HOURS(n) ((n)*INT64_C(3600000))

enum {
    STEPS = 5,
    JITTER_PERCENT = 20,
};

/* How long a probe may keep a host to itself: a connection that is not made and a greeting that
 * does not come, within what settings usually allow. */
#define PROBE_MS MINUTES(6)

/* A count is forgotten so long after its time. */
#define FORGET_MS HOURS(2)

/* clang-format off */
static const int64_t patience[HOST_TROUBLES][STEPS] = {
    [HOST_DOWN]            = { MINUTES(1), MINUTES(3), MINUTES(8), MINUTES(15), MINUTES(30) },
    [HOST_TLS_BROKEN]      = { MINUTES(30), HOURS(1), HOURS(2), HOURS(6), HOURS(12) },
    [HOST_CHUNKING_BROKEN] = { HOURS(24), HOURS(24), HOURS(24), HOURS(24), HOURS(24) },
    [HOST_GROUPS_BROKEN]   = { HOURS(1), HOURS(6), HOURS(24), HOURS(24), HOURS(24) },
};
/* clang-format on */

struct host_entry {
    struct table_node by_ip;
    struct list by_age; /* the one heard of last is the last one */
    struct ip ip;
    struct {
        int64_t until; /* monotonic; 0: never had it */
        int count;     /* in a row */
    } of[HOST_TROUBLES];
    bool is_probed; /* one that was down is being tried again */
};

struct host_memory {
    struct table by_ip;
    struct list by_age;
};

struct host_memory *host_memory_new(void)
{
    struct host_memory *memory = NEW(struct host_memory);

    table_init(&memory->by_ip);
    list_init(&memory->by_age);
    return memory;
}

static struct host_entry *entry_of(struct list *by_age)
{
    return CONTAINER_OF(by_age, struct host_entry, by_age);
}

static void forget(struct host_memory *memory, struct host_entry *entry)
{
    table_remove(&memory->by_ip, &entry->by_ip);
    list_remove(&entry->by_age);
    alloc_free(entry);
}

void host_memory_free(struct host_memory *memory)
{
    while (!list_empty(&memory->by_age))
        forget(memory, entry_of(list_first(&memory->by_age)));
    table_fini(&memory->by_ip);
    alloc_free(memory);
}

static bool same_ip(const struct table_node *node, const void *key)
{
    return ip_equal(&CONTAINER_OF(node, const struct host_entry, by_ip)->ip, key);
}

static uint64_t hash_of(const struct ip *ip)
{
    return table_hash((struct span){ (const char *)ip->bytes, sizeof ip->bytes });
}

static struct host_entry *find(const struct host_memory *memory, const struct ip *ip)
{
    struct table_node *node = table_find(&memory->by_ip, hash_of(ip), same_ip, ip);

    return node == NULL ? NULL : CONTAINER_OF(node, struct host_entry, by_ip);
}

static struct host_entry *find_or_make(struct host_memory *memory, const struct ip *ip)
{
    struct host_entry *entry = find(memory, ip);

    if (entry == NULL) {
        if (memory->by_ip.n >= HOST_MEMORY_MOST)
            forget(memory, entry_of(list_first(&memory->by_age)));
        entry = NEW(struct host_entry);
        entry->ip = *ip;
        list_init(&entry->by_age);
        table_put(&memory->by_ip, &entry->by_ip, hash_of(ip));
    }
    list_remove(&entry->by_age);
    list_append(&memory->by_age, &entry->by_age);
    return entry;
}

/* What several connections find out at the same time is one finding. */
int64_t host_memory_note(struct host_memory *memory, const struct ip *ip, enum host_trouble trouble,
                         int64_t now_ms, struct random *chance)
{
    struct host_entry *entry = find_or_make(memory, ip);
    bool was_probed = trouble == HOST_DOWN && entry->is_probed;
    int64_t *until = &entry->of[trouble].until;
    int *count = &entry->of[trouble].count;
    int64_t wait;

    if (*count > 0 && now_ms > *until + FORGET_MS)
        *count = 0;
    if (*count == 0 || now_ms >= *until || was_probed)
        (*count)++;
    wait = random_jitter(chance, patience[trouble][*count < STEPS ? *count - 1 : STEPS - 1],
                         JITTER_PERCENT);
    if (was_probed || *until < now_ms + wait)
        *until = now_ms + wait;
    if (was_probed)
        entry->is_probed = false;
    return *until - now_ms;
}

static bool is_blank(const struct host_entry *entry)
{
    for (int trouble = 0; trouble < HOST_TROUBLES; trouble++)
        if (entry->of[trouble].count != 0)
            return false;
    return true;
}

bool host_memory_note_well(struct host_memory *memory, const struct ip *ip)
{
    struct host_entry *entry = find(memory, ip);
    bool was_down;

    if (entry == NULL)
        return false;
    was_down = entry->of[HOST_DOWN].count > 0;
    entry->of[HOST_DOWN].count = 0;
    entry->of[HOST_DOWN].until = 0;
    entry->is_probed = false;
    if (is_blank(entry))
        forget(memory, entry);
    return was_down;
}

struct host_marks host_memory_marks(const struct host_memory *memory, const struct ip *ip,
                                    int64_t now_ms)
{
    const struct host_entry *entry = find(memory, ip);
    struct host_marks marks = { { false } };

    if (entry == NULL)
        return marks;
    for (int trouble = 0; trouble < HOST_TROUBLES; trouble++)
        marks.has[trouble] = now_ms < entry->of[trouble].until;
    marks.has[HOST_DOWN] =
        entry->of[HOST_DOWN].count > 0 && now_ms < entry->of[HOST_DOWN].until + FORGET_MS;
    return marks;
}

bool host_memory_probe(struct host_memory *memory, const struct ip *ip, int64_t now_ms)
{
    struct host_entry *entry = find(memory, ip);

    if (entry == NULL || entry->of[HOST_DOWN].count == 0 || now_ms < entry->of[HOST_DOWN].until)
        return false;
    entry->is_probed = true;
    entry->of[HOST_DOWN].until = now_ms + PROBE_MS;
    return true;
}

size_t host_memory_count(const struct host_memory *memory)
{
    return memory->by_ip.n;
}
