/*
 * The watchdog: every few seconds it looks through a bounded part of the store, on a connection of
 * its own, for what should have moved on and has not: mail being sent that nobody sends, mail due
 * in a lane that is awake and that nobody knows of, mail past its deadline, notices past due. It
 * should never find any; what it finds is a fault of postroom's, which it tells (log, alarm,
 * figure) and sets going again.
 *
 * Belongs to the dispatcher's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_WATCHDOG_H
#define POSTROOM_SERVICES_DELIVERY_WATCHDOG_H

#include "base/compiler.h"

struct delivery_engine;
struct watchdog;

/* How long something may be due before it is overdue. */
enum { WATCHDOG_SLACK_MS = 120000, WATCHDOG_EVERY_MS = 10000 };

/* watchdog_new makes one that rests; watchdog_start lets it look once all lanes that wait are
 * known, until watchdog_stop. */
MUST_USE struct watchdog *watchdog_new(struct delivery_engine *e);
void watchdog_start(struct watchdog *w);
void watchdog_stop(struct watchdog *w);
void watchdog_free(struct watchdog *w);

#endif
