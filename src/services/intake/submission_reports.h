/*
 * Telling the senders of ready-made messages what became of them: one report for the deliveries of
 * a message that end at about the same time. A report has the null path and is never reported on;
 * one that cannot be handed in is dropped and logged.
 */
#ifndef POSTROOM_SERVICES_INTAKE_SUBMISSION_REPORTS_H
#define POSTROOM_SERVICES_INTAKE_SUBMISSION_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"

struct db;

/* submission_reports_turn makes one report that is due, in the transaction at hand; *ret_any is
 * false when none was. */
MUST_USE bool submission_reports_turn(struct db *db, const struct settings *settings,
                                      int64_t now_ms, bool *ret_any, struct error *err);

/* submission_reports_next_due gives when the next is due; 0: none is owed. */
MUST_USE bool submission_reports_next_due(struct db *db, int64_t *ret_due_at, struct error *err);

#endif
