/*
 * A watch as a request or an event describes it.
 */
#ifndef POSTROOM_SERVICES_REQUEST_WATCH_WISH_H
#define POSTROOM_SERVICES_REQUEST_WATCH_WISH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/person_reference.h"
#include "services/request/request.h"
#include "store/watch.h"

struct db;

#define WATCH_WISH_FIELDS "person topic mode kinds delay until origin"

/* Texts borrow from the request or the arena. */
struct watch_wish {
    struct person_reference person; /* unless it is a list or a webhook */
    struct span list;               /* the name of "list:NAME"; absent: no list */
    struct span hook;               /* the name of "hook:NAME"; absent: no webhook */
    bool has_topic;
    struct span topic;        /* a key */
    const struct span *kinds; /* names; NULL: all */
    size_t kind_count;
    struct watch watch; /* all but topic, who and kinds */
    bool has_mode;      /* what the wish names; the rest is watch_wish_complete's */
    bool has_delay;
    bool has_until;
};

/* watch_wish_read reads the WATCH_WISH_FIELDS; the person must be there. Modes and fields that
 * nothing acts on yet are refused by name. */
MUST_USE bool watch_wish_read(const struct request *request, struct arena *arena,
                              struct watch_wish *ret_wish, struct error *err);

/* watch_wish_mask turns the names of kinds into a mask; unknown ones are declared, or refused when
 * `strict`. */
MUST_USE bool watch_wish_mask(struct db *db, const struct watch_wish *wish, bool strict,
                              int64_t *ret_mask, struct error *err);

/* watch_wish_names_person is false for a list or a webhook; watch_wish_find_other finds that, and
 * sets the watcher. */
MUST_USE bool watch_wish_names_person(const struct watch_wish *wish);
MUST_USE bool watch_wish_find_other(struct db *db, struct watch_wish *wish, struct error *err);

/* watch_wish_complete fills in what a wish does not name, when its topic and watcher are set: a
 * watch in force keeps what it has, a new one, or one in place of a mute, has the mode of the
 * topic's kind. */
MUST_USE bool watch_wish_complete(struct db *db, struct watch_wish *wish, int64_t now_ms,
                                  struct error *err);

/* request_watcher reads a field that names a person, "list:NAME" or "hook:NAME": who watches, as in
 * watch.who. */
MUST_USE bool request_watcher(struct db *db, const struct request *request, const char *field,
                              int64_t *ret_who, struct error *err);

#endif
