/*
 * A topic as a request or an event describes it: what to make of the JSON, and doing it.
 */
#ifndef POSTROOM_SERVICES_REQUEST_TOPIC_WISH_H
#define POSTROOM_SERVICES_REQUEST_TOPIC_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/request/request.h"
#include "store/topic.h"

struct db;

#define TOPIC_WISH_FIELDS "key kind title url label parents default_watch body"

enum { TOPIC_TITLE_LIMIT = 500 };

/* What is to become of a topic. An absent text (at == NULL) stays as it was, an empty one is
 * cleared. Texts borrow from the request or the arena. */
struct topic_wish {
    struct span key;
    struct span kind;
    struct span title;
    struct span url;
    struct span label;
    bool has_new_mode; /* default_watch is given: a mode, or "no" */
    bool is_for_new;
    enum watch_mode new_mode;
    bool has_body; /* body is given: "none" or "full" */
    bool secret;
    const struct span *parents; /* keys; NULL: as they were */
    size_t parent_count;
};

/* topic_wish_read reads the TOPIC_WISH_FIELDS of a request; the key must be there. */
MUST_USE bool topic_wish_read(const struct request *request, struct arena *arena,
                              struct topic_wish *ret_wish, struct error *err);

/* request_body reads the field "body" of a topic or kind: *io_secret is what it says, and stays
 * when the field is not given. */
MUST_USE bool request_body(const struct request *request, bool *io_secret, bool *ret_given,
                           struct error *err);

struct topic_done {
    int64_t id;
    bool made; /* it is new */
};

/* topic_wish_apply makes the topic or changes it. Parents it does not know are made, unless
 * `strict`: then they, and the topic itself, must exist. */
MUST_USE bool topic_wish_apply(struct db *db, const struct topic_wish *wish, bool strict,
                               int64_t now_ms, struct topic_done *ret_done, struct error *err);

/* topic_ensure finds a topic, or "KIND/" and '*', or makes it of nothing but its key, unless
 * `strict`. */
MUST_USE bool topic_ensure(struct db *db, struct span key, bool strict, int64_t now_ms,
                           struct topic_done *ret_done, struct error *err);

/* request_topic reads a field that names a topic and finds it; it must be there. */
MUST_USE bool request_topic(struct db *db, const struct request *request, const char *field,
                            int64_t *ret_id, struct error *err);

#endif
