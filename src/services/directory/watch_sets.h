/*
 * Requests about all watches of a person at once: watches.history, watches.copy, watches.end.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_WATCH_SETS_H
#define POSTROOM_SERVICES_DIRECTORY_WATCH_SETS_H

#include "services/request/request.h"

/* watch_sets_history lists what became of a person's, or a list's, watches: "person", "after",
 * "limit". Reads. */
request_handler watch_sets_history;

/* watch_sets_copy lets people watch what "from" watches: "people"; what they watch themselves stays
 * as it is. "dry_run": only counts. All or none. */
request_handler watch_sets_copy;

/* watch_sets_end ends all watches of "person", with "under" those of that topic and what it
 * contains. "dry_run": only counts. */
request_handler watch_sets_end;

/* watch_sets_set lets all `people` watch all `topics`, as the request watch does for one of each.
 */
request_handler watch_sets_set;

#endif
