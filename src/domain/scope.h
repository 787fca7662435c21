/*
 * The topics an event concerns, each with its distance: the event's own topic at 0, its parents
 * at 1, and so on. A value of bounded size, nearest first.
 */
#ifndef POSTROOM_DOMAIN_SCOPE_H
#define POSTROOM_DOMAIN_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

enum { SCOPES_LIMIT = 256, SCOPE_DISTANCE_LIMIT = 16 };

struct scope {
    int64_t topic;
    int distance;
};

struct scope_list {
    struct scope at[SCOPES_LIMIT];
    size_t n;
};

/* scope_list_find gives the entry of `topic` or NULL. */
MUST_USE const struct scope *scope_list_find(const struct scope_list *list, int64_t topic);

/* scope_list_add adds `topic`, or brings it nearer when it is there already. Fails when the list
 * is full. */
MUST_USE bool scope_list_add(struct scope_list *list, int64_t topic, int distance,
                             struct error *err);

/* scope_list_sort orders by distance, then topic. */
void scope_list_sort(struct scope_list *list);

#endif
