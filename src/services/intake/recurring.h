/*
 * What comes by itself, at work: sleeps until a recurrence is due, or a report to the sender of a
 * message, and lets the ledger take its event in, or make the report.
 */
#ifndef POSTROOM_SERVICES_INTAKE_RECURRING_H
#define POSTROOM_SERVICES_INTAKE_RECURRING_H

#include "base/compiler.h"
#include "domain/settings.h"

struct ledger;
struct loop;
struct recurring;

struct recurring_options {
    struct loop *loop; /* the ledger's own */
    struct ledger *ledger;
    const struct settings *settings; /* see recurring_use */
};

/* recurring_new begins to look, first at what was missed; before the loop runs. */
MUST_USE struct recurring *recurring_new(const struct recurring_options *options);

/* recurring_use takes other settings from now on; from the loop. */
void recurring_use(struct recurring *recurring, const struct settings *settings);

/* recurring_stop begins nothing more; from the loop. Drain the ledger afterwards. */
void recurring_stop(struct recurring *recurring);

/* recurring_free ends it when the ledger is drained; NULL is allowed. */
void recurring_free(struct recurring *recurring);

#endif
