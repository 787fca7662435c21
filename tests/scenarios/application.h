/*
 * An application beside the daemon, in a process of its own: a database that holds an inbox, and
 * transactions that leave rows in it. It keeps the rollback journal that SQLite starts with.
 */
#ifndef POSTROOM_TESTS_SCENARIOS_APPLICATION_H
#define POSTROOM_TESTS_SCENARIOS_APPLICATION_H

#include <stdbool.h>

#include "base/compiler.h"
#include "tests/scenarios/road.h"

/* application_begin makes the database and lets the daemon know of it, before road_start. */
void application_begin(struct road *r);

/* application_insert leaves an event, its JSON written with ' for ", and commits; false when the
 * power is gone, and then only the disk knows. application_has tells whether it is there. */
MUST_USE bool application_insert(struct road *r, const char *event);
MUST_USE bool application_has(struct road *r, const char *event);

#endif
