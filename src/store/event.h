/*
 * Events: what happened, which topics it concerns, what changed, who is addressed directly.
 */
#ifndef POSTROOM_STORE_EVENT_H
#define POSTROOM_STORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/scope.h"
#include "store/event_order.h"

struct db;

/* The numbers are in the store. */
enum fan_state {
    FAN_WAITING = 0,
    FAN_UNDER_WAY = 1,
    FAN_DONE = 2,
    FAN_NOBODY = 3,
    FAN_LATER = 4, /* its time has not come, */
    FAN_HELD = 5   /* or somebody must let it go: it has no place in the order */
};

/* An event's row. Texts borrow from the arena they were loaded to; absent: at == NULL. */
struct event {
    int64_t id;
    int64_t seq; /* negative: it has no place in the order yet (store/event_order.h) */
    struct span key;
    struct span digest; /* SHA-256 of the payload */
    int64_t topic;
    int64_t thread;
    int64_t actor; /* 0: nobody known */
    struct span kind;
    int kind_bit;
    bool urgent;
    bool silent;
    int64_t at;       /* when it happened */
    int64_t taken_at; /* when we learned of it */
    int64_t not_before;
    struct span title;
    struct span text;
    struct span url;
    struct span data; /* JSON */
    struct span label;
    int64_t deadline; /* 0: none */
    int64_t revision;
    bool redacted;
    enum fan_state fan_state;
    enum event_release released;
    int64_t fan_cursor;
    int64_t told;
};

/* A change of a field; absent old or new: there was or is none. */
struct event_change {
    struct span field;
    struct span old;
    struct span new;
};

struct event_change_list {
    struct event_change *at;
    size_t n;
};

/* Somebody addressed directly. */
struct event_direct {
    int64_t person;
    struct span reason;
    int64_t rank;
};

struct event_direct_list {
    struct event_direct *at;
    size_t n;
};

/* event_last_seq gives the highest seq that has been given; 0 when there is no event yet. */
MUST_USE bool event_last_seq(struct db *db, int64_t *ret_seq, struct error *err);

enum { EVENT_CHANGES_LIMIT = 500, EVENT_DIRECTS_LIMIT = 5000 };

/* event_insert stores a new event, giving it an id unless it has one, and a seq unless its time is
 * still to come, and tells the fan-out. */
MUST_USE bool event_insert(struct db *db, struct event *event, struct error *err);

/* event_tell notes for others what became of an event ("taken", "revised", "redacted").
 * event_insert, event_enter and event_redact do it by themselves. */
MUST_USE bool event_tell(struct db *db, const struct event *event, const char *what, int64_t now_ms,
                         struct error *err);

/* event_load reads the event of an id, event_load_seq of a seq; ERROR_NOT_FOUND when there is
 * none. */
MUST_USE bool event_load(struct db *db, struct arena *arena, int64_t id, struct event *ret_event,
                         struct error *err);
MUST_USE bool event_load_seq(struct db *db, struct arena *arena, int64_t seq,
                             struct event *ret_event, struct error *err);

/* event_find_key gives the id of the event with the application's key, 0 when there is none. */
MUST_USE bool event_find_key(struct db *db, struct span key, int64_t *ret_id, struct error *err);

/* event_revise writes the content (title, text, url, data, label, deadline, at, digest, revision,
 * not_before) of a stored event anew, and fan_state: fanning out again writes nothing for people
 * who have been told. Composed letters become stale. */
MUST_USE bool event_revise(struct db *db, const struct event *event, struct error *err);

/* event_redact takes the content out for good, and an event that nobody was told of will not be
 * told; *ret_changed is false when that was done before. */
MUST_USE bool event_redact(struct db *db, struct event *event, int64_t now_ms, bool *ret_changed,
                           struct error *err);

/* event_set_scopes stores what the event concerns, fixed from then on; event_scopes reads it,
 * nearest first. */
MUST_USE bool event_set_scopes(struct db *db, int64_t seq, const struct scope_list *scopes,
                               struct error *err);
MUST_USE bool event_scopes(struct db *db, int64_t seq, struct scope_list *ret_scopes,
                           struct error *err);

/* event_set_changes replaces the changes, event_changes reads them in order. */
MUST_USE bool event_set_changes(struct db *db, int64_t seq, const struct event_change_list *changes,
                                struct error *err);
MUST_USE bool event_changes(struct db *db, struct arena *arena, int64_t seq,
                            struct event_change_list *ret_changes, struct error *err);

/* event_add_direct addresses a person, the strongest reason staying; event_directs reads all,
 * event_direct_rank the rank of one, 0 when they are not addressed. */
/* event_add_direct_list does so for all who are on a list. More than EVENT_DIRECTS_LIMIT are
 * refused. */
MUST_USE bool event_add_direct_list(struct db *db, int64_t seq, int64_t list,
                                    const struct event_direct *direct, struct error *err);

MUST_USE bool event_add_direct(struct db *db, int64_t seq, const struct event_direct *direct,
                               struct error *err);
MUST_USE bool event_directs(struct db *db, struct arena *arena, int64_t seq,
                            struct event_direct_list *ret_directs, struct error *err);
MUST_USE bool event_direct_rank(struct db *db, int64_t seq, int64_t person, int64_t *ret_rank,
                                struct error *err);

#endif
