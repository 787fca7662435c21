/*
 * Numbers of the whole store that grow when something general changes, so that what was decided
 * or composed before is known to be stale.
 */
#ifndef POSTROOM_STORE_EPOCH_H
#define POSTROOM_STORE_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* Content: redactions, revisions of events and templates, labels: what a letter may say.
 * Template: the files of templates in the store; content grows with it. Audience: people's status,
 * addresses, grants, suppressions: who may be told. (Changes of watches are counted by the topic,
 * see watch.h.) Member: not one that grows by one, but the highest event seq when somebody last
 * joined or left a list. */
#define EPOCH_CONTENT "content_epoch"
#define EPOCH_TEMPLATE "template_epoch"
#define EPOCH_AUDIENCE "audience_epoch"
#define EPOCH_MEMBER "member_seq"

/* epoch_read gives the number, 0 at first. */
MUST_USE bool epoch_read(struct db *db, const char *epoch, int64_t *ret_number, struct error *err);

/* epoch_grow adds one. */
MUST_USE bool epoch_grow(struct db *db, const char *epoch, struct error *err);

/* epoch_set sets it. */
MUST_USE bool epoch_set(struct db *db, const char *epoch, int64_t number, struct error *err);

#endif
