/*
 * Time zone files of any bytes: a zone or none, and every moment of it is a date with an offset
 * that a header field can say.
 */
#include <assert.h>
#include <string.h>

#include "base/zone.h"
#include "tests/fuzz/target.h"

static void check_moment(const struct zone *zone, int64_t utc_ms)
{
    struct zone_moment m;

    zone_moment(zone, utc_ms, &m);
    assert(m.month >= 1 && m.month <= 12 && m.day >= 1 && m.day <= 31);
    assert(m.hour >= 0 && m.hour <= 23 && m.minute >= 0 && m.minute <= 59);
    assert(m.offset_minutes > -24 * 60 && m.offset_minutes < 24 * 60);
    assert(strnlen(m.name, sizeof m.name) < sizeof m.name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t moments[] = {
        0, -1, 1790000000000, 1761440400000, 4102444800000, 253402300799000
    };
    struct zone *zone = zone_read((struct span){ (const char *)data, size });

    if (zone == NULL)
        return 0;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        check_moment(zone, moments[i]);
    zone_free(zone);
    return 0;
}
