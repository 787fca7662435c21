/*
 * Sites: what the operator ordered and what was learned about the exchangers behind recipient
 * domains. The engine reads a site's facts when it first meets it, and again when it hears the news
 * "site" (site_tell).
 */
#ifndef POSTROOM_STORE_SITE_H
#define POSTROOM_STORE_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/site_limits.h"
#include "store/delivery.h"

struct db;

/* The news that a site's facts have changed; its key is the site's. */
#define SITE_NEWS "site"

enum { SITE_WORDS_ROOM = 400, SITE_STREAMS = STREAM_MAILOUTS + 1 };

/* What the store knows of one, a value. Sets of origins the store does not keep are empty. */
struct site_facts {
    bool is_known;     /* it was met before */
    int64_t paused_at; /* 0: not paused */
    char paused_words[SITE_WORDS_ROOM];
    struct limit_set limits[LIMIT_ORIGINS];
    char limit_words[SITE_LIMIT_KINDS][LIMIT_ORIGINS][SITE_WORDS_ROOM];
    struct {
        int64_t since;
        int64_t until; /* 0: the stream is not stopped; SITE_STOP_FOR_GOOD: until it is resumed */
        char words[SITE_WORDS_ROOM];
    } stops[SITE_STREAMS]; /* of several origins the one that lasts longest */
};

/* site_read reads the facts of one. */
MUST_USE bool site_read(struct db *db, struct span key, struct site_facts *ret_facts,
                        struct error *err);

/* What follows writes, on the ledger. */

/* site_met notes that the site exists, and its hosts. */
MUST_USE bool site_met(struct db *db, struct span key, int64_t now_ms, struct error *err);

/* site_pause stops all mail to it until it is resumed; *ret_changed is false when it was so
 * already. site_resume ends that and forgets its stops of all streams, site_stop_drop those of one
 * stream. */
MUST_USE bool site_pause(struct db *db, struct span key, struct span words, int64_t now_ms,
                         bool *ret_changed, struct error *err);
MUST_USE bool site_resume(struct db *db, struct span key, bool *ret_changed, struct error *err);
MUST_USE bool site_stop_drop(struct db *db, struct span key, enum stream_id stream,
                             bool *ret_changed, struct error *err);

/* A limit to keep. */
struct site_limit_new {
    enum site_limit_kind kind;
    enum limit_origin origin;
    int64_t value;
    int64_t since;
    int64_t until; /* 0: for good */
    struct span words;
};

/* site_limit_put keeps one in place of an earlier one of its kind and origin, site_limit_drop
 * forgets it. */
MUST_USE bool site_limit_put(struct db *db, struct span key, const struct site_limit_new *limit,
                             struct error *err);
MUST_USE bool site_limit_drop(struct db *db, struct span key, enum site_limit_kind kind,
                              enum limit_origin origin, struct error *err);

#define SITE_STOP_FOR_GOOD (INT64_C(1) << 62)

/* A site takes nothing of a stream, as it said in its own words or as the operator wishes. */
struct site_stop {
    enum stream_id stream;
    enum limit_origin origin;
    int64_t since;
    int64_t until;
    struct span words;
};

/* site_stop_put keeps it in place of an earlier one of the stream and origin. */
MUST_USE bool site_stop_put(struct db *db, struct span key, const struct site_stop *stop,
                            struct error *err);

/* domain_stop_put keeps that one recipient domain takes nothing of a stream; domain_stops_drop
 * forgets all of it. site_word_list_read gives them under the key '@' and the domain. */
MUST_USE bool domain_stop_put(struct db *db, struct span domain, const struct site_stop *stop,
                              struct error *err);
MUST_USE bool domain_stops_drop(struct db *db, struct span domain, struct error *err);

struct domain_stop {
    char domain[DELIVERY_DOMAIN_ROOM];
    enum stream_id stream;
    int64_t until;
};

/* domain_stops_read gives at most `room` that hold at `now_ms`. */
MUST_USE bool domain_stops_read(struct db *db, int64_t now_ms, struct domain_stop *ret_stops,
                                size_t room, size_t *ret_n, struct error *err);

/* site_tell lets the engine read the site's facts again. */
void site_tell(struct db *db, struct span key);

#endif
