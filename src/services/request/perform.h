/*
 * Doing a request that writes: the one place where all of them pass, whoever asks, and where what
 * was changed goes on record.
 */
#ifndef POSTROOM_SERVICES_REQUEST_PERFORM_H
#define POSTROOM_SERVICES_REQUEST_PERFORM_H

#include <stdbool.h>

#include "base/compiler.h"
#include "services/request/request.h"

struct request_entry {
    const char *name; /* "person.add" */
    request_handler *handler;
    bool reads;               /* runs on a read-only connection, never changes anything */
    bool lives;               /* about the running daemon, which alone answers it: no handler */
    bool is_own_record;       /* what it makes says itself who did it and when: events, ... */
    bool is_secret;           /* its answer holds what is shown once */
    bool is_paced;            /* over HTTP it counts for submission.rate */
    request_readier *readier; /* NULL: all is the handler's */
};

/* request_perform runs the handler of an entry that writes, inside the caller's transaction, and
 * notes in the audit who asked it what. */
MUST_USE bool request_perform(const struct request_entry *entry, struct db *db,
                              const struct request *request, json_t **ret_answer,
                              struct error *err);

/* request_ready does what can be done before the transaction, on any thread; *ret_ahead is NULL
 * when that is nothing. Its args, caller and settings must stay until request_ahead_free; NULL is
 * allowed there. */
MUST_USE bool request_ready(const struct request_entry *entry, const struct request *request,
                            struct request_ahead **ret_ahead, struct error *err);
void request_ahead_free(struct request_ahead *ahead);

#endif
