/*
 * The shipped table of large providers: limits by the names of their MX hosts. Data, not code:
 * data/providers.txt.
 */
#ifndef POSTROOM_DOMAIN_PROVIDER_TABLE_H
#define POSTROOM_DOMAIN_PROVIDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/site_limits.h"

struct provider {
    struct span name; /* borrowed from the text */
    struct span suffixes;
    struct limit_set limits;
};

struct provider_table {
    struct provider *at; /* heap */
    size_t n;
};

/* provider_table_read reads a table's text, which outlives it; the error names the line.
 * provider_table_shipped reads the one that is built in. */
MUST_USE bool provider_table_read(struct span text, struct provider_table *ret_table,
                                  struct error *err);
void provider_table_shipped(struct provider_table *ret_table);
void provider_table_fini(struct provider_table *table);

/* provider_table_find gives the provider of a host name in lower case, NULL when it is none. */
MUST_USE const struct provider *provider_table_find(const struct provider_table *table,
                                                    struct span host);

#endif
