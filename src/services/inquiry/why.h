/*
 * The request why: was this person told of this event, and why or why not.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_WHY_H
#define POSTROOM_SERVICES_INQUIRY_WHY_H

#include "services/request/request.h"

/* why_person answers for `person` and `event`, the number of an event or (as a text) its key:
 *
 * {"person", "event", "topic", "thread", "outcome", "sentences": [...],
 *  "watches": [...], "mails": [...], "notice": {...}, "skipped": {...}}
 *
 * outcome is one of: told, queued (a mail is on its way), coalesced (a notice of an earlier event
 * will tell it), waiting (a notice will), owed (since a failed mail), failed, expired,
 * not_watching, muted, kind_filtered, in_digest, actor, no_permission, unsubscribed, suppressed,
 * no_address, inactive, undone, redacted, silent, fanning_out, cancelled, held, not_on_record.
 * Watches are shown as they were when the event was taken in. Reads. */
request_handler why_person;

#endif
