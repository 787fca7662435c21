/*
 * Requests about watches: watch, unwatch, watches.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_WATCHES_H
#define POSTROOM_SERVICES_DIRECTORY_WATCHES_H

#include "services/request/request.h"

/* watches_set lets `person` watch `topic` as the rest of WATCH_WISH_FIELDS says; the topic is made
 * when it is not there ("topic_made" in the answer), the person must be. */
request_handler watches_set;

/* watches_remove ends the watch of `person` on `topic`; with `origin` only one of that origin.
 * ERROR_NOT_FOUND when there is none. */
request_handler watches_remove;

/* watches_list gives {"watches": [...], "next": id}: what `person` watches, `limit` at a time
 * after topic id `after`. Reads. */
request_handler watches_list;

#endif
