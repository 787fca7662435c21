/*
 * What became of an event for all whom it concerns.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_EVENT_PEOPLE_H
#define POSTROOM_SERVICES_INQUIRY_EVENT_PEOPLE_H

#include "services/request/request.h"

/* event_people answers for an event, `id`, as why does of each who watches what it concerns or was
 * addressed, a page of people by their number (`after`, `limit`):
 *
 * {"event", "counts": {"told": 3, "muted": 1, ...}, "people": [{"person", "outcome"}], "next"}
 *
 * The counts are of the page. Who watched it once and does not now is not among them. Reads. */
request_handler event_people;

#endif
