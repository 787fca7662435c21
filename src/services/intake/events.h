/*
 * Requests about events: event.add, event.show, event.redact.
 */
#ifndef POSTROOM_SERVICES_INTAKE_EVENTS_H
#define POSTROOM_SERVICES_INTAKE_EVENTS_H

#include "services/request/request.h"

/* events_add takes an event in: EVENT_DRAFT_FIELDS, as in an inbox row. Answers {"event", "topic",
 * "thread", "kind", "at", "revision"}, the same for the same key and body. */
request_handler events_add;

/* events_show gives all about the event `id`, or of `key`. Reads. */
request_handler events_show;

/* events_redact takes the content of event `id` out: mails not sent yet do not tell of it. */
request_handler events_redact;

/* events_release lets a held event be told of; with "digest" not before the next hour of each
 * person's daily digests, by their own clocks, in one mail with what else has happened in its
 * thread. */
request_handler events_release;

#endif
