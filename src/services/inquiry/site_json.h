/*
 * What holds at a site, in an answer.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_SITE_JSON_H
#define POSTROOM_SERVICES_INQUIRY_SITE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/inquiry/site_bounds.h"

struct db;

/* site_json_put_limits sets "limits": [{"limit", "value", "by", "since", "until", "holds",
 * "text"}], of each kind first the one that holds. */
void site_json_put_limits(json_t *answer, const struct site_bounds *bounds, int64_t now_ms);

/* site_json_put_stops sets "paused": {"by", "since", "text"} and "stops": [{"stream", "by",
 * "since", "until", "text"}]. */
MUST_USE bool site_json_put_stops(struct db *db, json_t *answer, struct span key, int64_t now_ms,
                                  struct error *err);

/* site_json_put_hosts sets "host_troubles": [{"ip", "trouble", "since", "until", "text"}]: what the
 * daemon remembers of single hosts; nothing when there is none. */
MUST_USE bool site_json_put_hosts(struct db *db, json_t *answer, struct span key, int64_t now_ms,
                                  struct error *err);

#endif
