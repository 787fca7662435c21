/*
 * Reading TZif files, RFC 8536. Of a file's two blocks the second, with 64-bit times, is read.
 * For moments after the last transition of the file the rule of its footer counts (zone_rule.c);
 * without one that can be read they stay as the transition left them.
 */
#include "base/zone.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/zone_rule.h"

enum { HEADER_SIZE = 44, TYPE_SIZE = 6, FILE_MOST = 64 * 1024, NAME_MOST = 80, TYPES_MOST = 256 };

/* No clock on earth is a day away from UTC, and header fields cannot say more. */
enum { OFFSET_BELOW = 24 * 60 * 60 };

struct zone {
    size_t count; /* of transitions */
    int64_t *at;  /* seconds since 1970 */
    unsigned char *type;
    size_t type_count;
    struct zone_type types[TYPES_MOST];
    bool has_rule;
    struct zone_rule rule; /* for what comes after the last transition */
};

/* The counts of a block's header, in the order of the file. */
struct block {
    uint32_t utc_marks;
    uint32_t standard_marks;
    uint32_t leaps;
    uint32_t transitions;
    uint32_t types;
    uint32_t characters;
};

static uint64_t big_endian(const char *at, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static bool read_header(struct span file, struct block *ret)
{
    uint32_t counts[6];

    if (file.n < HEADER_SIZE || !span_starts(file, SPAN("TZif")))
        return false;
    for (size_t i = 0; i < 6; i++) {
        counts[i] = (uint32_t)big_endian(file.at + 20 + 4 * i, 4);
        if (counts[i] > FILE_MOST)
            return false;
    }
    *ret = (struct block){ counts[0], counts[1], counts[2], counts[3], counts[4], counts[5] };
    return true;
}

static size_t block_size(const struct block *b, size_t time_size)
{
    return (size_t)b->transitions * (time_size + 1) + (size_t)b->types * TYPE_SIZE + b->characters +
           (size_t)b->leaps * (time_size + 4) + b->standard_marks + b->utc_marks;
}

static void read_type(struct zone_type *type, const char *at, struct span names)
{
    struct span name = span_rest(names, (unsigned char)at[5]);
    size_t n = span_index(name, '\0');

    type->offset = (int32_t)(uint32_t)big_endian(at, 4);
    if (n >= sizeof(type->name))
        n = sizeof(type->name) - 1;
    if (n > 0)
        memcpy(type->name, name.at, n);
}

static bool fill(struct zone *zone, const struct block *b, struct span body)
{
    const char *types = body.at + (size_t)b->transitions * 9;
    struct span names = { types + (size_t)b->types * TYPE_SIZE, b->characters };

    zone->count = b->transitions;
    zone->type_count = b->types;
    zone->at = alloc_array(zone->count + 1, sizeof(zone->at[0]));
    zone->type = alloc_array(zone->count + 1, 1);
    for (size_t i = 0; i < zone->type_count; i++) {
        read_type(&zone->types[i], types + i * TYPE_SIZE, names);
        if (zone->types[i].offset <= -OFFSET_BELOW || zone->types[i].offset >= OFFSET_BELOW)
            return false;
    }
    for (size_t i = 0; i < zone->count; i++) {
        zone->at[i] = (int64_t)big_endian(body.at + 8 * i, 8);
        zone->type[i] = (unsigned char)body.at[8 * zone->count + i];
        if (zone->type[i] >= zone->type_count)
            return false;
    }
    return true;
}

/* The footer stands between two newlines. */
static void read_rule(struct zone *zone, struct span footer)
{
    size_t n;

    if (footer.n == 0 || footer.at[0] != '\n')
        return;
    footer = span_rest(footer, 1);
    n = span_index(footer, '\n');
    zone->has_rule = n < footer.n && zone_rule_read(span_first(footer, n), &zone->rule);
}

struct zone *zone_read(struct span file)
{
    struct block first;
    struct block second;
    struct zone *zone;

    if (!read_header(file, &first) || file.at[4] < '2')
        return NULL;
    file = span_rest(file, HEADER_SIZE + block_size(&first, 4));
    if (!read_header(file, &second) || second.types == 0 || second.types > TYPES_MOST ||
        file.n < HEADER_SIZE + block_size(&second, 8))
        return NULL;
    zone = NEW(struct zone);
    if (!fill(zone, &second, span_rest(file, HEADER_SIZE))) {
        zone_free(zone);
        return NULL;
    }
    read_rule(zone, span_rest(file, HEADER_SIZE + block_size(&second, 8)));
    return zone;
}

/* Zone names come from people: they may name nothing outside the folder of zones. */
static bool name_is_safe(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '/' || c == '_' || c == '-' || c == '+'))
            return false;
    }
    return name.n > 0 && name.n <= NAME_MOST && name.at[0] != '/';
}

