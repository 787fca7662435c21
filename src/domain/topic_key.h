/*
 * Names that applications give to topics, kinds, labels and lists.
 */
#ifndef POSTROOM_DOMAIN_TOPIC_KEY_H
#define POSTROOM_DOMAIN_TOPIC_KEY_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { TOPIC_KEY_LIMIT = 200, KIND_NAME_LIMIT = 60, LABEL_LIMIT = 200, LIST_NAME_LIMIT = 100 };

/* topic_key_check fails unless `key` may name a topic: 1 to TOPIC_KEY_LIMIT bytes of UTF-8 without
 * spaces, control characters or '*', which is kept for patterns. */
MUST_USE bool topic_key_check(struct span key, struct error *err);

/* topic_watched_check does so for what may be watched: a topic, or "KIND/" and '*', which stands
 * for every topic of the kind. */
#define TOPIC_EVERY "/*"
MUST_USE bool topic_watched_check(struct span key, struct error *err);

/* topic_key_kind gives what stands before the first '/': "issue" of "issue/12". */
MUST_USE struct span topic_key_kind(struct span key);

/* kind_name_check: 1 to KIND_NAME_LIMIT bytes of UTF-8 without spaces, control characters or
 * commas. */
MUST_USE bool kind_name_check(struct span name, struct error *err);

/* label_check: 1 to LABEL_LIMIT bytes of UTF-8 without control characters. */
MUST_USE bool label_check(struct span label, struct error *err);

/* list_name_check: 1 to LIST_NAME_LIMIT bytes of UTF-8 without spaces, control characters or
 * commas. */
MUST_USE bool list_name_check(struct span name, struct error *err);

/* list_name_of_watcher gives the name in "list:NAME", which stands for a list where a person could
 * be named; absent (at == NULL) when the text is no such. */
#define LIST_WATCHER "list:"
MUST_USE struct span list_name_of_watcher(struct span text);

/* hook_name_of_watcher does so for "hook:NAME", which stands for a webhook. */
#define HOOK_WATCHER "hook:"
MUST_USE struct span hook_name_of_watcher(struct span text);

#endif
