/*
 * Names of kinds of changes.
 */
#include "domain/change.h"

static const struct {
    enum change_kind kind;
    const char *name;
} kinds[] = {
    { CHANGE_EVENT, "event" },
    { CHANGE_DELIVERY, "delivery" },
    { CHANGE_SUPPRESSION, "suppression" },
    { CHANGE_WATCH, "watch" },
};

const char *change_kind_name(enum change_kind kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "unknown";
}

int64_t change_kind_find(struct span name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (span_equal(name, span_of(kinds[i].name)))
            return kinds[i].kind;
    return 0;
}
