/*
 * What is pending goes when its reason goes: notices of people who have ended a watch, left a list
 * or lost the right to see are asked about again before they are due.
 */
#ifndef POSTROOM_SERVICES_FANOUT_PENDING_REVIEW_H
#define POSTROOM_SERVICES_FANOUT_PENDING_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* pending_review_step does a bounded part of the next review; *ret_idle when there is none. */
MUST_USE bool pending_review_step(struct db *db, int64_t now_ms, bool *ret_idle, struct error *err);

#endif
