/*
 * The configuration: one YAML file read through the table of keys into an immutable snapshot.
 * Every refusal names the file, the line, the key and what is allowed.
 */
#ifndef POSTROOM_APP_CONFIG_CONFIG_H
#define POSTROOM_APP_CONFIG_CONFIG_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"

struct key;

/* Where each value came from. */
struct config_origin {
    int line; /* 0: the default */
};

struct config {
    struct settings settings;
    const char *file;              /* NULL: defaults alone */
    struct config_origin *origins; /* one per row of the key table */
    struct arena arena;
};

/* config_load reads `file`; NULL means ./postroom.yaml when there is one, else the defaults. The
 * result is freed with config_free. */
MUST_USE bool config_load(const char *file, struct config **ret_config, struct error *err);

void config_free(struct config *config);

/* config_derive fills what has no value with what follows from other values, as loading does. */
void config_derive(struct config *config);

/* config_put_value writes the value of a key the way the file would say it. */
void config_put_value(struct buf *to, const struct config *config, const struct key *key);

#endif
