/*
 * An event as an application writes it: reading the JSON of an inbox row, a request or a command
 * strictly, before anything is done about it.
 */
#ifndef POSTROOM_SERVICES_INTAKE_EVENT_DRAFT_H
#define POSTROOM_SERVICES_INTAKE_EVENT_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "crypto/digest.h"
#include "domain/attachment.h"
#include "domain/person_reference.h"
#include "services/request/request.h"
#include "services/request/topic_wish.h"
#include "store/event.h"

/* SUBSTANCE leaves out what names one event or a moment. */
#define EVENT_DRAFT_SUBSTANCE                                                                      \
    "topic kind actor title text url changes to people watch unwatch grants scopes thread urgent " \
    "silent strict at deadline label data asks attachments"
#define EVENT_DRAFT_FIELDS EVENT_DRAFT_SUBSTANCE " key revision not_before"

enum {
    EVENT_KEY_LIMIT = 250,
    EVENT_TITLE_LIMIT = 500,
    EVENT_FIELD_LIMIT = 100,   /* bytes of a changed field's name */
    EVENT_REASON_LIMIT = 60,   /* of why somebody is addressed */
    EVENT_PEOPLE_LIMIT = 1000, /* people, watches, unwatches, grants: each */
    EVENT_SCOPES_LIMIT = 100,
    EVENT_ANSWERS_LIMIT = 10, /* to what it asks */
    EVENT_ANSWER_LIMIT = 60   /* bytes of one */
};

/* Somebody addressed directly, not looked up yet. */
struct draft_direct {
    struct person_reference person; /* unless it is a list */
    struct span list;               /* its name; absent (at == NULL): a person */
    struct span reason;
};

struct draft_scope {
    struct span topic;
    int distance;
};

/* Texts borrow from the JSON or the arena; absent: at == NULL. The arrays of people, watches,
 * unwatches and grants are read when they are acted upon; NULL when absent. */
struct event_draft {
    struct span key;
    int64_t revision;
    bool strict;
    struct topic_wish topic;
    struct span thread; /* a topic's key */
    struct span kind;
    bool has_actor;
    struct person_reference actor;
    bool urgent;
    bool silent;
    int64_t at; /* 0: not said */
    int64_t not_before;
    int64_t deadline;
    struct span title;
    struct span text;
    struct span url;
    struct span label;
    struct span data;
    struct span answers;  /* to what it asks, divided by commas; at == NULL: it asks nothing */
    int64_t answer_until; /* 0: there is no end */
    struct event_change_list changes;
    struct attachment_list attachments;
    struct draft_direct *directs;
    size_t direct_count;
    struct draft_scope *scopes;
    size_t scope_count;
    json_t *people;
    json_t *watches;
    json_t *unwatches;
    json_t *grants;
    unsigned char digest[DIGEST_SIZE]; /* of all of it, whatever the order of fields */
};

/* event_draft_read reads the EVENT_DRAFT_FIELDS of a request. Unknown fields, at any depth,
 * wrong types and sizes are refused, naming the field. */
MUST_USE bool event_draft_read(const struct request *request, struct arena *arena,
                               struct event_draft *ret_draft, struct error *err);

/* event_draft_names_own_topic tells whether the event's topic is also one of its scopes: then that
 * distance is its own, else it is the nearest. */
MUST_USE bool event_draft_names_own_topic(const struct event_draft *draft);

/* event_json_limit gives how many bytes an event may have with its attachments. */
MUST_USE size_t event_json_limit(const struct settings *settings);

/* event_json_load parses the bytes of an event, at most `limit`, refusing names that occur twice.
 * A new reference. */
MUST_USE bool event_json_load(struct span bytes, size_t limit, json_t **ret_json,
                              struct error *err);

#endif
