/*
 * Tellings: the mails that were to tell a person of an event.
 */
#ifndef POSTROOM_STORE_TELLING_H
#define POSTROOM_STORE_TELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/watching.h"

struct db;

struct telling {
    int64_t delivery;
    struct span address;
    enum delivery_state state;
    struct span reason; /* code of an end or a hold; absent: at == NULL */
    struct span text;   /* the same for people */
    int64_t from_seq;
    int64_t to_seq;
    int64_t made_at;
    int64_t ended_at; /* 0: not yet */
    int64_t deadline; /* 0: none */
    int64_t date;     /* of the mail as it was sent last; 0: it never was */
};

enum { TELLINGS_LIMIT = 20 };

struct telling_list {
    struct telling *at;
    size_t n;
};

/* What is asked: a person, and an event of a thread by its seq. */
struct telling_of {
    int64_t person;
    int64_t thread;
    int64_t seq;
    enum watch_mode digest; /* the person's digests of this mode tell of it; WATCH_MUTE: none */
};

/* telling_list_read reads the mails to the person whose part of the thread holds the event, the
 * newest first, at most TELLINGS_LIMIT. */
MUST_USE bool telling_list_read(struct db *db, struct arena *arena, const struct telling_of *of,
                                struct telling_list *ret_list, struct error *err);

/* An event a mail is to tell, or told. */
struct telling_event {
    int64_t id;
    struct span topic; /* key of the event's thread */
    struct span kind;
};

struct telling_events {
    struct telling_event *at;
    size_t n;
};

/* telling_events_read gives the events in the range of a mail, in their order, at most `most`.
 * Which of them it was spared to tell (undone, redacted) is the composer's affair. */
MUST_USE bool telling_events_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                                  struct telling_events *ret_events, struct error *err);

#endif
