/*
 * A watch as answers show it.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_WATCH_JSON_H
#define POSTROOM_SERVICES_DIRECTORY_WATCH_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;
struct watch;

/* watch_json_put sets all but person and topic. */
MUST_USE bool watch_json_put(json_t *object, struct db *db, const struct watch *watch,
                             struct error *err);

#endif
