/*
 * Topics and their parents, a graph without cycles.
 */
#ifndef POSTROOM_STORE_TOPIC_H
#define POSTROOM_STORE_TOPIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/scope.h"
#include "domain/watching.h"
#include "store/page.h"

struct db;

/* A topic's row. Texts borrow from the arena they were loaded to; absent: at == NULL. */
struct topic {
    int64_t id; /* 0: not stored yet */
    struct span key;
    struct span kind;
    struct span title;
    struct span url;
    struct span label; /* who may see it; absent: everybody */
    int64_t watch_version;
    int64_t made_at;
    bool has_new_mode; /* people who are new watch it, by new_mode */
    enum watch_mode new_mode;
    bool secret; /* mail says no more than that something happened, here or in what it contains */
};

enum { TOPIC_PARENTS_LIMIT = 32 };

/* topic_find gives the id of a key, 0 when there is none; topic_need fails with ERROR_NOT_FOUND
 * then. */
MUST_USE bool topic_find(struct db *db, struct span key, int64_t *ret_id, struct error *err);
MUST_USE bool topic_need(struct db *db, struct span key, int64_t *ret_id, struct error *err);

/* topic_load reads one row; ERROR_NOT_FOUND when there is none. */
MUST_USE bool topic_load(struct db *db, struct arena *arena, int64_t id, struct topic *ret_topic,
                         struct error *err);

/* topic_key gives the key of an id, "?" when it is gone. */
MUST_USE bool topic_key(struct db *db, struct arena *arena, int64_t id, struct span *ret_key,
                        struct error *err);

/* topic_save writes all of the row but the key of a stored one: a new one when id is 0, which it
 * then sets. A change of the label, or of whether it is secret, makes composed letters stale. */
MUST_USE bool topic_save(struct db *db, struct topic *topic, int64_t now_ms, struct error *err);

struct topic_list {
    struct topic *at;
    size_t n;
};

/* topic_page reads a page of topics in order of id: of all, or of the children of `parent` when
 * that is not 0. */
MUST_USE bool topic_page(struct db *db, struct arena *arena, int64_t parent, struct page page,
                         struct topic_list *ret_topics, struct error *err);

/* topic_parents reads the ids of the parents, at most TOPIC_PARENTS_LIMIT. */
MUST_USE bool topic_parents(struct db *db, int64_t topic, int64_t *ret_ids, size_t *ret_count,
                            struct error *err);

/* topic_set_parents replaces the parents. A cycle is refused, naming the way round; so is a chain
 * of more than SCOPE_DISTANCE_LIMIT ancestors. */
MUST_USE bool topic_set_parents(struct db *db, int64_t topic, const int64_t *parents, size_t count,
                                struct error *err);

/* topic_expand adds all ancestors of the topics in `list`, each at its smallest distance, and for
 * each of them what stands for every topic of its kind ("issue/" and '*'), if that is watched by
 * anybody: as far as a parent; and sorts the list. Fails when it grows beyond its limit or one
 * would be farther away than SCOPE_DISTANCE_LIMIT. */
MUST_USE bool topic_expand(struct db *db, struct scope_list *list, struct error *err);

/* topic_is_secret tells whether a topic, its kind, or anything that contains it is: then nobody is
 * told its title in a mail, or on a page that a link in a mail opens. */
MUST_USE bool topic_is_secret(struct db *db, int64_t id, bool *ret_secret, struct error *err);

/* topic_let_go takes what it contains out of a topic. */
MUST_USE bool topic_let_go(struct db *db, int64_t topic, struct error *err);

/* topic_remove removes a topic nobody will miss: without events, children and watches, else
 * ERROR_CONFLICT says what it still has, and how many. */
MUST_USE bool topic_remove(struct db *db, int64_t topic, struct error *err);

#endif
