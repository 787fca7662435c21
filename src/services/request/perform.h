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
    bool reads;         /* runs on a read-only connection, never changes anything */
    bool lives;         /* about the running daemon, which alone answers it: no handler */
    bool is_own_record; /* what it makes says itself who did it and when: events, ... */
};

/* request_perform runs the handler of an entry that writes, inside the caller's transaction, and
 * notes in the audit who asked it what. */
MUST_USE bool request_perform(const struct request_entry *entry, struct db *db,
                              const struct request *request, json_t **ret_answer,
                              struct error *err);

#endif
