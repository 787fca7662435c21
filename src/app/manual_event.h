/*
 * postroom-event(5) as mdoc source: the JSON of an event.
 */
#ifndef POSTROOM_APP_MANUAL_EVENT_H
#define POSTROOM_APP_MANUAL_EVENT_H

#include <stddef.h>
#include <stdio.h>

/* A field of an object of the event's JSON. */
struct event_field {
    const char *name;
    const char *text;
};

/* An object that may stand in an event, or the event itself; fields end with one without name. */
struct event_object {
    const char *title; /* of its section; the event's own is the first */
    const char *intro; /* what it is */
    const char *known; /* the fields its reader takes, divided by blanks */
    const struct event_field *fields;
};

/* manual_event_objects gives what the page tells, so that a test can hold it against the readers;
 * one without title ends it. */
const struct event_object *manual_event_objects(void);

/* manual_print_event writes postroom-event(5). */
void manual_print_event(FILE *out);

#endif
