/*
 * Names of what people's status can be.
 */
#include "domain/person_status.h"

static const char *const names[] = {
    [PERSON_ACTIVE] = "active",
    [PERSON_INACTIVE] = "inactive",
    [PERSON_SUSPENDED] = "suspended",
};

const char *person_status_name(enum person_status status)
{
    return names[status];
}

bool person_status_find(struct span name, enum person_status *ret_status)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (span_equal(name, span_of(names[i]))) {
            *ret_status = (enum person_status)i;
            return true;
        }
    return false;
}
