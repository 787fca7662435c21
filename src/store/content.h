/*
 * What composing a mail reads: the delivery with its person, the thread's events, what the person
 * watches of it and may see, the last intent. All reads of one letter belong into one read
 * transaction, so that they tell of one moment.
 */
#ifndef POSTROOM_STORE_CONTENT_H
#define POSTROOM_STORE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/notice_content.h"

struct db;

enum {
    CONTENT_TEXT_MOST = 16000, /* characters of an event's text that are read, */
    CONTENT_DATA_MOST = 16000, /* and of its data, or none */
    CONTENT_LANGUAGES_MOST = 8
};

/* A delivery as composing needs it. Texts live in the arena. */
struct content_delivery {
    int64_t id;
    enum delivery_cause cause;
    int64_t cause_id;
    struct span address;
    struct span normal;
    struct span domain;
    struct span message_id; /* without angle brackets */
    int64_t epoch;
    int64_t doubts; /* once any, the letter must come out as it was first sent */
    int64_t content_epoch;

    int64_t thread; /* 0: it tells of several, or has no part to tell of */
    int64_t from_seq;
    int64_t to_seq;
    struct span subject;         /* of the thread's first mail to this person; empty: none yet */
    struct span last_message_id; /* of the last one delivered; empty: none yet */
    bool owed;                   /* a mail about some of it failed before */

    int64_t person; /* 0: none */
    int64_t person_version;
    struct span person_key;
    struct span name;
    struct span languages[CONTENT_LANGUAGES_MOST];
    size_t language_count;
    struct span timezone;
    bool inactive;
    bool self_notify;
    bool has_address; /* the delivery's address is still one of the person's good ones */
    int64_t deadline; /* 0: none */
};

/* content_read_delivery reads one; *ret_found is false when there is none of that id. */
MUST_USE bool content_read_delivery(struct db *db, struct arena *arena, int64_t id,
                                    struct content_delivery *ret_delivery, bool *ret_found,
                                    struct error *err);

/* content_read_imagined gives a delivery that would tell a person of one event; *ret_found is false
 * when there is no such person or event. */
MUST_USE bool content_read_imagined(struct db *db, struct arena *arena, int64_t event,
                                    int64_t person, struct content_delivery *ret_delivery,
                                    bool *ret_found, struct error *err);

/* content_read_reader reads what decides about the delivery's person in this thread; times are
 * compared with `now_ms`. */
MUST_USE bool content_read_reader(struct db *db, struct arena *arena,
                                  const struct content_delivery *delivery,
                                  const struct notice_thread *thread, int64_t now_ms,
                                  struct notice_reader *ret_reader, struct error *err);

/* content_bars_query walks the suppressions that may concern mail to the delivery's person: scope,
 * reason, the id of the scope's topic. NULL after a failure. */
struct db_rows;
MUST_USE struct db_rows *content_bars_query(struct db *db, const struct content_delivery *delivery,
                                            int64_t now_ms, struct error *err);

/* The leave to send that was asked for last. */
struct content_intent {
    struct span mail_from;
    struct span sender;
    struct span subject;
    int64_t date_ms;
    struct span seed;
    struct span digest;
    int64_t template_revision;
    struct span sight; /* what the application said about it; empty: yes to all, or nothing */
};

/* content_read_intent reads it; *ret_found is false when there was none. */
MUST_USE bool content_read_intent(struct db *db, struct arena *arena, int64_t delivery,
                                  struct content_intent *ret_intent, bool *ret_found,
                                  struct error *err);

#endif
