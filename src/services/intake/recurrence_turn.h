/*
 * What recurs, when it is due: its event is taken in, once for each time.
 */
#ifndef POSTROOM_SERVICES_INTAKE_RECURRENCE_TURN_H
#define POSTROOM_SERVICES_INTAKE_RECURRENCE_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"

struct db;

/* recurrence_turn lets the recurrence that is due longest take one step: the event of one time, or
 * of none when what was missed is skipped, and the time it is due next. *ret_any is false when
 * none is due. A refused event is on record with its recurrence, as an alarm and in the log, and
 * the next time comes all the same. */
MUST_USE bool recurrence_turn(struct db *db, const struct settings *settings, int64_t now_ms,
                              bool *ret_any, struct error *err);

/* recurrence_turn_back gives those their place again that are ahead of a clock which was put back:
 * times that come a second time are told of once, since their events have the same keys. */
MUST_USE bool recurrence_turn_back(struct db *db, int64_t now_ms, struct error *err);

#endif
