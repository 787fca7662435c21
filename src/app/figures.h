/*
 * The figures of the running daemon as JSON: {"postroom_claims": 12, ...}, each under its name and
 * label; buckets of a histogram count everything up to their bound.
 */
#ifndef POSTROOM_APP_FIGURES_H
#define POSTROOM_APP_FIGURES_H

#include <jansson.h>

#include "base/compiler.h"

struct figure_sums;

/* figures_json gives a new reference. */
MUST_USE json_t *figures_json(const struct figure_sums *sums);

#endif
