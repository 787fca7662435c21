/*
 * Requests about topics: topic.add, topic.set, topic.show, topic.list, topic.rm.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_TOPICS_H
#define POSTROOM_SERVICES_DIRECTORY_TOPICS_H

#include "services/request/request.h"

/* topics_add makes the topic `key` with the rest of TOPIC_WISH_FIELDS; a known key is a conflict.
 * Parents that are not there are made. Answers as topics_show. */
request_handler topics_add;

/* topics_set changes the given fields of topic `key`; empty texts clear, `parents` replaces. */
request_handler topics_set;

/* topics_show gives all about topic `key`, with its ancestors and their distances. Reads. */
request_handler topics_show;

/* topics_list gives {"topics": [...], "next": id}: all, or those `in` a parent, `limit` at a time
 * after id `after`. Reads. */
request_handler topics_list;

/* topics_remove removes topic `key` when it has no events, watchers or topics in it; with `force`
 * it ends up to 1000 watches and lets go what is in it, but stays as long as it has events. */
request_handler topics_remove;

#endif
