/*
 * The limits of a site as they hold, of every origin: what the store keeps, the shipped table, the
 * settings.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_SITE_BOUNDS_H
#define POSTROOM_SERVICES_INQUIRY_SITE_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/provider_table.h"
#include "domain/settings.h"
#include "domain/site_limits.h"
#include "store/site.h"

struct db;

struct site_bounds {
    struct site_facts facts;
    struct provider_table providers;
    const struct provider *provider; /* NULL: none of the shipped table */
    struct limit_set setting;
    const struct limit_set *by[LIMIT_ORIGINS];
};

/* One limit, by one origin. */
struct site_bound {
    enum site_limit_kind kind;
    enum limit_origin origin;
    int64_t value; /* 0: it says nothing */
    int64_t since; /* 0: always */
    int64_t until; /* 0: for good */
    const char *words;
};

/* site_bounds_read reads them into place: the struct points into itself and does not move. */
MUST_USE bool site_bounds_read(struct db *db, const struct settings *settings, struct span key,
                               struct site_bounds *bounds, struct error *err);
void site_bounds_fini(struct site_bounds *bounds);

/* site_bounds_of gives what one origin says at `now_ms`, site_bounds_binding what holds. */
MUST_USE struct site_bound site_bounds_of(const struct site_bounds *bounds,
                                          enum site_limit_kind kind, enum limit_origin origin,
                                          int64_t now_ms);
MUST_USE struct site_bound site_bounds_binding(const struct site_bounds *bounds,
                                               enum site_limit_kind kind, int64_t now_ms);

#endif
