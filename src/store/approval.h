/*
 * Questions that events ask, and who still has them open: rows of question and approval.
 */
#ifndef POSTROOM_STORE_APPROVAL_H
#define POSTROOM_STORE_APPROVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/page.h"

struct db;

/* What an event asks, and what came of it. */
struct question {
    int64_t event;
    struct span answers; /* that may be given, divided by commas */
    int64_t until_ms;    /* 0: there is no end */
    int64_t closed_at;   /* 0: it is open */
    int64_t person;      /* who answered; 0: it was withdrawn, or is open */
    struct span answer;
    struct span text;
};

/* question_ask stores what an event asks those whom it addresses, once they are stored. Asked again
 * by a revision, it changes unless it is closed, and asks whom it did not ask yet. */
MUST_USE bool question_ask(struct db *db, const struct question *question, int64_t seq,
                           struct error *err);

/* question_find gives it; *ret_found is false for an event that asks nothing. */
MUST_USE bool question_find(struct db *db, struct arena *arena, int64_t event,
                            struct question *ret_question, bool *ret_found, struct error *err);

/* question_close ends it for everybody who was asked: by the answer of question->person, or
 * without (0), when the event is withdrawn. One that is closed stays as it is. */
MUST_USE bool question_close(struct db *db, const struct question *question, int64_t now_ms,
                             struct error *err);

struct approval_list {
    int64_t *events;
    size_t n;
};

/* approval_open gives the events that somebody is asked by and may see, by id: those not closed
 * and not past their end. */
struct approval_wanted {
    int64_t person;
    int64_t now_ms;
    struct page page;
};

MUST_USE bool approval_open(struct db *db, struct arena *arena,
                            const struct approval_wanted *wanted, struct approval_list *ret_list,
                            struct error *err);

/* A question that somebody has not answered, as a mail names it. */
struct approval_waiting {
    int64_t event;
    int64_t asked_at;
    struct span name; /* what it is about: its title, else its topic's, else that one's key */
    struct span answers;
};

struct approval_waiting_list {
    struct approval_waiting *at;
    size_t n;
    int64_t more; /* that are not in it */
};

/* approval_waiting gives the first that waited for somebody's answer at `now_ms`, the oldest first,
 * `page.limit` at most: asked again about the same moment, it says the same, whatever was answered
 * since. It has no pages: `page.after` is not looked at. */
MUST_USE bool approval_waiting(struct db *db, struct arena *arena,
                               const struct approval_wanted *wanted,
                               struct approval_waiting_list *ret_list, struct error *err);

/* approval_is_asked tells whether an event asks somebody, open or not. */
MUST_USE bool approval_is_asked(struct db *db, int64_t person, int64_t event, bool *ret_asked,
                                struct error *err);

#endif
