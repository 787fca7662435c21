/*
 * Rules by which people come to watch a topic without asking: its author, who is assigned or
 * mentioned, who takes part. A kind of topic has some of them, a person may refuse some.
 */
#ifndef POSTROOM_DOMAIN_AUTO_WATCH_H
#define POSTROOM_DOMAIN_AUTO_WATCH_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

/* What somebody is to a topic by what they did themselves. */
#define AUTO_WATCH_AUTHOR "author"           /* made it */
#define AUTO_WATCH_PARTICIPANT "participant" /* did something to it */

/* auto_watch_check fails unless `rules` are known ones, divided by commas. */
MUST_USE bool auto_watch_check(struct span rules, struct error *err);

/* auto_watch_rule_of gives the rule for a reason to be addressed ("assigned": "assignee"), NULL
 * when there is none. */
MUST_USE const char *auto_watch_rule_of(struct span reason);

/* auto_watch_allows tells whether a list of rules holds one. */
MUST_USE bool auto_watch_allows(struct span rules, const char *rule);

#endif
