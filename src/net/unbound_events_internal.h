/*
 * libunbound's event table on a loop of ours.
 */
#ifndef POSTROOM_NET_UNBOUND_EVENTS_INTERNAL_H
#define POSTROOM_NET_UNBOUND_EVENTS_INTERNAL_H

#include "base/compiler.h"

struct loop;
struct ub_event_base;

/* unbound_events_new makes an event base on `loop` for ub_ctx_create_ub_event; it is freed with
 * unbound_events_free after the context. */
MUST_USE struct ub_event_base *unbound_events_new(struct loop *loop);
void unbound_events_free(struct ub_event_base *base);

#endif
