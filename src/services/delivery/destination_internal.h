/*
 * Recipient domains (destination.c): which hosts the DNS names for one, and when it is left alone.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_DESTINATION_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_DESTINATION_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/span.h"
#include "base/table.h"
#include "services/delivery/engine_internal.h"

struct destination_lookup;
struct mx_plan;
struct site_queue;

struct destination {
    struct table_node by_name;
    struct list link; /* all of them */
    struct delivery_engine *engine;
    char *name;
    struct list lanes;

    struct destination_lookup *lookup; /* a question to the DNS under way */
    struct mx_plan *plan;              /* NULL: to be asked for */
    int64_t plan_until;                /* monotonic */
    struct site_queue *site;
    struct list site_link; /* in the site's `destinations` */

    int64_t absent_since; /* monotonic; the DNS has nothing of it since then; 0: it has */
    int64_t failures;     /* lookups in a row that failed */
    int64_t asleep_until; /* UTC; the DNS fails */
    int64_t paused_until; /* UTC; by the operator */
    bool is_noted;        /* the store says that it sleeps */

    int64_t stopped_until[STREAMS]; /* UTC; a block of this domain's */
};

/* destination_get finds or makes one; destination_find gives NULL for one that is not in memory. */
MUST_USE struct destination *destination_find(const struct delivery_engine *e, struct span name);
MUST_USE struct destination *destination_get(struct delivery_engine *e, struct span name);

/* destination_wakes gives until when it is left alone (UTC), 0 when it is awake. */
MUST_USE int64_t destination_wakes(const struct destination *to);

/* destination_serve gets what is ready on its way: to the site, or to the DNS first. */
void destination_serve(struct destination *to);

/* destination_ask asks the DNS anew, for a plan that is too old to connect by. */
void destination_ask(struct destination *to);
MUST_USE bool destination_has_plan(const struct destination *to);

/* destination_rest forgets what is ready and plans its lanes anew: it sleeps now, or its site. */
void destination_rest(struct destination *to);

/* destination_rouse ends its sleep, and that of its site: somebody wants it tried now. */
void destination_rouse(struct destination *to);

/* destination_pause keeps its mail back until then (UTC), 0 lets it go on, blocked or not;
 * destination_recheck ends its sleep and asks the DNS anew. */
void destination_pause(struct delivery_engine *e, struct span name, int64_t until);
void destination_recheck(struct delivery_engine *e, struct span name);

/* destination_look_idle frees it when nothing is known of it that the store would not tell. */
void destination_look_idle(struct destination *to);
void destination_free(struct destination *to);

#endif
