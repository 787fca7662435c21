/*
 * A request: what a command, and later an HTTP route, asks of the services. The same handler runs
 * on the ledger of a running daemon or in the command's own process; arguments and answer are
 * JSON objects, and the asking side turns the answer into text for people.
 */
#ifndef POSTROOM_SERVICES_REQUEST_REQUEST_H
#define POSTROOM_SERVICES_REQUEST_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/settings.h"

struct db;

/* What a handler leaves for the record. */
struct request_note {
    json_t *before; /* what stood; NULL: not said */
};

/* What was readied for a request before its transaction; the first member of its maker's struct. */
struct request_ahead {
    void (*free)(struct request_ahead *ahead);
};

struct request {
    json_t *args; /* an object, borrowed */
    int64_t now_ms;
    const char *by; /* who asks, for the record: "uid 1000" */
    const struct settings *settings;
    const uint64_t *scopes;    /* of the token that asks (domain/access.h); NULL: somebody at the
                                * machine, who may all */
    struct request_note *note; /* NULL: nobody keeps a record */
    const struct request_ahead *ahead; /* NULL: nothing was readied, the handler does it all */
    const char *way;                   /* how they ask, for the log of watches; NULL: by command */
};

/* request_may_grant fails naming the field when a token asks that may less than `scopes`: nobody
 * makes another more than they are. */
MUST_USE bool request_may_grant(const struct request *request, uint64_t scopes, const char *field,
                                struct error *err);

/* request_note_before gives what stood before the change, an object that is taken over. */
void request_note_before(const struct request *request, json_t *before);

/* request_way gives the way, in a word. */
MUST_USE const char *request_way(const struct request *request);

/* request_part looks at one object within the args as at a request of its own. */
MUST_USE struct request request_part(const struct request *request, json_t *args);

/* request_text_change applies a wish to a text of the store: an absent one keeps it, an empty one
 * clears it. */
void request_text_change(struct span *text, struct span wish);

/* A handler runs inside a transaction on a writer, or on a read-only connection when it is listed
 * as reading. On success it gives an answer (a new reference); on failure nothing is changed and
 * `err` names the field and the reason. */
typedef bool request_handler(struct db *db, const struct request *request, json_t **ret_answer,
                             struct error *err);

/* A readier does what a request needs no store for, such as reading a long text, on the thread of
 * whoever asks, so that the ledger's is spared. It borrows from the request, and fails as a handler
 * does. */
typedef bool request_readier(const struct request *request, struct request_ahead **ret_ahead,
                             struct error *err);

/* request_allow fails, naming the field, when the args hold a field that is not in `fields`, a
 * list of names divided by spaces. Each handler starts with it. */
MUST_USE bool request_allow(const struct request *request, const char *fields, struct error *err);

/* Each reads one field; absent and null are the same. A wrong type or range fails naming the
 * field. _text borrows from the args (at == NULL when absent). */
MUST_USE bool request_text(const struct request *request, const char *field, struct span *ret_text,
                           struct error *err);
MUST_USE bool request_need_text(const struct request *request, const char *field,
                                struct span *ret_text, struct error *err);
MUST_USE bool request_integer(const struct request *request, const char *field, int64_t least,
                              int64_t most, int64_t fallback, int64_t *ret_value,
                              struct error *err);
MUST_USE bool request_flag(const struct request *request, const char *field, bool fallback,
                           bool *ret_flag, struct error *err);
/* request_moment reads an RFC 3339 time, or a duration from now ("2h"); absent gives 0.
 * request_past is the same for what lies behind us: "2h" is two hours ago. */
MUST_USE bool request_moment(const struct request *request, const char *field, int64_t *ret_utc_ms,
                             struct error *err);
MUST_USE bool request_past(const struct request *request, const char *field, int64_t *ret_utc_ms,
                           struct error *err);

/* request_texts reads a list of texts, or one text as a list of one; absent gives NULL. At most
 * REQUEST_TEXTS_LIMIT, in the arena, borrowing from the args. */
enum { REQUEST_TEXTS_LIMIT = 1000 };
MUST_USE bool request_texts(const struct request *request, const char *field, struct arena *arena,
                            struct span **ret_texts, size_t *ret_count, struct error *err);

/* request_page reads "limit": how many rows a list gives at once, REQUEST_PAGE when absent. */
enum { REQUEST_PAGE = 100, REQUEST_PAGE_MOST = 1000 };
MUST_USE bool request_page(const struct request *request, size_t *ret_limit, struct error *err);

#endif
