/*
 * Watches: what a person, or everybody on a list, wants to hear of a topic, and the log of every
 * change, which answers "why" months later.
 */
#ifndef POSTROOM_STORE_WATCH_H
#define POSTROOM_STORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/watching.h"
#include "store/page.h"

struct db;

enum { WATCH_ORIGIN_ROOM = 32 };

#define WATCH_ALL_KINDS INT64_C(-1)
#define WATCH_ORIGIN_MANUAL "manual"

/* A watch's row, a value. */
struct watch {
    int64_t topic;
    int64_t who; /* domain/watching.h */
    enum watch_mode mode;
    int64_t kinds; /* mask of event kinds */
    int64_t delay; /* ms; -1: the default window */
    int64_t until; /* 0: no end */
    char origin[WATCH_ORIGIN_ROOM];
    int64_t since; /* the highest event seq when it began */
};

/* watch_find reads one. */
MUST_USE bool watch_find(struct db *db, int64_t topic, int64_t who, struct watch *ret_watch,
                         bool *ret_found, struct error *err);

/* What became of a wish. */
enum watch_change { WATCH_CHANGED, WATCH_UNCHANGED, WATCH_KEPT };

/* watch_set makes or changes a watch as `wish` says; `since` is decided here: a watch that begins,
 * or begins again after a mute or its end, begins now. A wish that is not manual leaves a manual
 * watch alone: WATCH_KEPT. `cause` goes into the log: "command", "event 12". */
MUST_USE bool watch_set(struct db *db, const struct watch *wish, const char *cause, int64_t now_ms,
                        enum watch_change *ret_change, struct error *err);

/* watch_remove ends a watch; with `origin` only one of that origin, without one for good: no rule
 * watches the topic for them again. WATCH_UNCHANGED when there is
 * none, WATCH_KEPT when its origin is another. */
MUST_USE bool watch_remove(struct db *db, const struct watch *wish, const char *cause,
                           int64_t now_ms, enum watch_change *ret_change, struct error *err);

/* watch_hand_over lets somebody else, who is the same person, have a watch that is in force, since
 * when it began, unless they have one on the topic themselves. */
MUST_USE bool watch_hand_over(struct db *db, const struct watch *watch, int64_t who, int64_t now_ms,
                              struct error *err);

/* watch_offer makes a watch that nobody asked for by hand, unless there is one in force on the
 * topic or one was ended for good (watch_remove without an origin). */
MUST_USE bool watch_offer(struct db *db, const struct watch *wish, const char *cause,
                          int64_t now_ms, struct error *err);

/* watch_begin_new gives a new person the watches that all new people get. */
MUST_USE bool watch_begin_new(struct db *db, int64_t person, int64_t now_ms, struct error *err);

struct watch_list {
    struct watch *at;
    size_t n;
};

/* watch_page_of_person reads a page of a person's watches by topic id, watch_page_of_topic of a
 * topic's by person id. */
MUST_USE bool watch_page_of_person(struct db *db, struct arena *arena, int64_t who,
                                   struct page page, struct watch_list *ret_watches,
                                   struct error *err);
MUST_USE bool watch_page_of_topic(struct db *db, struct arena *arena, int64_t topic,
                                  struct page page, struct watch_list *ret_watches,
                                  struct error *err);

#endif
