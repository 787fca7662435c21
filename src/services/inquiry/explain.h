/*
 * The request explain: what does a mail wait for, and until when?
 */
#ifndef POSTROOM_SERVICES_INQUIRY_EXPLAIN_H
#define POSTROOM_SERVICES_INQUIRY_EXPLAIN_H

#include "services/request/request.h"

/* explain_show answers for a `delivery`, from the store alone:
 *
 * {"delivery", ... as in deliveries, "waits_for", "until", "gives_up", "last_try": {...},
 *  "lane": {"waiting", "site"}, "site_words": [{"about", "by", "most", "since", "until", "text"}],
 * "domain": {"failures", "asleep_until", "text"}, "daemon": {"running"}, "suppressed_by", "newer":
 * {...}, "sentences": [...]}
 *
 * waits_for is one of: due (its time), retry, greylisting, application (who may see it), doubt (its
 * next resend), domain (which is left alone), turn (in its lane), answer (of a server), operator
 * (who holds it), end (it will end without being sent), daemon (none runs); absent when it has
 * ended.
 *
 * With `person` and `topic` it answers for what is to tell the person of that thread: their
 * unfinished mail, or, where none is made yet, {"person", "topic", "waits_for": "window" (or
 * sliding, quiet, rate, loop, suspended), "until",
 * ...}; "fan_out" instead of "window" while an event of the thread is not fanned out, so that it is
 * not yet decided who is told. Reads. */
request_handler explain_show;

#endif
