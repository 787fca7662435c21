/*
 * How a person stands with us.
 */
#ifndef POSTROOM_DOMAIN_PERSON_STATUS_H
#define POSTROOM_DOMAIN_PERSON_STATUS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

/* The numbers are in the store. */
enum person_status {
    PERSON_ACTIVE = 0,
    PERSON_INACTIVE,  /* is told nothing, now or later */
    PERSON_SUSPENDED, /* is told nothing now: it waits, and comes in one summary later */
};

/* person_status_name gives "active", "inactive", "suspended"; person_status_find finds one by its
 * name. */
MUST_USE const char *person_status_name(enum person_status status);
MUST_USE bool person_status_find(struct span name, enum person_status *ret_status);

#endif
