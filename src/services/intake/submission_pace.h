/*
 * How fast somebody hands in ready-made messages, over the submission port and HTTP taken together
 * (submission.rate). Any thread may ask.
 */
#ifndef POSTROOM_SERVICES_INTAKE_SUBMISSION_PACE_H
#define POSTROOM_SERVICES_INTAKE_SUBMISSION_PACE_H

#include <stdint.h>

#include "base/compiler.h"

struct submission_paces;

MUST_USE struct submission_paces *submission_paces_new(void);
void submission_paces_free(struct submission_paces *paces);

/* submission_paces_take counts a message of somebody at `now_ms`, monotonic, who may hand in `rate`
 * a minute; 0: any number. Gives 0, or in how many milliseconds they may come again: then it was
 * not counted. */
MUST_USE int64_t submission_paces_take(struct submission_paces *paces, const char *by, int rate,
                                       int64_t now_ms);

#endif
