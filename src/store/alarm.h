/*
 * Alarms: what a person must look at. One open alarm a cause, however often it is raised.
 */
#ifndef POSTROOM_STORE_ALARM_H
#define POSTROOM_STORE_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

enum alarm_severity { ALARM_WARNING, ALARM_ERROR };

/* alarm_raise opens an alarm for `cause` ("site-blocks notices mx.example.net"), or counts one more
 * of the one that is open and gives it the latest words. */
MUST_USE bool alarm_raise(struct db *db, enum alarm_severity severity, struct span cause,
                          struct span text, int64_t now_ms, struct error *err);

/* alarm_end closes the open alarm of a cause, if there is one. */
MUST_USE bool alarm_end(struct db *db, struct span cause, int64_t now_ms, struct error *err);

#endif
