/*
 * Requests about kinds: kind.add, kind.list, kind.show.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_KINDS_H
#define POSTROOM_SERVICES_DIRECTORY_KINDS_H

#include "services/request/request.h"

/* kinds_add declares a kind, or changes a declared one: `name`, `of` ("event", or "topic"),
 * `names` ({"de": "kommentiert"}), `urgent`, `stream` (of mail that tells of it), `sample` (an
 * event or some, to show templates with). Answers as kinds_show. */
request_handler kinds_add;

/* kinds_show gives the kind `name` (of events, unless `of` says "topic"). Reads. */
request_handler kinds_show;

/* kinds_list gives {"kinds": [...]}, of events and of topics, or as `of` says. Reads. */
request_handler kinds_list;

#endif
