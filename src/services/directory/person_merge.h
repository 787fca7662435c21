/*
 * Two people who turn out to be one.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_PERSON_MERGE_H
#define POSTROOM_SERVICES_DIRECTORY_PERSON_MERGE_H

#include "services/request/request.h"

/* person_merge moves all that is known of `person` to the person `into`, with `yes`; with `dry_run`
 * it only counts: {"person", "into", "addresses", "watches", "lists", "grants", "notices"}. */
request_handler person_merge;

#endif
