/*
 * The request event.preview: who would be told of an event, and why, without recording it.
 */
#ifndef POSTROOM_SERVICES_INTAKE_EVENT_PREVIEW_H
#define POSTROOM_SERVICES_INTAKE_EVENT_PREVIEW_H

#include "services/request/request.h"

enum { EVENT_PREVIEW_MOST = 100000 }; /* people that one answer looks at */

/* event_preview takes an event as event.add does (its `people`, `watch`, `unwatch` and `grants`
 * must be empty: what they would change is not foreseen) and answers, in order of our numbers for
 * people:
 *
 * - people: the first `limit` of them (20): person, outcome, because, and where they fit by,
 *   distance, reason, address, due; `made`: they would be new
 * - counts: how many of each outcome, of all that were looked at
 * - next: give it as `after` to go on, when there were more than EVENT_PREVIEW_MOST
 *
 * An event of a known key with the same content answers with `event` alone. Reads. */
request_handler event_preview;

#endif
