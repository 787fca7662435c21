/*
 * The request queue: where mail is. Sums are counters and rows of lanes; no delivery is counted.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_QUEUE_H
#define POSTROOM_SERVICES_INQUIRY_QUEUE_H

#include "services/request/request.h"

/* queue_show gives {"streams": [{"stream", "queued", ...}], "lanes": [{"stream", "domain",
 * "site", "waiting", "next_due", "failures", "left_alone_until", "text"}], "more_lanes": bool}: the
 * counters of each stream by state, and the longest lanes, of all or of `stream`, with the words
 * for which one is left alone, or "paused" with its site. Of many thousand lanes only the
 * first are compared, which "more_lanes" says. When all is asked for, what notices_put says
 * follows. With `domain` the lanes and counters are that domain's: {"domain", "states": {...},
 * "lanes": [...]}; with `site` they are those of its domains:
 * {"site", "states", "lanes"}, with "more_domains" when only the first ones were summed. With one
 * of these and `stream` there is "waiting" in place of "states", which are not counted so. With
 * `state` there are the counts of it alone, and no lanes. "filter" repeats what was asked. Reads.
 */
request_handler queue_show;

#endif
