/*
 * What waits before it is a mail.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_NOTICES_H
#define POSTROOM_SERVICES_INQUIRY_NOTICES_H

#include "services/request/request.h"

/* notices_put sets of what is no mail yet "notices": [{"waits_for", "waiting", "more", "next_due"}]
 * and "events", the same, but for what nothing waits for; and "next_digest", when the first digest
 * is due. "more" says that not all were counted. */
MUST_USE bool notices_put(struct db *db, json_t *answer, struct error *err);

/* notices_list, the request queue.notices, gives {"notices": [{"person", "topic", "waits_for",
 * "urgent", "due"}], "next": mark}: urgent ones first, then as they fall due; of the `person`, or
 * those that wait for `waits_for`: window, sliding, quiet, rate, loop, suspended, mail. A page
 * looks at a bounded number: "next" is there when more may follow, which `after` goes on with.
 * Reads. */
request_handler notices_list;

#endif
