/*
 * The request watchers: who watches a topic, and with `explain` who would be told of an event
 * there, and why.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_WATCHERS_H
#define POSTROOM_SERVICES_DIRECTORY_WATCHERS_H

#include "services/request/request.h"

/* watchers_list gives {"topic", "watchers": [...], "next": id}: who watches `topic`, `limit` at a
 * time after person id `after`. With `explain` also who watches it through its parents: each row
 * then has all their watches with "distance", and "outcome", what became of an event of `kind` (or
 * of any kind) on the topic now. Reads. */
request_handler watchers_list;

#endif
