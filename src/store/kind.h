/*
 * Declared kinds of topics and of events. Each kind of event has a bit in the masks of watches.
 */
#ifndef POSTROOM_STORE_KIND_H
#define POSTROOM_STORE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/watching.h"

struct db;

enum kind_of { KIND_OF_TOPIC = 0, KIND_OF_EVENT = 1 };

enum { KIND_EVENT_MOST = 63, KIND_TOPIC_MOST = 1000 };

/* A kind's row. Texts borrow from the arena. */
struct kind {
    enum kind_of of;
    struct span name;
    int bit;           /* of event kinds: 0 to 62; -1 for topics */
    struct span names; /* a JSON object: language to name */
    bool urgent;       /* its events are urgent */
    struct span
        auto_watch;     /* of topic kinds: rules by commas (domain/auto_watch.h); absent: none */
    struct span sample; /* JSON: events to show templates with; absent: none */
    bool secret;        /* mail says no more of it than that something happened */
    enum watch_mode default_mode; /* of topic kinds: of watches that name none */
    enum stream_id stream;        /* of event kinds: of their mail, unless it is urgent */
};

/* kind_find fills `kind`, whose `of` and `name` say which; *ret_found is false when it is not
 * declared. */
MUST_USE bool kind_find(struct db *db, struct arena *arena, struct kind *kind, bool *ret_found,
                        struct error *err);

/* kind_declare makes it first unless it is there. The 64th kind of event is refused by name. */
MUST_USE bool kind_declare(struct db *db, struct arena *arena, struct kind *kind, bool *ret_made,
                           struct error *err);

/* kind_next_bit gives the bit that the next kind of event, `name`, would get; the 64th is refused
 * by name. */
MUST_USE bool kind_next_bit(struct db *db, struct span name, int64_t *ret_bit, struct error *err);

/* kind_save writes all but name and bit of a declared kind; a change of what mail may say of it
 * makes composed letters stale. */
MUST_USE bool kind_save(struct db *db, const struct kind *kind, struct error *err);

/* kind_default_mode gives the mode of new watches of a topic that name none: its kind's, else now.
 */
MUST_USE bool kind_default_mode(struct db *db, int64_t topic, enum watch_mode *ret_mode,
                                struct error *err);

struct kind_list {
    struct kind *at;
    size_t n;
};

/* kind_list reads all kinds of one sort, by name. */
MUST_USE bool kind_list(struct db *db, struct arena *arena, enum kind_of of,
                        struct kind_list *ret_kinds, struct error *err);

/* kind_mask_put appends the names of the event kinds in a mask, divided by commas; nothing for
 * the mask of all. */
MUST_USE bool kind_mask_put(struct db *db, struct buf *to, int64_t mask, struct error *err);

#endif