struct zone *zone_open(struct span name)
{
    CLEANUP(buf_fini) struct buf file;
    CLEANUP(cleanup_descriptor) int descriptor = -1;
    char path[NAME_MOST + 32];
    char *room;
    ssize_t n;

    buf_init(&file, FILE_MOST);
    if (!name_is_safe(name))
        return NULL;
    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%.*s", SPAN_ARGS(name));
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    room = buf_reserve(&file, FILE_MOST);
    n = descriptor >= 0 ? read(descriptor, room, FILE_MOST) : -1;
    if (n < 0)
        return NULL;
    buf_advance(&file, (size_t)n);
    return zone_read(buf_view(&file));
}

void zone_free(struct zone *zone)
{
    if (zone == NULL)
        return;
    alloc_free(zone->at);
    alloc_free(zone->type);
    alloc_free(zone);
}

bool zone_known(struct span name)
{
    struct zone *zone = zone_open(name);

    zone_free(zone);
    return zone != NULL;
}

/* Before the first transition the first type counts. */
static const struct zone_type *type_at(const struct zone *zone, int64_t seconds)
{
    size_t low = 0;
    size_t high = zone->count;

    if (zone->has_rule && (high == 0 || zone->at[high - 1] <= seconds))
        return zone_rule_at(&zone->rule, seconds);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return &zone->types[low > 0 ? zone->type[low - 1] : 0];
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* The civil calendar from days since 1970: H. Hinnant's algorithm, eras of 400 years. */
static void set_date(struct zone_moment *m, int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_divide(shifted, 146097);
    int64_t day = shifted - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;

    m->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    m->month = (int)(month < 10 ? month + 3 : month - 9);
    m->year = (int)(year + era * 400 + (m->month <= 2));
}

void zone_moment(const struct zone *zone, int64_t utc_ms, struct zone_moment *ret_moment)
{
    static const struct zone_type utc = { 0, "UTC" };
    const struct zone_type *type;
    int64_t seconds = floor_divide(utc_ms, 1000);
    int64_t local;

    if (seconds < 0 || seconds > INT64_C(253402300799)) /* 1970 to 9999 */
        seconds = 0;
    type = zone != NULL ? type_at(zone, seconds) : &utc;
    local = seconds + type->offset;
    *ret_moment = (struct zone_moment){ .offset_minutes = type->offset / 60 };
    ret_moment->weekday = (int)((floor_divide(local, 86400) % 7 + 11) % 7); /* 1970: a Thursday */
    memcpy(ret_moment->name, type->name, sizeof(type->name));
    set_date(ret_moment, floor_divide(local, 86400));
    local -= floor_divide(local, 86400) * 86400;
    ret_moment->hour = (int)(local / 3600);
    ret_moment->minute = (int)(local / 60 % 60);
}

static int64_t offset_at(const struct zone *zone, int64_t seconds)
{
    return zone != NULL ? type_at(zone, seconds)->offset : 0;
}

/* The moment in (low, high] from which another offset counts than at `low`. */
static int64_t find_change(const struct zone *zone, int64_t low, int64_t high)
{
    int64_t before = offset_at(zone, low);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (offset_at(zone, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

int64_t zone_find(const struct zone *zone, int64_t days, int minute)
{
    int64_t local = days * 86400 + minute * INT64_C(60);
    int64_t early = local - offset_at(zone, local - 86400);
    int64_t late = local - offset_at(zone, local + 86400);

    if (offset_at(zone, early) == local - early)
        return early * 1000;
    if (offset_at(zone, late) == local - late)
        return late * 1000;
    return (late < early ? find_change(zone, late, early) : early) * 1000;
}

int64_t zone_next(const struct zone *zone, int64_t after_ms, int minute)
{
    int64_t seconds = floor_divide(after_ms, 1000);
    int64_t days = floor_divide(seconds + offset_at(zone, seconds), 86400);
    int64_t next = zone_find(zone, days - 1, minute);

    for (int64_t day = days; next <= after_ms; day++)
        next = zone_find(zone, day, minute);
    return next;
}
