/*
 * What a webhook may see: nothing that carries a label which it was not given.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_VIEW_H
#define POSTROOM_SERVICES_HOOKS_HOOK_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

struct db;
struct event;
struct outbox_row;

/* hook_view_event tells whether a webhook may see an event, by its label, its topic and thread. */
MUST_USE bool hook_view_event(struct db *db, struct arena *arena, int64_t hook,
                              const struct event *event, bool *ret_may, struct error *err);

/* hook_view_row tells whether it may hear of a change at all: of a watch or a suppression, which
 * is of one topic, only if it may see that one. Events are hook_view_event's. */
MUST_USE bool hook_view_row(struct db *db, struct arena *arena, int64_t hook,
                            const struct outbox_row *row, bool *ret_may, struct error *err);

/* hook_view_cut takes the keys of topics that it may not see out of what change_json gave. */
MUST_USE bool hook_view_cut(struct db *db, struct arena *arena, int64_t hook, json_t *change,
                            struct error *err);

#endif
