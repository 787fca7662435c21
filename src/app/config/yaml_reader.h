/*
 * A YAML file flattened into dotted keys with their lines: "smtp:\n  port: 25" gives smtp.port.
 */
#ifndef POSTROOM_APP_CONFIG_YAML_READER_H
#define POSTROOM_APP_CONFIG_YAML_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct yaml_entry {
    const char *name; /* dotted; borrowed for the call */
    int line;         /* from 1 */
    const struct span *values;
    size_t count;
    bool is_list; /* else there is one value */
};

/* yaml_read calls `take` for each entry in file order; a false from it ends the reading. Only
 * mappings, lists of scalars and scalars are known; tags, anchors and duplicate keys are refused.
 * Errors name the line. */
MUST_USE bool
yaml_read(FILE *file, bool (*take)(void *owner, const struct yaml_entry *entry, struct error *err),
          void *owner, struct error *err);

#endif
