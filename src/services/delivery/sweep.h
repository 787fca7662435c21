/*
 * The sweep: ends what is past its deadline wherever it waits, and drops dialogues whose time is
 * over. On the dispatcher's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SWEEP_H
#define POSTROOM_SERVICES_DELIVERY_SWEEP_H

#include "base/compiler.h"

struct delivery_engine;
struct sweep;

/* sweep_new makes one that rests; sweep_free is for one that was stopped and waits for no answer
 * (the engine's job_n counts it). */
MUST_USE struct sweep *sweep_new(struct delivery_engine *e);
void sweep_free(struct sweep *sweep);

/* sweep_start lets it look within a second, and from then on when there is something to find, at
 * least once a minute; sweep_stop ends that. */
void sweep_start(struct sweep *sweep);
void sweep_stop(struct sweep *sweep);

/* sweep_hurry says that there may be something new with a deadline: it looks within a second. */
void sweep_hurry(struct sweep *sweep);

#endif
